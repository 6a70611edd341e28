"""A row of the table of services: what a service's documentation says, written without a look at the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar, cast

ACCESS = "{access_token}"
REFRESH = "{refresh_token}"
"""In an answer: a token that the test makes up."""

TOKENS: Mapping[str, Any] = {
    "access_token": ACCESS,
    "refresh_token": REFRESH,
    "expires_in": 3600,
    "token_type": "Bearer",
}
"""A usual answer of a token endpoint; the scope is put in."""


T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What has to come out of a service's facts, written as its documentation writes it.

    Args:
        name: What people type, the file's name and the class's `name`.
        place: The host and tenant of an account of one's own, for a service that has no usual ones.
        consent: The authorization endpoint.
        token_url: The token endpoint.
        refresh_url: Where refresh tokens go, where that is another endpoint.
        scope: The scopes of the authorization request, joined; "" where none are sent.
        scope_param: The parameter of the authorization request that holds them.
        redirect: The redirect URI, with the first of the ports; without a port where any is taken; https where the
            service refuses http for loopback.
        extra: Parameters of the authorization request beside those of the flow.
        client_id: The parameter that holds the client's id.
        challenge: How the PKCE challenge is encoded; None where the service fails with PKCE.
        auth: How the client authenticates where it has a secret.
        secretless: Whether a client without a secret works.
        id_in_body: Whether the client's id stands in the body too, beside Basic.
        empty_secret: Whether such a client authenticates by Basic with an empty secret.
        encoding: Of the token request's body.
        asked: Further members of the request for a code as "name=value", and headers of token requests as
            "Header: value".
        asked_again: Further members of the request for a refresh token, as "name=value".
        tokens: What the token endpoint answers to a code, from the documentation, with `ACCESS` and `REFRESH`.
        upgrade: The URL at which a code's access token is traded for the one of `tokens`, by GET, and its query, with
            `ACCESS`, and "app" as in `revoked`; None where the code brings that at once.
        short: What the token endpoint answers to a code, where its token is traded.
        refreshed: What it answers to a refresh token; None where no refresh token comes.
        life: Seconds that the first access token lives, by that answer or else by the documentation; None where neither
            says it.
        extras: What `gumauth token --json` shows beside the token, by the paths of the answer.
        device: The device authorization endpoint, and whether its requests hold the client secret; None where there is
            no device grant.
        device_scope: The parameter that holds the scopes in a device's requests.
        revoke: The method and URL of the revocation; None where there is none.
        revoked: The body of a revocation beside the client's authentication, with `ACCESS` or `REFRESH`, client id
            "app" and secret "app" left as they are; None for the usual `token` of RFC 7009.
        revoke_auth: How the client authenticates there: as at the token endpoint ("client"), by "basic", by the token
            in the `header` ("bearer"), or not at all ("none").
        revoke_encoding: Of the body.
        nickname: The URL that is asked whose account it is; None where the service does not tell.
        nickname_method: Of HTTP.
        graphql: Whether that request holds a query, which names what is to be answered.
        nickname_headers: Further headers that this URL demands, as "Header: value", with client id "app".
        header: The header that carries the token, and what stands before it.
        identity_paths: What never changes and no two accounts share.
        answer: What the nickname's URL answers, from the service's documentation.
        identity: The URL that is asked for the identity, and what it answers; None where the nickname's URL tells it.
        person: The nickname and the identity by that answer; the identity's fields are joined by a blank. ("", "")
            without a URL.
    """

    name: str
    place: dict[str, str] = field(default_factory=dict)
    consent: str
    token_url: str
    refresh_url: str | None = None
    scope: str
    scope_param: str = "scope"
    redirect: str
    extra: dict[str, str] = field(default_factory=dict)
    client_id: str = "client_id"
    challenge: Literal["base64url", "hex"] | None = "base64url"
    auth: Literal["body", "basic", "none"] = "body"
    secretless: bool = False
    id_in_body: bool = False
    empty_secret: bool = False
    encoding: Literal["form", "json"] = "form"
    asked: tuple[str, ...] = ()
    asked_again: tuple[str, ...] = ()
    tokens: Mapping[str, Any] = field(default_factory=lambda: TOKENS)
    upgrade: tuple[str, Mapping[str, str]] | None = None
    short: Mapping[str, Any] = field(default_factory=lambda: TOKENS)
    refreshed: Mapping[str, Any] | None = field(default_factory=lambda: TOKENS)
    life: int | None = 3600
    extras: dict[str, str] = field(default_factory=dict)
    device: tuple[str, bool] | None = None
    device_scope: str = "scope"
    revoke: tuple[str, str] | None = None
    revoked: Mapping[str, str] | None = None
    revoke_auth: Literal["client", "basic", "bearer", "none"] = "client"
    revoke_encoding: Literal["form", "json"] = "form"
    nickname: str | None
    nickname_method: Literal["GET", "POST"] = "GET"
    graphql: bool = False
    nickname_headers: tuple[str, ...] = ()
    header: tuple[str, str] = ("Authorization", "Bearer ")
    identity_paths: tuple[str, ...]
    answer: dict[str, Any] = field(default_factory=dict)
    identity: tuple[str, dict[str, Any]] | None = None
    person: tuple[str, str]


def moved(row: Row, before: str, after: str) -> Row:
    """The row of the same service at another place.

    Args:
        row: At its usual place.
        before: A part of its URLs.
        after: What stands there instead.
    """
    fields = {
        name: _moved(value, before, after) for name, value in vars(row).items() if name not in ("name", "redirect")
    }
    return replace(row, **fields)


def _moved(value: T, before: str, after: str) -> T:
    if isinstance(value, str):
        return cast("T", value.replace(before, after))
    return cast("T", tuple(_moved(each, before, after) for each in value)) if isinstance(value, tuple) else value
