"""The requests about a client's registration: to register it, to ask whether it still lives, to delete it.

Source: RFC 7591, RFC 7592.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace as changed
from secrets import token_hex, token_urlsafe
from urllib.parse import urlsplit

from gumauth.errors import NetworkError, RegistrationError, TokenEndpointError
from gumauth.oauth2.client_authentication import authenticate
from gumauth.oauth2.error_meaning import is_code, is_passing, meaning
from gumauth.oauth2.error_members import members_of
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.http import transport
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.oauth2.registration import RegistrationRequest, end_of_secret, members, read, speaker, text
from gumauth.oauth2.registration_error import HINT, is_about_redirects, refusal
from gumauth.oauth2.response import Response
from gumauth.platform.frozen import replace

JSON = {"Accept": "application/json"}

LOOK = 10.0
"""Seconds for the question whether a client still lives, without an answer to which it is used all the same."""

UNAUTHORIZED = 401
GONE = (401, 404, 410)
"""Statuses of a registration that is not there any more. Source: RFC 7592 §2.3."""


async def register(
    url: str, request: RegistrationRequest, *, clock: Callable[[], float] = time.time
) -> RegisteredClient:
    """A newly registered client.

    Where the server complains of redirect URIs on two hosts (127.0.0.1 and localhost), each host's are tried alone; the
    client's `redirect_uris` are those that were taken. Promise M19.

    Args:
        url: The registration endpoint.
        request: What the client is for.
        clock: Gives seconds since 1970.

    Raises:
        RegistrationError: The server refuses, or its answer cannot be used.
        Temporary: The server cannot answer now.
        NetworkError: The server could not be reached.
    """
    first: RegistrationError | None = None
    for each in (request, *_alone(request)):
        try:
            return await _registered(url, each, clock)
        except RegistrationError as error:
            if not is_about_redirects(error):
                raise
            first = first or error
    raise first or RegistrationError(f"{speaker(url)} was not asked.")


def _alone(request: RegistrationRequest) -> list[RegistrationRequest]:
    """The request with the redirect URIs of one host at a time, the first host's last; none where there is one host."""
    hosts: dict[str | None, list[str]] = {}
    for uri in request.redirect_uris:
        hosts.setdefault(urlsplit(uri).hostname, []).append(uri)
    by_host = [tuple(uris) for uris in hosts.values()]
    return [changed(request, redirect_uris=uris) for uris in (*by_host[1:], by_host[0])] if len(by_host) > 1 else []


async def _registered(url: str, request: RegistrationRequest, clock: Callable[[], float]) -> RegisteredClient:
    """The client of one request, or of a second one where the server hands out an older client that has expired.

    Such servers tell clients by their names. Promise M23.
    """
    for each in (request, changed(request, name=f"{request.name} {token_hex(3)}")):
        sent = transport.Request(method="POST", url=url, headers=JSON, json=members(each))
        client = read(await transport.send(sent), each, now := clock(), url=url)
        if client.secret_expires_at is None or client.secret_expires_at > now:
            return client
    raise RegistrationError(f"{speaker(url)} registers clients whose secret has expired already.", hint=HINT)


async def is_alive(client: RegisteredClient, *, token_url: str) -> bool | None:
    """Whether the server still knows a client; None where it does not tell. See `look_up`."""
    return (await look_up(client, token_url=token_url))[0]


async def look_up(client: RegisteredClient, *, token_url: str) -> tuple[bool | None, RegisteredClient]:
    """Whether the server still knows a client, and the client with what the server has changed of it.

    The client's registration is asked for, where the server has told how. Else, or where that answer does not tell, the
    token endpoint is asked with a refresh token that nobody issued, or a code where the client has no refresh: it
    names the client before the grant. Promises D7, M25.

    Args:
        client: May hold secrets, which are sent.
        token_url: The issuer's token endpoint.

    Returns:
        True or False where the server told; None where it did not, or could not be reached.

    Source: RFC 7592 §2.1; RFC 6749 §5.2.
    """
    try:
        if client.management_url is not None:
            response = await transport.send(_management("GET", client), deadline=LOOK)
            if response.status == UNAUTHORIZED:
                return False, client
            if response.ok and text(response.fields(), "client_id") == client.client_id:
                return True, _changed_by(client, response)
        return await _is_known(client, token_url), client
    except (NetworkError, TokenEndpointError):
        return None, client


def _management(method: str, client: RegisteredClient) -> transport.Request:
    headers = {**JSON, "Authorization": f"Bearer {client.management_token}"}
    return transport.Request(method=method, url=client.management_url or "", headers=headers)


def _changed_by(client: RegisteredClient, response: Response) -> RegisteredClient:
    """The client with the token and the secret that came with its registration. Source: RFC 7592 §3."""
    data = response.fields()
    client = replace(client, management_token=text(data, "registration_access_token") or client.management_token)
    secret = text(data, "client_secret")
    if client.client_secret is None or secret is None:
        return client
    return replace(client, client_secret=secret, secret_expires_at=end_of_secret(data))


async def _is_known(client: RegisteredClient, token_url: str) -> bool | None:
    """What the token endpoint tells of a client. A server that misses the id in the body beside Basic has it there."""
    known = _knows(await transport.send(_with_no_grant(client, token_url), deadline=LOOK))
    if known is not False or client.auth_method != "basic":
        return known
    return _knows(await transport.send(_with_no_grant(client, token_url, id_in_body=True), deadline=LOOK))


def _with_no_grant(client: RegisteredClient, token_url: str, *, id_in_body: bool = False) -> transport.Request:
    facts = Facts()
    facts.client_id_in_body = id_in_body
    authentication = authenticate(facts, client.client_id, client.client_secret, client.auth_method)
    if "refresh_token" in client.grant_types:
        fields = {"grant_type": "refresh_token", "refresh_token": token_urlsafe(48)}
    else:
        fields = {"grant_type": "authorization_code", "code": token_urlsafe(32), "code_verifier": token_urlsafe(48)}
        if client.redirect_uris:
            fields["redirect_uri"] = client.redirect_uris[0]
    headers = {**JSON, **authentication.headers}
    return transport.Request(method="POST", url=token_url, headers=headers, form={**fields, **authentication.fields})


def _knows(response: Response) -> bool | None:
    """What the token endpoint's answer to a grant that nobody issued tells of the client."""
    code = members_of(response).code
    if is_code(code, ("invalid_grant",)):
        return True
    if is_passing(response.status):
        return None
    return False if response.status == UNAUTHORIZED or meaning(code) == "client" else None


async def forget(client: RegisteredClient) -> bool:
    """Delete a client's registration at the server; gives whether it is gone, which it is not where nobody told how.

    Raises:
        RegistrationError: The server refuses.
        Temporary: The server could not be reached, or cannot answer now.

    Source: RFC 7592 §2.3.
    """
    if client.management_url is None:
        return False
    response = await transport.send(_management("DELETE", client))
    if response.ok or response.status in GONE:
        return True
    error = refusal(response, speaker=speaker(client.management_url))
    if not isinstance(error, RegistrationError):
        raise error
    raise RegistrationError(
        f"{speaker(client.management_url)} did not delete its registration of gumauth (status {response.status}).",
        hint="It can be deleted in the settings of the service, where it has such.",
        error=error.error,
    )
