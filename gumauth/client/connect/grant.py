"""What a provider gave, whatever flow brought it: as an account, and as the record of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.refresh.expiry import lifetime
from gumauth.client.scopes import missing
from gumauth.oauth2.token_response import scopes_of
from gumauth.oauth2.traits import Traits
from gumauth.platform.frozen import replace
from gumauth.provider import TokenResponse


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What the provider gave.

    Args:
        response: The tokens.
        client_id: The client in whose name the grant was asked for; None where the provider keeps that to itself.
        requested: Scopes asked for.
        extras: What calls need beside the token; perhaps secret.
        id_token: The OpenID id_token, where one came that can be kept. Secret.
        refresh_expires_at: When the refresh token ends, in seconds since 1970; None where that is not said.
        notices: What the person should know of the answer, in sentences.
    """

    response: TokenResponse
    client_id: str | None
    requested: tuple[str, ...]
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)
    id_token: str | None = field(default=None, repr=False)
    refresh_expires_at: float | None = None
    notices: tuple[str, ...] = ()

    def account(self, blank: Account, traits: Traits) -> Account:
        """The account that has this grant, made of an account that has none."""
        granted = scopes_of(self.response.scope)
        return replace(
            blank,
            scopes=granted or self.requested,
            requested_scopes=self.requested,
            missing_scopes=missing(self.requested, granted, traits),
            refresh_expires_at=self.refresh_expires_at,
            refreshable=blank.is_of_client or bool(self.response.refresh_token),
        )

    def record(
        self, account: Account, older: Record | None, *, refresh_token: str | None, token_url: str | None
    ) -> Record:
        """The record of the account that has this grant.

        Args:
            account: Was connected just now.
            older: The record that the new one replaces; None where there is none.
            refresh_token: The new one, or an older one that goes on. Secret.
            token_url: Where the provider sends refresh tokens to.
        """
        response, now = self.response, account.connected_at
        lives: float | None = response.expires_in
        if lives is None and older is not None and older.client_id == self.client_id:
            lives = lifetime(older)
        return Record(
            access_token=response.access_token,
            refresh_token=refresh_token,
            token_type=response.token_type,
            expires_at=None if lives is None else now + lives,
            obtained_at=now,
            generation=0 if older is None else older.generation,
            grant=account.grant,
            token_url=token_url,
            client_id=self.client_id,
            extras=dict(self.extras),
            id_token=self.id_token,
            account={},
        )

    def lacks_refresh_token(self, traits: Traits) -> list[str]:
        """That no refresh token came although one was expected, in a sentence; none where all is well."""
        said = traits.expects_refresh_token
        is_expected = self.response.expires_in is not None if said is None else said
        if self.response.refresh_token is not None or not is_expected:
            return []
        return ["No refresh token came: when this token ends, the account must be connected again."]
