"""The codes and tokens that the server has issued."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from gumauth.testing.families import Families
from gumauth.testing.indicators import same
from gumauth.testing.issued import AuthorizationRequest, Code, Family, Login, Token, Tokens, check_verifier, lives
from gumauth.testing.messages import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.testing.settings import Settings

CODE_LIFETIME = 60.0


class Grants:
    """Issues codes and tokens, and revokes them. Safe for threads.

    Args:
        clock: Seconds since 1970.
        settings: Read for every request: `one_grant`, `refresh_once`, `self_contained`,
            `client_credentials`.
        access_lifetime: Seconds that an access token is good for.
        rotate: Whether every use replaces a refresh token; a replaced token that is used again ends its family.
        grace: Seconds during which a replaced refresh token may still be used.
    """

    def __init__(
        self, clock: Callable[[], float], settings: Settings, *, access_lifetime: float, rotate: bool, grace: float
    ) -> None:
        self._clock, self._settings = clock, settings
        self.access_lifetime, self._rotate, self._grace = access_lifetime, rotate, grace
        self._lock = threading.RLock()
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Token] = {}
        self._refresh: dict[str, Token] = {}
        self._families = Families()

    def ends_at(self) -> float:
        """When an access token that is issued now expires, in seconds since 1970."""
        return self._clock() + self.access_lifetime

    def families(self) -> list[Family]:
        """Every family so far, in the order of their first consents."""
        with self._lock:
            return self._families.all()

    def issue_code(self, request: AuthorizationRequest, login: Login) -> str:
        """A code for a person's consent: good once, for 60 seconds."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[code] = Code(request, login, self._clock() + CODE_LIFETIME)
        return code

    def redeem(
        self, code: str, client_id: str, redirect_uri: str, verifier: str | None, *, resource: str | None = None
    ) -> Tokens:
        """The tokens for a code.

        Raises:
            OAuthError: `invalid_grant`, or `invalid_target` for another resource; a code that comes a second time also
                ends the family of the first use.

        Source: RFC 6749 §4.1.2 to §4.1.4, RFC 7636 §4.6.
        """
        with self._lock:
            kept = self._codes.get(code)
            if kept is None or kept.request.client_id != client_id:
                raise OAuthError("invalid_grant", "no such code for this client")
            if kept.family is not None:
                self._families.end(kept.family, "its code was used twice")
                raise OAuthError("invalid_grant", "the code was used before", reuse=True)
            kept.family = 0  # spent from here on, whatever the checks below find
            if kept.expires_at <= self._clock():
                raise OAuthError("invalid_grant", "the code has expired")
            if kept.request.redirect_uri != redirect_uri:
                raise OAuthError("invalid_grant", "the redirect URI is not the one of the authorization request")
            check_verifier(kept.request.challenge, verifier)
            same(kept.request.resource, resource)
            tokens = self.issue(kept.request, kept.login)
            kept.family = tokens.family.number
            return tokens

    def issue(self, request: AuthorizationRequest, login: Login) -> Tokens:
        """The tokens for a consent that was checked."""
        with self._lock:
            earlier = self._families.active(request, login)
            withheld = self._settings.refresh_once and self._have_refresh(earlier)
            if earlier and self._settings.one_grant:
                family = self._families.extend(earlier[-1], request)
            else:
                family = self._families.start(request, login)
            return self._hand_out(family.number, with_refresh=not withheld)

    def issue_to(self, request: AuthorizationRequest) -> Tokens:
        """An access token for a client itself, with no person; each in a family of its own.

        Raises:
            OAuthError: `unsupported_grant_type`; the server has no such grant.

        Source: RFC 6749 §4.4.
        """
        if not self._settings.client_credentials:
            raise OAuthError("unsupported_grant_type", "clients get no tokens of their own")
        with self._lock:
            family = self._families.start(request, Login(person="", workspace=""))
            return self._hand_out(family.number, with_refresh=False)

    def _have_refresh(self, families: list[Family]) -> bool:
        numbers = [family.number for family in families]
        return any(kept.family in numbers for kept in self._refresh.values())

    def refresh(
        self, token: str, client_id: str, scopes: tuple[str, ...] = (), *, resource: str | None = None
    ) -> Tokens:
        """New tokens for a refresh token; `scopes` may name fewer than were granted.

        Raises:
            OAuthError: `invalid_grant`, `invalid_scope` or `invalid_target`; a token that was replaced before ends its
                family.

        Source: RFC 6749 §6, RFC 9700 §4.14.2.
        """
        with self._lock:
            kept = self._refresh.get(token)
            family = self._families[kept.family] if kept else None
            if kept is None or family is None or family.client_id != client_id:
                raise OAuthError("invalid_grant", "no such refresh token for this client")
            if family.ended:
                raise OAuthError("invalid_grant", f"the grant has ended: {family.ended}")
            self._check_use(kept)
            same(family.resource, resource)
            if not set(scopes) <= set(family.scopes):
                raise OAuthError("invalid_scope", "more scopes than were granted")
            self._families.count_refresh(family)
            if self._rotate:
                kept.replaced_at = self._clock()
            return self._hand_out(kept.family, with_refresh=self._rotate)

    def _check_use(self, kept: Token) -> None:
        now = self._clock()
        if kept.expires_at is not None and kept.expires_at <= now:
            raise OAuthError("invalid_grant", "the refresh token has expired")
        if kept.replaced_at is not None and now - kept.replaced_at >= self._grace:
            self._families.end(kept.family, "a replaced refresh token was used again")
            raise OAuthError("invalid_grant", "the refresh token was used before", reuse=True)

    def revoke(self, token: str, client_id: str) -> None:
        """End the family of a refresh token, or one access token; with `one_grant`, the family of either.

        Raises:
            OAuthError: `unsupported_token_type`; access tokens are self-contained.

        Source: RFC 7009 §2.1 to §2.2.1.
        """
        with self._lock:
            family = self.owner_of(token, client_id)
            if family is None:
                return
            access = self._access.get(token)
            if access is not None and self._settings.self_contained:
                raise OAuthError("unsupported_token_type", "an access token is good until it expires")
            if access is not None and not self._settings.one_grant:
                access.expires_at = self._clock()
            else:
                self._families.end(family.number, "revoked")

    def owner_of(self, token: str, client_id: str) -> Family | None:
        """The family of a client's token, good or not; None if the client has no such token."""
        with self._lock:
            kept = self._refresh.get(token) or self._access.get(token)
            family = self._families[kept.family] if kept else None
            return family if family and family.client_id == client_id else None

    def kind_of(self, token: str) -> str:
        """Which kind a token is: "refresh token", "access token" or "unknown"."""
        with self._lock:
            return "refresh token" if token in self._refresh else "access token" if token in self._access else "unknown"

    def family_of(self, access_token: str) -> Family | None:
        """The family of an access token; None where the token is not active."""
        with self._lock:
            kept = self._access.get(access_token)
            if kept is None or not lives(kept, self._clock()):
                return None
            family = self._families[kept.family]
            return family if self._settings.self_contained or not family.ended else None

    def is_active(self, token: str) -> bool:
        """Whether an access or refresh token would be accepted now."""
        with self._lock:
            kept = self._refresh.get(token)
            if kept is None:
                return self.family_of(token) is not None
            living = not self._families[kept.family].ended and lives(kept, self._clock())
            fresh = kept.replaced_at is None or self._clock() - kept.replaced_at < self._grace
            return living and fresh

    def expire(self, tokens: tuple[str, ...]) -> None:
        """Let these tokens expire now; every access token if none is given."""
        with self._lock:
            for token in tokens or tuple(self._access):
                for kept in (self._access.get(token), self._refresh.get(token)):
                    if kept is not None:
                        kept.expires_at = self._clock()

    def end(self, number: int, reason: str) -> None:
        """End a family, as a person does in the settings of a service."""
        with self._lock:
            self._families.end(number, reason)

    def _hand_out(self, number: int, *, with_refresh: bool = True) -> Tokens:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32) if with_refresh else None
        self._access[access] = Token(number, self._clock() + self.access_lifetime)
        if refresh is not None:
            self._refresh[refresh] = Token(number, None)
        return Tokens(family=self._families[number], access=access, refresh=refresh)
