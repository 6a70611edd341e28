"""The server's settings, which a test may change before the first request or between two."""

from __future__ import annotations

from typing import Literal


class Settings:
    """How the server behaves; every attribute may be set at any time.

    Args:
        one_grant: The first value of `one_grant`.
        refresh_once: The first value of `refresh_once`.
        self_contained: The first value of `self_contained`.
    """

    def __init__(self, *, one_grant: bool = False, refresh_once: bool = False, self_contained: bool = False) -> None:
        self.person: str = "ada@example.com"
        """The e-mail of the person who consents when no login name is given."""
        self.nicknames: dict[str, str] = {}
        """The e-mail that `userinfo` gives in place of a person's own; two people may have the same."""
        self.send_workspace: bool = False
        """Whether `userinfo` names the workspace; True as soon as `workspace` is set, or a login name has one."""
        self._workspace = "acme"
        self.send_issuer: bool = False
        """Whether `iss` goes back with the code (RFC 9207)."""
        self.send_id_token: bool = False
        """Whether token responses carry an `id_token` (OpenID Connect Core 1.0 §3.1.3.3), whatever the scopes."""
        self.id_token_lifetime: float | None = None
        """Seconds that an `id_token` is good for; None for as long as an access token."""
        self.send_expiry: tuple[Literal["expires_in", "expires_at", "expires"], ...] = ("expires_in",)
        """The members that say when a token expires: in seconds, as seconds since 1970, as an ISO 8601 time."""
        self.client_id_name: str = "client_id"
        """The parameter of requests that holds a client's id."""
        self.token_type: str = "Bearer"
        """The `token_type` of token responses."""
        self.token_scheme: str = "Bearer"
        """The scheme that has to stand before an access token in the Authorization header."""
        self.callback_extras: dict[str, str] = {}
        """Further parameters of the callback, as Intuit's `realmId`."""
        self.token_extras: dict[str, object] = {}
        """Further members of token responses, as Salesforce's `instance_url`."""
        self.token_encoding: Literal["form", "json"] = "form"
        """The encoding that bodies of token and revocation requests must have."""
        self.one_grant: bool = one_grant
        """Whether a client has one grant for a person in a workspace: a new consent extends the active family.

        Then the family's older tokens stay good, its scopes are those of all its consents, and revoking any of its
        tokens, also an access token, ends the family.
        """
        self.refresh_once: bool = refresh_once
        """Whether a code gives no refresh token while the same client, person and workspace have a grant with one."""
        self.refresh_tokens: bool = True
        """Whether token responses carry a refresh token at all."""
        self.client_credentials: bool = True
        """Whether confidential clients get tokens of their own, with no person (RFC 6749 §4.4)."""
        self.self_contained: bool = self_contained
        """Whether access tokens are like JWTs: good until they expire, also after their grant has ended.

        Revoking such a token is refused with `unsupported_token_type` (RFC 7009 §2.2.1).
        """

        self.resource_parameter: Literal["accepted", "required", "refused", "ignored"] = "accepted"
        """What is done with the parameter `resource` of requests (RFC 8707).

        Tokens are good for the resource that was named; where it is refused or ignored, for every resource.
        """
        self.resource_exact: bool = False
        """Whether `resource` has to be, byte for byte, the identifier of a resource that the server issues tokens for.

        Without it a token for another resource is issued, which the resource then refuses.
        """

    @property
    def workspace(self) -> str:
        """The workspace of a login name that names none."""
        return self._workspace

    @workspace.setter
    def workspace(self, name: str) -> None:
        self._workspace, self.send_workspace = name, True
