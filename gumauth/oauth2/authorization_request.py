"""The authorization request: its URL, and the PKCE verifier behind it. Source: RFC 6749 §4.1.1, RFC 7636 §4."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from gumauth.errors import ProviderCodeError

RESERVED = frozenset(
    {"client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method"}
    | {"request", "request_uri"}
)
"""Parameters that no provider file may set; `request` and `request_uri` (RFC 9101) could replace all the others."""


def new_verifier() -> str:
    """A code verifier of 256 random bits, for one request. Secret until the code is exchanged. Promise F1."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str, encoding: Literal["base64url", "hex"] = "base64url") -> str:
    """The S256 code challenge of a verifier: BASE64URL(SHA256(verifier)), unpadded. Source: RFC 7636 §4.2.

    Args:
        verifier: Secret.
        encoding: "hex" for a service that wants the hash in hexadecimal digits, against the standard.
    """
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return digest.hex() if encoding == "hex" else urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def request_url(authorize_url: str, parameters: Mapping[str, str], extra: Mapping[str, str]) -> str:
    """The URL that a browser opens: the query of `authorize_url`, the extra parameters, the flow's. Promise F3.

    Args:
        authorize_url: Its query is kept, its fragment dropped.
        parameters: The flow's.
        extra: Further parameters, which the provider wants.

    Raises:
        ProviderCodeError: `extra` or the query would replace a parameter of the flow.
    """
    parts = urlsplit(authorize_url)
    kept = [*parse_qsl(parts.query, keep_blank_values=True), *extra.items()]
    if clash := sorted(name for name, _ in kept if name in RESERVED or name in parameters):
        raise ProviderCodeError(
            f"The provider may not set `{clash[0]}` in its authorization URL.",
            hint="Take it out of authorize_params and authorize_url in the provider's file.",
        )
    query = urlencode([*kept, *parameters.items()], quote_via=quote)
    return urlunsplit(parts._replace(query=query, fragment=""))
