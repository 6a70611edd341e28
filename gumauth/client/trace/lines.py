"""The lines of a trace: for a request, for its answer, for what came in place of an answer. Pure.

A request's lines have `>`, an answer's `<`. A header stands as `name: value`, a parameter of the address as
`?name = value`, and a member of the body as `name = value`; of JSON as JSON spells it, so that 3600 is not "3600".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import unquote_plus

from gumauth.client.trace.cut import Cut, is_url, names_secret, parts, secrets_of
from gumauth.client.trace.exchange import Answer, Headers, Sent
from gumauth.client.trace.members import body_lines, members_of, texts_in
from gumauth.oauth2.secret_fields import credentials_in

ORDINARY = ("host", "connection", "accept-encoding", "content-length", "transfer-encoding")
"""Headers of a request that say nothing of what its author wants."""

TELLING = (
    *("content-type", "location", "retry-after", "www-authenticate", "set-cookie"),
    *("x-oauth-scopes", "x-accepted-oauth-scopes"),
)
LIMITS = ("ratelimit", "x-ratelimit", "x-rate-limit")
"""Headers of an answer that are shown, and how the names of further ones begin."""

COOKIE = re.compile(r"(?:^|,\s*)([^=;,\s]+)=")
"""The name of a cookie; some libraries join several headers by commas."""

MEMBERS = ("access_token", "token_type", "refresh_token", "expires_in", "scope", "id_token")
"""Of a token response, as far as it has them."""


def of_request(head: str, sent: Sent, cut: Cut) -> list[str]:
    """The lines for a request.

    Args:
        head: What its first line begins with, such as "#1 exchange".
        sent: Holds secrets.
        cut: Learns the secrets that the request holds.
    """
    url, parameters = parts(sent.url)
    members = members_of(sent.body, _type(sent.headers))
    cut.learn(secrets_of([*parameters, *texts_in(members, is_sent=True)], is_sent=True))
    cut.learn(secret for name, value in sent.headers for secret in _credentials(name, value))
    lines = [f"{head} > {cut.text(sent.method, 20)} {cut.text(url)}"]
    lines += [f"   > ?{cut.text(name, 80)} = {cut.value(name, value, is_sent=True)}" for name, value in parameters]
    lines += [f"   > {line}" for line in _sent_headers(sent.headers, cut)]
    return [*lines, *(f"   > {line}" for line in body_lines(sent.body, members, cut, is_sent=True))]


def of_answer(head: str, answer: Answer, milliseconds: float, cut: Cut) -> list[str]:
    """The lines for an answer; the arguments are as of `of_request`."""
    members = members_of(answer.body, _type(answer.headers))
    cut.learn(secrets_of(texts_in(members, is_sent=False), is_sent=False))
    lines = [f"{head} < {answer.status}{_phrase(answer.status)}, {milliseconds:.0f} ms"]
    lines += [f"   < {line}" for line in _told_headers(answer.headers, cut)]
    body = ["(the body was not read to its end)"] if answer.body is None else None
    return [
        *lines,
        *(f"   < {line}" for line in body or body_lines(answer.body, members, cut, is_sent=False) or ["(no body)"]),
    ]


def of_failure(head: str, error: BaseException, milliseconds: float, cut: Cut) -> list[str]:
    """The line for a request that was not answered; the arguments are as of `of_request`."""
    text = cut.text(str(error), 120).rstrip(".")
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if type(error).__name__ == "CancelledError":
        what = "it was given up"
    return [f"{head} < no answer, {milliseconds:.0f} ms: {what}"]


def shortened(shown: list[str], number: int, before: dict[tuple[str, ...], int]) -> list[str]:
    """The lines for a request or an answer; the first alone where the others have been shown, as when it is polled.

    Args:
        shown: The lines; the first begins with the number and a space, and may end with the time.
        number: Of the exchange.
        before: The numbers of what was shown, which is added to.
    """
    head = re.sub(r", \d+ ms$", "", shown[0].partition(" ")[2])
    first = before.setdefault((head, *shown[1:]), number)
    return shown if first == number or len(shown) == 1 else [f"{shown[0]}, as #{first}"]


def of_callback(fields: Mapping[str, str | None], cut: Cut) -> list[str]:
    """The lines for what the browser brought back: the parameters of the redirect URI that mean something here."""
    named = [(name, value) for name, value in fields.items() if value is not None]
    cut.learn(secrets_of(named, is_sent=True))
    shown = [f"   < ?{cut.text(name, 80)} = {cut.value(name, value, is_sent=True)}" for name, value in named]
    return ["the browser brought", *shown]


def of_result(name: str, result: object, cut: Cut) -> list[str]:
    """The lines for what a method returned.

    Args:
        name: Of the method.
        result: A token response, a URL or another text, or anything: a provider file's method may be wrong.
        cut: Learns the tokens.
    """
    if hasattr(result, "access_token"):
        tokens = [(each, getattr(result, each)) for each in MEMBERS if hasattr(result, each)]
        cut.learn(value for name, value in tokens if isinstance(value, str) and names_secret(name, is_sent=False))
        return [f"{name} returned tokens", *(f"   < {each} = {_python(each, value, cut)}" for each, value in tokens)]
    if not isinstance(result, str):
        return [f"{name} returned {result if result is None or isinstance(result, bool) else type(result).__name__}"]
    if not is_url(result):
        return [f"{name} returned {_python(name, result, cut)}"]
    url, parameters = parts(result)
    cut.learn(secrets_of(parameters, is_sent=True))
    shown = [f"   < ?{cut.text(each, 80)} = {cut.value(each, value, is_sent=True)}" for each, value in parameters]
    return [f"{name} returned {cut.text(url)}", *shown]


def _python(name: str, value: object, cut: Cut) -> str:
    """A value as Python spells it, or the words for a secret."""
    if isinstance(value, str):
        shown = cut.value(name, value, is_sent=False)
        return shown if shown.startswith("(") else f'"{shown}"'
    if value is not None and names_secret(name, is_sent=False):
        return cut.secret(str(value), what=f"secret, {type(value).__name__}")
    return cut.text(repr(value))


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _type(headers: Headers) -> str:
    return next((value.lower() for name, value in headers if name == "content-type"), "")


def _credentials(name: str, value: str) -> list[str]:
    if name.endswith("authorization"):
        return credentials_in(value)
    return [value] if names_secret(name, is_sent=True) else []


def _sent_headers(headers: Headers, cut: Cut) -> Iterator[str]:
    for name, value in headers:
        if name.endswith("authorization"):
            yield f"{name}: {_authorization(value, cut)}"
        elif name == "cookie":
            yield f"{name}: {_cookies(value.replace(';', ','), cut)}"
        elif name not in ORDINARY and (name, value) != ("accept", "*/*"):
            yield f"{cut.text(name, 80)}: {cut.value(name, value, is_sent=True)}"


def _authorization(value: str, cut: Cut) -> str:
    """A scheme with the secret cut; of Basic with the user name, which is the client id. Source: RFC 6749 §2.3.1."""
    scheme, _, credentials = value.strip().partition(" ")
    if not credentials:
        return cut.secret(value)
    user, secret = _basic(credentials) if scheme.lower() == "basic" else ("", "")
    if user and secret:
        return f"{cut.text(scheme, 20)} {cut.value('client_id', user, is_sent=True)} : {cut.secret(secret)}"
    return f"{cut.text(scheme, 20)} {cut.secret(credentials)}"


def _basic(credentials: str) -> tuple[str, str]:
    try:
        user, _, secret = base64.b64decode(credentials).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(user), unquote_plus(secret)


def _told_headers(headers: Headers, cut: Cut) -> Iterator[str]:
    for name, value in headers:
        if name == "set-cookie":
            yield f"{name}: {_cookies(value, cut)}"
        elif name == "location":
            yield f"{name}: {cut.url(value, is_sent=True)}"
        elif name in TELLING or name.startswith(LIMITS):
            yield f"{cut.text(name, 80)}: {cut.text(value)}"


def _cookies(value: str, cut: Cut) -> str:
    return ", ".join(f"{cut.text(name, 80)}=(cut)" for name in COOKIE.findall(value)) or "(cut)"
