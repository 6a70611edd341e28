"""What the server has given out: codes, tokens, and the families that one consent's tokens belong to."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from gumauth.testing.issued import Ask, Code, Family, Token, Tokens, check_verifier, lives
from gumauth.testing.messages import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

CODE_LIFETIME = 60.0


class Grants:
    """Gives out codes and tokens, and takes them back.

    Args:
        clock: Seconds since 1970.
        access_lifetime: Seconds that an access token is good for.
        rotate: Whether a refresh token is replaced with every use; the old one used again ends its family.
        grace: Seconds during which the one before may still be used.
    """

    def __init__(self, clock: Callable[[], float], *, access_lifetime: float, rotate: bool, grace: float) -> None:
        self._clock = clock
        self.access_lifetime, self._rotate, self._grace = access_lifetime, rotate, grace
        self._lock = threading.RLock()
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Token] = {}
        self._refresh: dict[str, Token] = {}
        self._families: dict[int, Family] = {}

    def families(self) -> list[Family]:
        """Every family so far, in the order of their consents."""
        with self._lock:
            return list(self._families.values())

    def issue_code(self, ask: Ask, person: str) -> str:
        """A code for a person's consent: good once, for 60 seconds."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[code] = Code(ask, person, self._clock() + CODE_LIFETIME)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str | None) -> Tokens:
        """The tokens for a code.

        Raises:
            Refusal: `invalid_grant`; a code that comes a second time also ends what the first time gave.

        Source: RFC 6749 §4.1.2 to §4.1.4, RFC 7636 §4.6.
        """
        with self._lock:
            kept = self._codes.get(code)
            if kept is None or kept.ask.client_id != client_id:
                raise Refusal("invalid_grant", "no such code for this client")
            if kept.family is not None:
                self._end(kept.family, "its code was used twice")
                raise Refusal("invalid_grant", "the code was used before", reuse=True)
            kept.family = 0  # spent from here on, whatever is found out about it next
            if kept.expires_at <= self._clock():
                raise Refusal("invalid_grant", "the code has expired")
            if kept.ask.redirect_uri != redirect_uri:
                raise Refusal("invalid_grant", "the redirect URI is not the one of the authorization request")
            check_verifier(kept.ask.challenge, verifier)
            kept.family = self._begin(kept)
            return self._hand_out(kept.family)

    def refresh(self, token: str, client_id: str, scopes: tuple[str, ...] = ()) -> Tokens:
        """New tokens for a refresh token; `scopes` may name fewer than were granted.

        Raises:
            Refusal: `invalid_grant` or `invalid_scope`; a token that was replaced before ends its family.

        Source: RFC 6749 §6, RFC 9700 §4.14.2.
        """
        with self._lock:
            kept = self._refresh.get(token)
            family = self._families.get(kept.family) if kept else None
            if kept is None or family is None or family.client_id != client_id:
                raise Refusal("invalid_grant", "no such refresh token for this client")
            if family.ended:
                raise Refusal("invalid_grant", f"the grant has ended: {family.ended}")
            self._check_use(kept)
            if not set(scopes) <= set(family.scopes):
                raise Refusal("invalid_scope", "more scopes than were granted")
            self._families[kept.family] = replace(family, refreshes=family.refreshes + 1)
            if self._rotate:
                kept.replaced_at = self._clock()
            return self._hand_out(kept.family, with_refresh=self._rotate)

    def _check_use(self, kept: Token) -> None:
        now = self._clock()
        if kept.expires_at is not None and kept.expires_at <= now:
            raise Refusal("invalid_grant", "the refresh token has expired")
        if kept.replaced_at is not None and now - kept.replaced_at >= self._grace:
            self._end(kept.family, "a replaced refresh token was used again")
            raise Refusal("invalid_grant", "the refresh token was used before", reuse=True)

    def revoke(self, token: str, client_id: str) -> Family | None:
        """End the grant of a refresh token, or one access token; the family it was of, None if there is none.

        Source: RFC 7009 §2.1 and §2.2.
        """
        with self._lock:
            kept = self._refresh.get(token) or self._access.get(token)
            family = self._families.get(kept.family) if kept else None
            if kept is None or family is None or family.client_id != client_id:
                return None
            if token in self._refresh:
                self._end(family.number, "revoked")
            else:
                kept.expires_at = self._clock()
            return self._families[family.number]

    def kind_of(self, token: str) -> str:
        """What a token is, in words."""
        with self._lock:
            return "refresh token" if token in self._refresh else "access token" if token in self._access else "unknown"

    def family_of(self, access_token: str) -> Family | None:
        """The family of an access token that is good now."""
        with self._lock:
            kept = self._access.get(access_token)
            family = self._families[kept.family] if kept else None
            return family if kept and family and not family.ended and lives(kept, self._clock()) else None

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
        """Let these tokens end now; every access token if none is given."""
        with self._lock:
            for token in tokens or tuple(self._access):
                for kept in (self._access.get(token), self._refresh.get(token)):
                    if kept is not None:
                        kept.expires_at = self._clock()

    def end(self, number: int, reason: str) -> None:
        """End a family, as a person does in the settings of a service."""
        with self._lock:
            self._end(number, reason)

    def _begin(self, code: Code) -> int:
        number = len(self._families) + 1
        self._families[number] = Family(
            number=number, client_id=code.ask.client_id, person=code.person, scopes=code.ask.scopes
        )
        return number

    def _end(self, number: int, reason: str) -> None:
        family = self._families.get(number)
        if family is not None and family.ended is None:
            self._families[number] = replace(family, ended=reason)

    def _hand_out(self, number: int, *, with_refresh: bool = True) -> Tokens:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32) if with_refresh else None
        self._access[access] = Token(number, self._clock() + self.access_lifetime)
        if refresh is not None:
            self._refresh[refresh] = Token(number, None)
        return Tokens(family=self._families[number], access=access, refresh=refresh)
