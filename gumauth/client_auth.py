"""How a client proves itself to a token or revocation endpoint: one way at a time. Source: RFC 6749 §2.3.1."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote_plus

Way = Literal["body", "basic", "none"]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a request carries to prove the client.

    Args:
        headers: Secret.
        fields: Of the body; secret.
    """

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    fields: dict[str, str] = field(default_factory=dict, repr=False)


def prove(client_id: str, client_secret: str | None, *, way: Way, raw: bool = False) -> Proof:
    """The proof that a service wants.

    Args:
        client_id: Public.
        client_secret: Secret; None for a public client, which only says its id.
        way: In the body, by Basic, or "none": the id alone, also where there is a secret.
        raw: Do not form-encode id and secret for Basic, against the RFC, as some servers want it.
    """
    if way == "none" or client_secret is None:
        return Proof(fields={"client_id": client_id})
    if way == "body":
        return Proof(fields={"client_id": client_id, "client_secret": client_secret})
    id_and_secret = (client_id, client_secret) if raw else (quote_plus(client_id), quote_plus(client_secret))
    encoded = b64encode(":".join(id_and_secret).encode()).decode("ascii")
    return Proof(headers={"Authorization": f"Basic {encoded}"})
