"""Token responses: the members that tell a client its tokens, and how long they are good for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gumauth.testing.clients import Client, may_use
from gumauth.testing.identity import claims_of

if TYPE_CHECKING:
    from gumauth.testing.grants import Grants
    from gumauth.testing.id_token import IdTokens
    from gumauth.testing.issued import Tokens
    from gumauth.testing.settings import Settings


class TokenResponses:
    """Writes token responses (RFC 6749 §5.1).

    Args:
        grants: Says when access tokens expire.
        settings: Read for every response.
        id_tokens: Signs the ID tokens.
    """

    def __init__(self, grants: Grants, settings: Settings, id_tokens: IdTokens) -> None:
        self._grants, self._settings, self._id_tokens = grants, settings, id_tokens

    def fields(self, tokens: Tokens, client: Client) -> dict[str, object]:
        """The members of a response."""
        fields: dict[str, object] = {
            "access_token": tokens.access,
            **self._settings.token_extras,
            "token_type": self._settings.token_type,
            **self.expiry(),
            "scope": " ".join(tokens.family.scopes),
        }
        if tokens.refresh is not None and self._settings.refresh_tokens and may_use(client, "refresh_token"):
            fields["refresh_token"] = tokens.refresh
        if self._settings.send_id_token and tokens.family.person:
            nonce = {} if tokens.family.nonce is None else {"nonce": tokens.family.nonce}
            claims = {**claims_of(tokens.family, self._settings), **nonce}
            fields["id_token"] = self._id_tokens.make(tokens.family.client_id, claims)
        return fields

    def expiry(self) -> dict[str, object]:
        """The members of `send_expiry`, for an access token that is issued now."""
        lives, ends = self._grants.access_lifetime, self._grants.ends_at()
        written = f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%dT%H:%M:%SZ}"
        said: dict[str, object] = {"expires_in": lives, "expires_at": int(ends), "expires": written}
        return {name: said[name] for name in self._settings.send_expiry}
