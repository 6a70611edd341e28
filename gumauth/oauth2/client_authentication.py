"""Client authentication at a token or revocation endpoint, by one method at a time. Pure. Source: RFC 6749 §2.3."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from gumauth.oauth2.facts import AuthMethod, Facts


@dataclass(frozen=True, kw_only=True)
class ClientAuthentication:
    """The parts of a request by which a client authenticates.

    Args:
        headers: Secret.
        fields: Of the body; secret.
    """

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    fields: dict[str, str] = field(default_factory=dict, repr=False)


def authenticate(facts: Facts, client_id: str, client_secret: str | None, method: AuthMethod) -> ClientAuthentication:
    """The client's credentials, in the headers or in the body. Promise F13.

    Args:
        facts: How the service differs: `basic_raw`, `basic_empty_secret`, `client_id_in_body`, `client_id_param`.
        client_id: Public.
        client_secret: Secret; None for a public client, which sends its id alone.
        method: "none" sends the id alone, also where there is a secret.

    Source: RFC 6749 §2.3.1, RFC 7591 §2 (`token_endpoint_auth_method`).
    """
    id_field = {facts.client_id_param: client_id}
    if client_secret is None and method == "basic" and facts.basic_empty_secret:
        client_secret = ""
    if method == "none" or client_secret is None:
        return ClientAuthentication(fields=id_field)
    if method == "body":
        return ClientAuthentication(fields={**id_field, "client_secret": client_secret})
    pair = (client_id, client_secret) if facts.basic_raw else (quote_plus(client_id), quote_plus(client_secret))
    encoded = b64encode(":".join(pair).encode()).decode("ascii")
    return ClientAuthentication(
        headers={"Authorization": f"Basic {encoded}"}, fields=id_field if facts.client_id_in_body else {}
    )
