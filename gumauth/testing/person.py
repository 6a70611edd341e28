"""The person and their browser, played over HTTP."""

from __future__ import annotations

import html
import http.client
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = tuple[int, dict[str, str], str]
    """Status, headers with lower-case names, text."""

DEADLINE = 30.0
HIDDEN = re.compile(r'name="consent" value="([^"]*)"')
REASON = re.compile(r'id="reason">(.*?)</p>', re.DOTALL)


class PageRefused(AssertionError):
    """The server showed an error page in place of the consent page; the message is its reason."""


def consent(
    url: str, *, approve: bool, login: str, send: Callable[[str, str, Mapping[str, str] | None], Answer] | None = None
) -> str:
    """Open an authorization URL, and click Allow or Deny.

    Args:
        url: As the provider's `get_url` gives it.
        approve: Whether Allow is clicked.
        login: The login name; empty for the server's `person`.
        send: Sends method, URL and form in place of the network.

    Returns:
        The URL that the browser is redirected to, with the code and the state in it.

    Raises:
        PageRefused: The page shows an error.
    """
    send = send or request
    status, headers, text = send("GET", url, None)
    if "location" in headers:
        return headers["location"]
    hidden = HIDDEN.search(text)
    if hidden is None:
        reason = REASON.search(text)
        raise PageRefused(html.unescape(reason[1]) if reason else f"status {status}")
    decision = "allow" if approve else "deny"
    form = {"consent": html.unescape(hidden[1]), "decision": decision, "login": login}
    status, headers, text = send("POST", urljoin(url, "/consent"), form)
    if "location" not in headers:
        raise PageRefused(f"status {status} after the click")
    return headers["location"]


def deliver(redirect_url: str) -> tuple[int, str]:
    """Open the redirect URL as a browser does, and follow the redirects of the callback on loopback.

    Returns:
        The status and text of the last page.
    """
    for _ in range(5):
        status, headers, text = request("GET", redirect_url)
        if "location" not in headers:
            break
        redirect_url = urljoin(redirect_url, headers["location"])
    return status, text


def request(
    method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One request to loopback: status, headers with lower-case names, text. No proxy, no redirect.

    Over https any certificate will do: the person presses "Proceed" at the browser's warning.
    """
    parts = urlsplit(url)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    body = None if form is None else urlencode(form)
    sent = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
    try:
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection.request(method, target, body, {**sent, **(headers or {})})
        answer = connection.getresponse()
        received = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, received, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=DEADLINE)
    import ssl

    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=DEADLINE, context=anybody)
