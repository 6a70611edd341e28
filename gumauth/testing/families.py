"""The families that tokens belong to: how one begins, goes on with another consent, and ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gumauth.testing.issued import Family

if TYPE_CHECKING:
    from gumauth.testing.issued import Ask, Login


class Families:
    """The families by number; who calls it sees to it that nobody else does at the same time."""

    def __init__(self) -> None:
        self._by_number: dict[int, Family] = {}

    def __getitem__(self, number: int) -> Family:
        return self._by_number[number]

    def all(self) -> list[Family]:
        """Every family so far, in the order of their first consents."""
        return list(self._by_number.values())

    def living(self, ask: Ask, login: Login) -> list[Family]:
        """Those of the same client, person and workspace that have not ended."""
        same = (ask.client_id, login.person, login.workspace)
        return [kept for kept in self.all() if not kept.ended and (kept.client_id, kept.person, kept.workspace) == same]

    def begin(self, ask: Ask, login: Login) -> Family:
        """A new one, for a consent."""
        return self._keep(
            Family(
                number=len(self._by_number) + 1,
                client_id=ask.client_id,
                person=login.person,
                workspace=login.workspace,
                scopes=ask.scopes,
            )
        )

    def go_on(self, family: Family, ask: Ask) -> Family:
        """One that another consent was given for; what was granted before stays granted."""
        more = tuple(scope for scope in ask.scopes if scope not in family.scopes)
        return self._keep(replace(family, scopes=family.scopes + more))

    def count_refresh(self, family: Family) -> None:
        """One more use of its refresh token."""
        self._keep(replace(family, refreshes=family.refreshes + 1))

    def end(self, number: int, reason: str) -> None:
        """End it, if there is such a one and it lives."""
        family = self._by_number.get(number)
        if family is not None and family.ended is None:
            self._keep(replace(family, ended=reason))

    def _keep(self, family: Family) -> Family:
        self._by_number[family.number] = family
        return family
