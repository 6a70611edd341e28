"""The client metadata document: what a project publishes, so that its URL is the id of a client. Pure.

Promises M16 and M21. Source: draft-ietf-oauth-client-id-metadata-document §3 and §4; RFC 7591 §2.
"""

from __future__ import annotations

from typing import Any

from gumauth.oauth2.discovery.addresses import URL_LETTERS, parse

REDIRECT_URIS = (
    "http://127.0.0.1/callback",
    "http://localhost/callback",
    "http://127.0.0.1:4862/callback",
    "http://localhost:4862/callback",
)
"""With our usual port for servers that compare exactly; without it for those that let any port match (RFC 8252 §7.3),
which `application_type` "native" asks for."""


def client_document(url: str) -> dict[str, Any]:
    """The document to publish at a URL, as JSON members. It says nothing that is secret.

    No grant type but these two: servers are known to refuse a document with a third one.

    Args:
        url: Where the document will be, without a fault: see `document_fault`.
    """
    return {
        "client_id": url,
        "client_name": "gumauth",
        "client_uri": parse(url).origin,
        "application_type": "native",
        "redirect_uris": [*REDIRECT_URIS],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }


def document_fault(url: str) -> str | None:
    """Why a URL cannot be the id of a client, a clause such as "it is not https"; None where it can.

    A query is not a fault: the draft only advises against one.
    """
    try:
        address = parse(url)
    except ValueError as error:
        return f"it {error}"
    faults = {
        "it is not https": address.scheme != "https",
        "it has no path": address.path in ("", "/"),
        "it has a fragment": bool(address.fragment),
        "it has a segment . or .. in its path": address.has_dot_segments,
        "it holds a character that has to be percent-encoded": not URL_LETTERS.issuperset(url),
    }
    return next((fault for fault, is_there in faults.items() if is_there), None)
