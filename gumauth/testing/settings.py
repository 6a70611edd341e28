"""What may be set on the server, before its first request or between two."""

from __future__ import annotations

from typing import Literal


class Settings:
    """How the server behaves; every attribute may be set at any time.

    Args:
        one_grant: What `one_grant` is at first.
        refresh_once: What `refresh_once` is at first.
        self_contained: What `self_contained` is at first.
    """

    def __init__(self, *, one_grant: bool = False, refresh_once: bool = False, self_contained: bool = False) -> None:
        self.person: str = "ada@example.com"
        """The nickname of who consents when no login name is given."""
        self.nicknames: dict[str, str] = {}
        """The e-mail that is shown in place of a person's own; two people may have one."""
        self.send_workspace: bool = False
        """Whether `userinfo` names the workspace; True as soon as `workspace` is set, or a login name has one."""
        self._workspace = "acme"
        self.send_issuer: bool = False
        """Whether `iss` goes back with the code (RFC 9207)."""
        self.send_id_token: bool = False
        """Whether token responses carry an `id_token` (OpenID Connect Core 1.0 §3.1.3.3), whatever the scopes."""
        self.send_expiry: tuple[Literal["expires_in", "expires_at", "expires"], ...] = ("expires_in",)
        """How token responses say when a token ends: in seconds, as seconds since 1970, as an ISO 8601 time."""
        self.client_id_name: str = "client_id"
        """What a client's id is called in requests."""
        self.token_type: str = "Bearer"
        """What token responses call the access token."""
        self.token_scheme: str = "Bearer"
        """The word that has to stand before an access token in the Authorization header."""
        self.callback_extras: dict[str, str] = {}
        """Parameters that go back with a code, as Intuit's `realmId` does."""
        self.token_extras: dict[str, object] = {}
        """Members that token responses have besides, as Salesforce's `instance_url`."""
        self.token_encoding: Literal["form", "json"] = "form"
        """What the bodies of token and revocation requests must be."""
        self.one_grant: bool = one_grant
        """Whether a client has one grant of a person in a workspace: a new consent goes on with the family that lives.

        Then its older tokens stay good, its scopes are those of all its consents, and revoking any of its tokens, also
        an access token, ends it.
        """
        self.refresh_once: bool = refresh_once
        """Whether a code gives no refresh token while the same client, person and workspace have a grant with one."""
        self.self_contained: bool = self_contained
        """Whether access tokens are like JWTs: good until they expire, whatever becomes of their grant.

        Revoking one is refused with `unsupported_token_type` (RFC 7009 §2.2.1).
        """

    @property
    def workspace(self) -> str:
        """Where a person consents whose login name has no workspace."""
        return self._workspace

    @workspace.setter
    def workspace(self, name: str) -> None:
        self._workspace, self.send_workspace = name, True
