"""The authorization endpoint: its checks, the consent page, and the redirect to the client."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gumauth.testing.issued import AuthorizationRequest
from gumauth.testing.messages import OAuthError, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.testing.clients import Client

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""The base64url of a SHA-256, without padding (RFC 7636 §4.2)."""

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { box-sizing: border-box; margin: 0; padding: 1rem; min-height: 100vh; display: grid; place-items: center;
       background: light-dark(#f4f4f6, #17171a); }
main { box-sizing: border-box; width: min(24rem, 100%); padding: 2rem; border-radius: 1rem;
       background: light-dark(#fff, #232327); box-shadow: 0 8px 30px rgb(0 0 0 / 12%); }
h1 { margin: 0 0 1rem; font-size: 1.25rem; }
input, button { box-sizing: border-box; width: 100%; padding: .7rem; border-radius: .6rem; font: inherit;
                border: 1px solid light-dark(#ccc, #444); }
button { margin-top: .75rem; cursor: pointer; background: transparent; }
#allow { background: #4f46e5; border-color: #4f46e5; color: #fff; }
ul { padding-left: 1.2rem; }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# No form-action: Chromium applies it to the redirect that follows the form, which goes to another origin.
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"


BUTTONS = """<button id="allow" name="decision" value="allow">Allow</button>
<button id="deny" name="decision" value="deny">Deny</button>"""


def client_of(query: Mapping[str, str], clients: Mapping[str, Client]) -> tuple[Client, str]:
    """The client of an authorization request, and the redirect URI that the answer may be sent to.

    Raises:
        OAuthError: The client or the redirect URI is not registered; a page tells the person, with no redirect.

    Source: RFC 6749 §4.1.2.1, RFC 9700 §4.1.3.
    """
    client = clients.get(query.get("client_id", ""))
    if client is None:
        raise OAuthError("invalid_request", f"no client has the id {query.get('client_id', '')!r}")
    uri = query.get("redirect_uri", "")
    if not client.may_return_to(uri):
        raise OAuthError("invalid_request", f"the redirect URI {uri!r} is not registered for {client.client_id}")
    return client, uri


def authorization_request(
    query: Mapping[str, str], client: Client, *, resource: str | None = None
) -> AuthorizationRequest:
    """The authorization request in a query, after its checks; `resource` is what the query names, already checked.

    Raises:
        OAuthError: The request breaks a rule; a redirect tells the client.

    Source: RFC 6749 §4.1.1, RFC 7636 §4.4.1, RFC 9700 §2.1.
    """
    if query.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "the response type must be code")
    if not query.get("state"):
        raise OAuthError("invalid_request", "there is no state")
    _check_challenge(query, client)
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=query["redirect_uri"],
        state=query["state"],
        scopes=scopes_of(query, client),
        challenge=query.get("code_challenge"),
        resource=resource,
        nonce=query.get("nonce"),
    )


def scopes_of(parameters: Mapping[str, str], client: Client) -> tuple[str, ...]:
    """The scopes of a request, with blanks or commas between.

    Raises:
        OAuthError: `invalid_scope`; the client may not ask for one of them.
    """
    scopes = tuple(parameters.get("scope", "").replace(",", " ").split())
    if client.scopes is not None and not set(scopes) <= set(client.scopes):
        raise OAuthError("invalid_scope", "the client may not ask for one of these scopes")
    return scopes


def own_request(form: Mapping[str, str], client: Client, resource: str | None) -> AuthorizationRequest:
    """What a client asks for itself, with no person.

    Raises:
        OAuthError: `unauthorized_client` for a client without a secret, or `invalid_scope`.

    Source: RFC 6749 §4.4.
    """
    if client.secret is None:
        raise OAuthError("unauthorized_client", "a client without a secret cannot act for itself")
    scopes = scopes_of(form, client)
    return AuthorizationRequest(client_id=client.client_id, redirect_uri="", state="", scopes=scopes, resource=resource)


WITHOUT_PKCE = "register a client that has none with Client(..., pkce_required=False)"
"""Advice for the author of a provider file without PKCE."""


def _check_challenge(query: Mapping[str, str], client: Client) -> None:
    challenge = query.get("code_challenge")
    if challenge is None:
        if client.pkce_required or "code_challenge_method" in query:
            raise OAuthError("invalid_request", f"there is no code challenge; {WITHOUT_PKCE}")
    elif query.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "the code challenge method must be S256")
    elif not CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "the code challenge is not the base64url of a SHA-256")


def page(request: AuthorizationRequest, consent_id: str, person: str) -> Response:
    """The page on which the person gives a login name (`person` where none is given) and clicks Allow or Deny."""
    scopes = "".join(f"<li>{html.escape(scope)}</li>" for scope in request.scopes)
    body = f"""<h1>Allow {html.escape(request.client_id)} to use your account?</h1>
<form method="post" action="/consent">
<input type="hidden" name="consent" value="{html.escape(consent_id)}">
<label>Login name <input name="login" placeholder="{html.escape(person)}" autocomplete="off"></label>
<p>It asks for:</p><ul>{scopes or "<li>nothing in particular</li>"}</ul>
{BUTTONS}
</form>"""
    return document("Allow access", body)


def error_page(error: OAuthError) -> Response:
    """The page that says why the server does not ask for consent."""
    reason = f'<h1>This request is refused</h1><p id="reason">{html.escape(error.description)}</p>'
    return replace(document("Refused", reason), status=400)


def document(title: str, body: str) -> Response:
    """A page of the server; `body` is HTML."""
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}</style><main>{body}</main></html>"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
    }
    return Response(headers=headers, body=text.encode())


def back(redirect_uri: str, parameters: Mapping[str, str]) -> Response:
    """The redirect to the client, with these parameters added to its query."""
    headers = {"Location": _with_query(redirect_uri, dict(parameters)), "Cache-Control": "no-store"}
    return Response(status=302, headers={**headers, "Referrer-Policy": "no-referrer"})


def redirect_with(answer: Response, changes: Mapping[str, str | None]) -> Response:
    """A redirect with these parameters in place of its own; None leaves a parameter out."""
    location = answer.headers.get("Location")
    if location is None:
        return answer
    changed = {**dict(parse_qsl(urlsplit(location).query, keep_blank_values=True)), **changes}
    bare = urlunsplit(urlsplit(location)._replace(query=""))
    kept = {name: value for name, value in changed.items() if value is not None}
    return replace(answer, headers={**answer.headers, "Location": _with_query(bare, kept)})


def _with_query(uri: str, parameters: dict[str, str]) -> str:
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(parameters))))))


def decision_of(request: Request) -> tuple[str, bool, str]:
    """The consent's id, whether the person clicked Allow, and the login name.

    Raises:
        OAuthError: The form does not come from the consent page.
    """
    form = request.form()
    if form.get("decision") not in ("allow", "deny"):
        raise OAuthError("invalid_request", "neither Allow nor Deny was clicked")
    return form.get("consent", ""), form["decision"] == "allow", form.get("login", "")
