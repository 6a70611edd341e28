"""A client that a server has registered for gumauth, as it is kept for the issuer. Pure."""

from __future__ import annotations

from gumauth.platform.frozen import from_json, frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.oauth2.facts import AuthMethod

SLACK = 60.0
"""Seconds before its end in which a client secret is not used any more: a person takes a while to consent."""

METHODS: tuple[AuthMethod, ...] = ("none", "body", "basic")


@frozen
class RegisteredClient:
    """A registered client, with what it was registered for. Times are seconds since 1970.

    Args:
        client_id: Public.
        client_secret: Secret; None for a public client.
        auth_method: The one method of client authentication that the server expects.
        redirect_uris: The redirect URIs that were registered, ours and not those that the server echoed.
        grant_types: The grants that the client may use.
        registered_at: When the server registered the client.
        secret_expires_at: When the client secret ends; None where it does not.
        management_url: Where the registration can be read and deleted (RFC 7592); None where there is no such place.
        management_token: Secret; the token for `management_url`.
        worked_at: When tokens last came with this client; None where none ever did.
        doubtful_since: When a connect with this client ended without an answer, after which no tokens came.
    """

    client_id: str
    client_secret: str | None = None
    auth_method: AuthMethod = "none"
    redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    registered_at: float
    secret_expires_at: float | None = None
    management_url: str | None = None
    management_token: str | None = None
    worked_at: float | None = None
    doubtful_since: float | None = None

    _secret = ("client_secret", "management_token")

    def is_usable(self, now: float) -> bool:
        """Whether a connect may begin with this client: its secret lives on, and there is no doubt about it."""
        is_expired = self.secret_expires_at is not None and self.secret_expires_at <= now + SLACK
        return not is_expired and self.doubtful_since is None


def parse(data: dict[str, Any]) -> RegisteredClient:
    """A client from the members of a stored JSON object.

    Raises:
        ValueError: A member is missing, unknown, or of another type.
    """
    client = from_json(RegisteredClient, data)
    if client.auth_method not in METHODS or not client.client_id:
        raise ValueError("no such method of client authentication, or no client id")
    return client
