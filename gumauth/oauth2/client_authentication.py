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


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a service wants the client to prove itself.

    Args:
        way: In the body, by Basic, or "none": the id alone, also where there is a secret.
        raw: Do not form-encode id and secret for Basic, against the RFC, as some servers want it.
        id_in_body: The id stands in the body too, beside Basic.
        empty_secret: A public client uses Basic with an empty secret.
        id_param: What the body calls the id.
    """

    way: Way
    raw: bool = False
    id_in_body: bool = False
    empty_secret: bool = False
    id_param: str = "client_id"


def prove(client_id: str, client_secret: str | None, manner: Manner) -> Proof:
    """The proof that a service wants.

    Args:
        client_id: Public.
        client_secret: Secret; None for a public client, which only says its id.
        manner: What the service wants.
    """
    by_id = {manner.id_param: client_id}
    if client_secret is None and manner.way == "basic" and manner.empty_secret:
        client_secret = ""
    if manner.way == "none" or client_secret is None:
        return Proof(fields=by_id)
    if manner.way == "body":
        return Proof(fields={**by_id, "client_secret": client_secret})
    pair = (client_id, client_secret) if manner.raw else (quote_plus(client_id), quote_plus(client_secret))
    encoded = b64encode(":".join(pair).encode()).decode("ascii")
    return Proof(headers={"Authorization": f"Basic {encoded}"}, fields=by_id if manner.id_in_body else {})
