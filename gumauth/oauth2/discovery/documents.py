"""The metadata of a resource and of an authorization server, read from JSON. Pure.

Only what is used is read. Only what cannot be done without has to be there: an optional member that is null, empty or
of a wrong type is as good as absent. Promise M30. Source: RFC 9728 §2; RFC 8414 §2; OpenID Connect Discovery §3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gumauth.oauth2.discovery.addresses import fault
from gumauth.platform.text import one_line

MOST = 200
"""Entries of a list that are read."""

LONGEST = 2000
"""Characters of a text; a longer one is as good as absent."""


@dataclass(frozen=True, kw_only=True)
class ResourceMetadata:
    """What a protected resource says of itself. All texts are foreign, without control characters.

    Args:
        resource: Its identifier, byte for byte.
        authorization_servers: Issuers, byte for byte.
        scopes: None where it lists none.
        name: What it calls itself; "" where it does not say.
        needs_proof: Whether it always wants tokens with a proof of possession (DPoP).
    """

    resource: str
    authorization_servers: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    name: str = ""
    needs_proof: bool = False


@dataclass(frozen=True, kw_only=True)
class ServerMetadata:
    """What an authorization server says of itself. All texts are foreign, without control characters.

    URLs are as they were read: `wrong_endpoints` checks them. Lists are None where the metadata has none.

    Args:
        issuer: Byte for byte.
        authorize_url: The authorization endpoint; "" where there is none.
        token_url: The token endpoint.
        registration_url: RFC 7591.
        revoke_url: RFC 7009.
        userinfo_url: OpenID Connect Core §5.3.
        device_url: RFC 8628.
        par_url: For pushed requests, RFC 9126.
        requires_par: Whether every authorization request has to be pushed.
        scopes: Some of the scopes that there are.
        grant_types: Such as "refresh_token".
        auth_methods: Of client authentication at the token endpoint, as RFC 7591 spells them.
        challenge_methods: Of PKCE.
        sends_issuer: Whether `iss` comes with every callback (RFC 9207).
        takes_documents: Whether a client metadata document can be the client.
        needs_signed_request: Whether authorization requests have to be signed (RFC 9101).
        documentation: The page for developers; "" where there is none.
    """

    issuer: str
    authorize_url: str = ""
    token_url: str
    registration_url: str | None = None
    revoke_url: str | None = None
    userinfo_url: str | None = None
    device_url: str | None = None
    par_url: str | None = None
    requires_par: bool = False
    scopes: tuple[str, ...] | None = None
    grant_types: tuple[str, ...] | None = None
    auth_methods: tuple[str, ...] | None = None
    challenge_methods: tuple[str, ...] | None = None
    sends_issuer: bool = False
    takes_documents: bool = False
    needs_signed_request: bool = False
    documentation: str = ""


def read_resource(data: object) -> ResourceMetadata:
    """The metadata of a protected resource.

    Args:
        data: Parsed JSON.

    Raises:
        ValueError: It is none; a clause says what is missing.
    """
    members = _members(data)
    return ResourceMetadata(
        resource=_required(members, "resource"),
        authorization_servers=_list(members, "authorization_servers") or (),
        scopes=_scopes(members),
        name=_text(members, "resource_name") or "",
        needs_proof=members.get("dpop_bound_access_tokens_required") is True,
    )


def read_server(data: object) -> ServerMetadata:
    """The metadata of an authorization server or an OpenID provider.

    Args:
        data: Parsed JSON.

    Raises:
        ValueError: It is none; a clause says what is missing.
    """
    members = _members(data)
    return ServerMetadata(
        issuer=_required(members, "issuer"),
        authorize_url=_text(members, "authorization_endpoint") or "",
        token_url=_required(members, "token_endpoint"),
        registration_url=_text(members, "registration_endpoint"),
        revoke_url=_text(members, "revocation_endpoint"),
        userinfo_url=_text(members, "userinfo_endpoint"),
        device_url=_text(members, "device_authorization_endpoint"),
        par_url=_text(members, "pushed_authorization_request_endpoint"),
        requires_par=members.get("require_pushed_authorization_requests") is True,
        scopes=_scopes(members),
        grant_types=_list(members, "grant_types_supported"),
        auth_methods=_list(members, "token_endpoint_auth_methods_supported"),
        challenge_methods=_list(members, "code_challenge_methods_supported"),
        sends_issuer=members.get("authorization_response_iss_parameter_supported") is True,
        takes_documents=members.get("client_id_metadata_document_supported") is True,
        needs_signed_request=members.get("require_signed_request_object") is True,
        documentation=_text(members, "service_documentation") or "",
    )


def wrong_endpoints(server: ServerMetadata, asked_from: str) -> list[str]:
    """What is wrong with a server's endpoints, a clause for each; empty where they may be used. Promise D3.

    Args:
        server: As it was read.
        asked_from: The address that the person typed.
    """
    endpoints = {
        "authorization_endpoint": server.authorize_url,
        "token_endpoint": server.token_url,
        "registration_endpoint": server.registration_url,
        "revocation_endpoint": server.revoke_url,
        "userinfo_endpoint": server.userinfo_url,
        "device_authorization_endpoint": server.device_url,
        "pushed_authorization_request_endpoint": server.par_url,
    }
    faults = {name: (url, fault(asked_from, url)) for name, url in endpoints.items() if url}
    return [f"its {name} {one_line(url)} {reason}" for name, (url, reason) in faults.items() if reason]


def _members(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")
    return data


def _required(members: dict[str, Any], name: str) -> str:
    text = _text(members, name)
    if text is None:
        raise ValueError(f"it has no {name}")
    return text


def _text(members: dict[str, Any], name: str) -> str | None:
    value = members.get(name)
    return value if _is_text(value) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()


def _list(members: dict[str, Any], name: str) -> tuple[str, ...] | None:
    """The texts of a list, each once; None where there are none."""
    value = members.get(name)
    if not isinstance(value, list):
        return None
    return tuple(dict.fromkeys(entry for entry in value[:MOST] if _is_text(entry))) or None


def _scopes(members: dict[str, Any]) -> tuple[str, ...] | None:
    """The scopes of a list; an entry with a blank in it would be read as two (RFC 6749 §3.3)."""
    return tuple(scope for scope in _list(members, "scopes_supported") or () if " " not in scope) or None
