"""Clients whose id is the URL of a document that describes them; the server is given the documents and fetches none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from gumauth.testing.clients import LOOPBACK, Client
from gumauth.testing.messages import OAuthError

Ports = Literal["exact", "loopback address", "loopback"]
"""For which redirect URIs of a native client any port is good: none, those at 127.0.0.1 or [::1], or localhost too."""

LONGEST = 5120
"""Bytes that a document may have."""


class ClientDocumentSettings:
    """How the server treats client ids that are URLs; every attribute may be set at any time."""

    def __init__(self) -> None:
        self.client_documents_supported: bool = False
        """Whether client ids may be URLs of client metadata documents, and the metadata say so."""
        self.client_documents: dict[str, dict[str, object]] = {}
        """The documents by their URLs, as if the server had fetched them."""
        self.client_documents_ports: Ports = "loopback address"
        """For which redirect URIs of a document with the application type native any port is good (RFC 8252 §7.3)."""
        self.client_documents_refused: bool = False
        """Whether every such client is refused, on a page in the browser, as where only some hosts are trusted."""


def client_of_document(url: str, settings: ClientDocumentSettings) -> Client:
    """The client that a document describes.

    Raises:
        OAuthError: The URL or its document breaks a rule, there is none, or the server trusts none.

    Source: draft-ietf-oauth-client-id-metadata-document, "Client Identifier" and "Client Information Discovery".
    """
    _check_url(url)
    if settings.client_documents_refused:
        raise _error("clients of this host are not trusted")
    document = settings.client_documents.get(url)
    if document is None:
        raise _error("no document is at the client id")
    if document.get("client_id") != url:
        raise _error("the document names another client id")
    if document.get("token_endpoint_auth_method", "none") != "none" or "client_secret" in document:
        raise _error("a client with a document has no secret")
    if len(json.dumps(document)) > LONGEST:
        raise _error(f"the document is longer than {LONGEST} bytes")
    native = document.get("application_type") == "native"
    hosts = {"exact": (), "loopback address": ("127.0.0.1", "::1"), "loopback": LOOPBACK}
    return Client(
        url,
        redirect_uris=_texts(document, "redirect_uris"),
        auth=("none",),
        any_port=native,
        any_port_hosts=hosts[settings.client_documents_ports],
        grant_types=_texts(document, "grant_types") if "grant_types" in document else ("authorization_code",),
    )


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _error("the client id is no URL") from None
    segments = parts.path.split("/")
    if parts.scheme != "https" or not parts.netloc or "@" in parts.netloc:
        raise _error("the client id is no https URL, or has a user in it")
    if parts.path in ("", "/") or "#" in url or {".", ".."} & set(segments):
        raise _error("the client id has no path, a fragment, or a dot segment")


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = document.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise _error(f"{name} of the document is no list of texts")
    return tuple(value)


def _error(description: str) -> OAuthError:
    return OAuthError("invalid_client", description, status=401)
