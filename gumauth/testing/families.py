"""The families that tokens belong to: how a family starts, is extended by another consent, and ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gumauth.testing.issued import Family

if TYPE_CHECKING:
    from gumauth.testing.issued import AuthorizationRequest, Login


class Families:
    """The families by number. Not safe for threads: `Grants` calls it with its lock held."""

    def __init__(self) -> None:
        self._by_number: dict[int, Family] = {}

    def __getitem__(self, number: int) -> Family:
        return self._by_number[number]

    def all(self) -> list[Family]:
        """Every family so far, in the order of their first consents."""
        return list(self._by_number.values())

    def active(self, request: AuthorizationRequest, login: Login) -> list[Family]:
        """The families of the same client, person, workspace and resource that have not ended."""
        same = (request.client_id, login.person, login.workspace, request.resource)
        living = [kept for kept in self.all() if not kept.ended]
        return [kept for kept in living if (kept.client_id, kept.person, kept.workspace, kept.resource) == same]

    def start(self, request: AuthorizationRequest, login: Login) -> Family:
        """A new family, for a consent."""
        return self._put(
            Family(
                number=len(self._by_number) + 1,
                client_id=request.client_id,
                person=login.person,
                workspace=login.workspace,
                scopes=request.scopes,
                resource=request.resource,
                nonce=request.nonce,
            )
        )

    def extend(self, family: Family, request: AuthorizationRequest) -> Family:
        """The family with the scopes of another consent added to its own."""
        more = tuple(scope for scope in request.scopes if scope not in family.scopes)
        return self._put(replace(family, scopes=family.scopes + more))

    def count_refresh(self, family: Family) -> None:
        """Count one more use of the family's refresh token."""
        self._put(replace(family, refreshes=family.refreshes + 1))

    def end(self, number: int, reason: str) -> None:
        """End the family with this number, if there is one and it has not ended."""
        family = self._by_number.get(number)
        if family is not None and family.ended is None:
            self._put(replace(family, ended=reason))

    def _put(self, family: Family) -> Family:
        self._by_number[family.number] = family
        return family
