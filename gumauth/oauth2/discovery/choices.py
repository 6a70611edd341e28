"""What to ask of a discovered server: scopes, client, and its authentication; and what cannot be asked. Pure.

Promises D4, D6, M16, M26, M33 and M34. Lists are metadata's; None or empty where the metadata has none.
"""

from __future__ import annotations

from typing import Literal

from gumauth.oauth2.facts import AuthMethod
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.errors import GumauthError
    from gumauth.oauth2.discovery.documents import ResourceMetadata, ServerMetadata

Way = Literal["prepared", "document", "registration"]
"""How a client comes to be: a person registered it, a client metadata document is it, or it is registered now."""

OPENID_SCOPES = ("openid", "profile", "email")
OFFLINE = "offline_access"

RESOURCE_REFUSED = ("invalid_target", "aadsts901002", "aadsts9010010")
"""Words of an error about the parameter `resource`. Source: RFC 8707 §2; Microsoft."""

METHODS: dict[str, AuthMethod] = {"none": "none", "client_secret_post": "body", "client_secret_basic": "basic"}
"""Client authentication, as RFC 7591 §2 spells it → as it is spelled here."""


def scopes_to_ask(
    wanted: tuple[str, ...],
    challenged: tuple[str, ...] | None,
    resource: tuple[str, ...] | None,
    server: tuple[str, ...] | None,
    grant_types: tuple[str, ...] | None,
    *,
    has_resource: bool,
) -> tuple[str, ...]:
    """The scopes of the authorization request; empty where none are asked for. Promises D6, M33 and M34.

    Those that the person wants, and no others; else the challenge's; else all of the resource's, or, for an issuer
    without a resource, who the person is. `offline_access` is added to some scopes where the server lists it, and taken
    out of the resource's where the server lists others: it is the server that gives refresh tokens.

    Args:
        wanted: By the person.
        challenged: From WWW-Authenticate.
        resource: From the resource's metadata.
        server: From the server's metadata. Never all of them: they are for its other resources too.
        grant_types: From the server's metadata.
        has_resource: Whether the address is a resource.

    Source: MCP authorization, 2026-07-28, "Scope Selection Strategy"; OpenID Connect Core §5.4 and §11.
    """
    if wanted:
        return wanted
    can_refresh = not grant_types or "refresh_token" in grant_types
    if challenged:
        scopes = challenged
    elif has_resource:
        keeps = can_refresh and (not server or OFFLINE in server)
        scopes = tuple(scope for scope in resource or () if scope != OFFLINE or keeps)
    else:
        scopes = tuple(scope for scope in OPENID_SCOPES if scope in (server or ("openid",)))
    is_offered = can_refresh and OFFLINE in (server or ())
    return (*scopes, OFFLINE) if scopes and is_offered and OFFLINE not in scopes else scopes


def auth_method(listed: tuple[str, ...] | None, *, has_secret: bool) -> AuthMethod | None:
    """How a client authenticates that was registered elsewhere; None where the server knows only what gumauth does not.

    Args:
        listed: `token_endpoint_auth_methods_supported`. Servers forget to list "none", so a client without a secret
            sends its id alone to every server that takes a method of ours.
        has_secret: Whether the client has a secret.

    Source: RFC 8414 §2: without a list, `client_secret_basic`.
    """
    known = [METHODS[name] for name in listed or ("client_secret_basic",) if name in METHODS]
    if not known:
        return None
    return next((method for method in known if method != "none"), "none") if has_secret else "none"


def client_ways(
    *,
    prepared: bool,
    takes_documents: bool,
    document_url: str | None,
    auth_methods: tuple[str, ...] | None,
    registration_url: str | None,
) -> tuple[Way, ...]:
    """The ways to a client, the first one first; empty where a person has to register one. Promises M15 and M16.

    A prepared client stands alone: what a person registered is not replaced unsaid. A document comes before a
    registration, unless the server lists methods and not "none", which is how the client of a document authenticates.

    Args:
        prepared: Whether there is a client that a person registered.
        takes_documents: `client_id_metadata_document_supported`.
        document_url: Of our client metadata document; None where none is published.
        auth_methods: `token_endpoint_auth_methods_supported`.
        registration_url: The registration endpoint.

    Source: MCP authorization, 2026-07-28, "Client Registration Approaches".
    """
    if prepared:
        return ("prepared",)
    document: tuple[Way, ...] = ("document",) if takes_documents and document_url else ()
    registration: tuple[Way, ...] = ("registration",) if registration_url else ()
    return (*registration, *document) if auth_methods and "none" not in auth_methods else (*document, *registration)


def refusal(server: ServerMetadata, resource: ResourceMetadata | None, *, has_resource: bool) -> str | None:
    """Why a service cannot be connected: a clause; None where nothing speaks against it. Promise D4.

    Args:
        server: Of its authorization server.
        resource: Of the resource, where that has metadata.
        has_resource: Whether the address is a resource, so that the server is another party.

    Source: RFC 7636 §4.2; RFC 9728 §2; RFC 9101 §10.5; RFC 8414 §2.
    """
    who = "its authorization server" if has_resource else "it"
    if resource is not None and resource.needs_proof:
        return "it takes only tokens with a proof of possession (DPoP)"
    if server.needs_signed_request:
        return f"{who} takes only signed authorization requests"
    if server.auth_methods and auth_method(server.auth_methods, has_secret=True) is None:
        return f"{who} takes only clients that authenticate by {_shown(server.auth_methods)}"
    if not server.authorize_url and not server.device_url:
        return f"{who} has neither a page for consent nor a device grant"
    if server.challenge_methods and "S256" not in server.challenge_methods:
        return f"{who} does not take PKCE with S256, only {_shown(server.challenge_methods)}"
    return None


def s256_unsaid(server: ServerMetadata) -> bool:
    """Whether a server does not say which methods of PKCE it takes; S256 is sent all the same. Promise D4."""
    return not server.challenge_methods


def refuses_resource(error: GumauthError) -> bool:
    """Whether a server's error is about the parameter `resource`. Promise D5."""
    words = f"{error.error or ''} {error.message}".lower()
    return any(word in words for word in RESOURCE_REFUSED)


def _shown(names: tuple[str, ...]) -> str:
    return one_line(", ".join(names))
