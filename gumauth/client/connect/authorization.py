"""The authorization request as it is sent, the answer that is expected, and the error for another answer. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from gumauth.callback import Answer, Expected
from gumauth.client import credentials
from gumauth.errors import AuthorizationError, Denied, GumauthError, ProviderCodeError, Temporary
from gumauth.oauth2.error_meaning import is_code, meaning, plain
from gumauth.oauth2.error_response import HINTS
from gumauth.oauth2.token_response import scopes_of
from gumauth.oauth2.traits import Traits
from gumauth.oauth2.urls import safe_url
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider

PKCE = re.compile(r"(?i)pkce|code.?challenge")


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """The authorization request, as it stands in the URL.

    Args:
        url: Safe to print and to open.
        client_id: None where the URL carries no client id.
        scopes: Asked for.
        response_mode: How the provider is to send the answer; None where the URL does not say.
    """

    url: str
    client_id: str | None
    scopes: tuple[str, ...]
    response_mode: str | None = None


def read(
    url: str, *, resolved: ResolvedProvider, traits: Traits, state: str, redirect_uri: str
) -> AuthorizationRequest:
    """The request that a provider's `get_url` made, checked. Promise B1.

    Args:
        url: Made by `get_url`.
        resolved: The provider.
        traits: Of the provider: the names of the parameters.
        state: Given to `get_url`.
        redirect_uri: Given to `get_url`.

    Raises:
        MissingCredentials: The client id in the URL is empty.
        ProviderCodeError: The URL does not carry our state and redirect URI, so that no callback could be believed.
        GumauthError: The URL may not be opened in a browser.

    Source: RFC 6749 §4.1.1.
    """
    url, client_id = safe_url(url), traits.client_id_param
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    if query.get(client_id, ["-"])[0] in credentials.NO_ID:
        raise credentials.missing(resolved.name, resolved.argument, traits.secret)
    for name, value in (("state", state), ("redirect_uri", redirect_uri)):
        if query.get(name) != [value]:
            raise ProviderCodeError(
                f"`get_url` of {resolved.name} made a URL without the `{name}` that it was given.",
                hint="The provider's file has to be mended: the URL needs `state` and `redirect_uri`.",
            )
    return AuthorizationRequest(
        url=url,
        client_id=query[client_id][0] if client_id in query else None,
        scopes=scopes_of(" ".join(query.get(traits.scope_param, []))),
        response_mode=query["response_mode"][0] if "response_mode" in query else None,
    )


def expected(sent: AuthorizationRequest, traits: Traits, state: str) -> Expected:
    """What the right answer carries, and whether it may come as a form: the provider's traits or the URL say so."""
    mode = traits.response_mode or sent.response_mode
    return Expected(
        state=state,
        issuer=traits.issuer,
        issuer_required=traits.issuer_required,
        form_post=mode == "form_post",
        kept=traits.callback_extras,
    )


def form_came(shown: str) -> str:
    """The sentence about a form that came and was not expected. Anybody may have sent it."""
    return (
        f"A form came to the callback. If it is {shown}'s answer (response_mode=form_post): end this with Ctrl-C, set"
        ' `response_mode = "query"` in the provider\'s class, or "form_post" if it knows no other, and connect again.'
    )


def error_of(shown: str, answer: Answer, traits: Traits, sent: AuthorizationRequest | None = None) -> GumauthError:
    """The error for an answer that holds no code.

    Args:
        shown: What people call the provider.
        answer: With an error of the provider's.
        traits: Of the provider: its own words for a person's no.
        sent: The request that was refused, where it is known.

    Source: RFC 6749 §4.1.2.1, RFC 7636 §4.4.1.
    """
    error, description = one_line(answer.error or "", 80), one_line(answer.description or "")
    said = f"{error}: {description}" if description and description != error else error
    means = meaning(answer.error, answer.description, denied=traits.denied_errors)
    if means == "denied":
        why = description if is_code(error, ["access_denied"]) else said
        return Denied(
            f"Access was denied at {shown}{f': {why}' if why else '.'}", hint="Connect again, and allow it there."
        )
    if means == "passing":
        return Temporary(f"{shown} could not answer just now: {said}", hint="Try again.")
    return AuthorizationError(f"{shown} refused: {said}", error=error, hint=_hint(said, plain(error), sent))


def _hint(said: str, error: str, sent: AuthorizationRequest | None) -> str | None:
    if sent is not None and "code_challenge=" not in sent.url and PKCE.search(said):
        return "It wants PKCE, which this provider file does not send: add it there, or inherit gumauth.OAuth2Provider."
    return HINTS.get(error)
