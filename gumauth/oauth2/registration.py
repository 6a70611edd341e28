"""Dynamic client registration: the request, and what its response means. Pure. Source: RFC 7591, RFC 7592.

`registration_calls` sends the request, `registration_error` words a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NoReturn, get_args
from urllib.parse import urlsplit

from gumauth import __version__
from gumauth.errors import RegistrationError
from gumauth.oauth2.discovery.addresses import origin
from gumauth.oauth2.discovery.choices import METHODS
from gumauth.oauth2.error_response import is_error_response
from gumauth.oauth2.facts import AuthMethod
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.oauth2.registration_error import HINT, refusal
from gumauth.oauth2.response import Response
from gumauth.platform.frozen import LATEST
from gumauth.platform.text import one_line

RegisteredMethod = Literal["none", "client_secret_post", "client_secret_basic"]
"""The value of `token_endpoint_auth_method`. Source: RFC 7591 §2."""

DEFAULT_METHOD = "client_secret_basic"
"""What a registration without `token_endpoint_auth_method` means. Source: RFC 7591 §2."""

NAME = "gumauth"
CODE = "authorization_code"

LONGEST = 8192
"""Characters of a client id, a client secret and a management token; some servers' are signed objects."""


@dataclass(frozen=True, kw_only=True)
class RegistrationRequest:
    """What a client is registered for.

    Args:
        redirect_uris: Every redirect URI that a connect may send, with the port that is held now.
        grant_types: The grants that are needed; the one that a connect begins with comes first.
        auth_method: The method of client authentication that is asked for; the response may name another.
        scope: The scopes that the person named; None leaves the member out, because some servers refuse it.
        name: What the consent page may call the client.
    """

    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...] = (CODE, "refresh_token")
    auth_method: RegisteredMethod = "none"
    scope: str | None = None
    name: str = NAME


def members(request: RegistrationRequest) -> dict[str, Any]:
    """The JSON body of a registration request. Promise D7.

    Source: RFC 7591 §2 and §3.1; OpenID Connect Registration §2 (`application_type`, which means "web" where absent).
    """
    body = {
        "client_name": request.name,
        "redirect_uris": list(request.redirect_uris),
        "grant_types": list(request.grant_types),
        "response_types": ["code"] if CODE in request.grant_types else [],
        "token_endpoint_auth_method": request.auth_method,
        "application_type": "native",
        "software_id": NAME,
        "software_version": __version__,
    }
    return body if request.scope is None else {**body, "scope": request.scope}


def choose_method(listed: tuple[str, ...] | None, url: str) -> RegisteredMethod:
    """The method of client authentication to register with: none where the server takes that, else its first of ours.

    Args:
        listed: `token_endpoint_auth_methods_supported`; None or empty where the metadata does not say. "none" is asked
            for then: the server's answer names what it wants in its place.
        url: The registration endpoint, for the error.

    Raises:
        RegistrationError: The server lists only methods that gumauth does not have.

    Source: RFC 8414 §2.
    """
    if not listed or "none" in listed:
        return "none"
    for method in listed:
        for known in get_args(RegisteredMethod):
            if method == known:
                return known  # type: ignore[no-any-return]
    raise RegistrationError(
        f"{speaker(url)} wants client authentication by {one_line(' or '.join(listed))}, which gumauth does not have.",
        hint=HINT,
    )


def read(response: Response, request: RegistrationRequest, now: float, *, url: str) -> RegisteredClient:
    """The client that a response registers. What the server returns rules, but for redirect URIs. Promises D7, M27.

    Args:
        response: To the registration request.
        request: What was asked for.
        now: Seconds since 1970.
        url: The registration endpoint: only its origin may manage the registration.

    Raises:
        RegistrationError: The server refused, or its answer is no registration that could be used.
        Temporary: The server cannot answer now.

    Source: RFC 7591 §3.2.
    """
    if is_error_response(response):
        raise refusal(response, speaker=speaker(url))
    data = response.fields()
    client_id, secret = text(data, "client_id"), text(data, "client_secret")
    if client_id is None:
        _refuse(url, "answered without a client id that could be used")
    method = _method(data, request, secret, url)
    listed = data.get("grant_types")
    granted = tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
    management_url, token = text(data, "registration_client_uri"), text(data, "registration_access_token")
    is_managed = management_url is not None and token is not None and is_same_origin(management_url, url)
    return RegisteredClient(
        client_id=client_id,
        client_secret=None if method == "none" else secret,
        auth_method=method,
        redirect_uris=request.redirect_uris,
        grant_types=granted if request.grant_types[0] in granted else request.grant_types,
        registered_at=now,
        secret_expires_at=None if method == "none" else end_of_secret(data),
        management_url=management_url if is_managed else None,
        management_token=token if is_managed else None,
    )


def _method(data: dict[str, Any], request: RegistrationRequest, secret: str | None, url: str) -> AuthMethod:
    """The method of client authentication that the server has registered. Promises M26, M27."""
    named = data.get("token_endpoint_auth_method") or _unnamed(request, secret)
    method = METHODS.get(named) if isinstance(named, str) else None
    if method is None:
        _refuse(url, f"registered client authentication by {one_line(named, 60)}, which gumauth does not have")
    if method != "none" and secret is None:
        _refuse(url, f"registered client authentication by {named}, and gave no client secret")
    return method


def _unnamed(request: RegistrationRequest, secret: str | None) -> str:
    """The method where the response names none: the one that was asked for, if it goes with the secret that came."""
    return request.auth_method if (request.auth_method == "none") == (secret is None) else DEFAULT_METHOD


def end_of_secret(data: dict[str, Any]) -> float | None:
    """When the client secret of a response ends, in seconds since 1970; None for never, as 0 says, and for nonsense."""
    end = data.get("client_secret_expires_at")
    if isinstance(end, str) and end.isascii() and end.isdecimal():
        end = float(end[:20])
    if isinstance(end, bool) or not isinstance(end, int | float):
        return None
    return float(end) if 0 < end < LATEST else None


def text(data: dict[str, Any], name: str) -> str | None:
    """A member that holds a text of printable ASCII, as RFC 6749 appendix A wants them; None for anything else."""
    value = data.get(name)
    is_good = isinstance(value, str) and 0 < len(value) <= LONGEST and value.isascii() and value.isprintable()
    return value if is_good else None


def speaker(url: str) -> str:
    """What an error calls the server: the host of an endpoint."""
    try:
        return one_line(urlsplit(url).hostname or url)
    except ValueError:
        return one_line(url)


def is_same_origin(one: str, other: str) -> bool:
    """Whether two URLs have scheme, host and port in common. Source: RFC 6454 §5."""
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False


def _refuse(url: str, what: str) -> NoReturn:
    raise RegistrationError(f"{speaker(url)} {what}.", hint=HINT)
