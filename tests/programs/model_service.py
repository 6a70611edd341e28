"""The kinds of service that the model's lives are lived at, who consents there, and what goes wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from tests.store.memory import MemoryStore

TWIN = {"eve@example.com": "ada@example.com"}
"""Who shows another one's e-mail."""

PEOPLE = ("ada", "grace", "eve")
WORKSPACES = ("acme", "beta")

Tells = Literal["person and workspace", "person", "nickname"]


@dataclass(frozen=True, kw_only=True)
class Login:
    """Who has consented, and where."""

    person: str
    workspace: str

    @property
    def email(self) -> str:
        """What is shown of the person."""
        return TWIN.get(self.person, self.person)


@dataclass(frozen=True, kw_only=True)
class Service:
    """How a service gives grants, and what it tells.

    Args:
        grants: One for a person and a client; one for each consent; or that, and its provider file says so.
        refresh_once: Whether only the first consent gives a refresh token.
        self_contained: Whether access tokens are good until they expire.
        tells: What tells one account from another.
    """

    grants: Literal["one", "separate", "said to be separate"]
    refresh_once: bool
    self_contained: bool
    tells: Tells

    @property
    def ends_older(self) -> bool:
        """Whether a connect may end the grant that it replaces."""
        return self.grants == "said to be separate"

    @property
    def facts(self) -> dict[str, object]:
        """What its provider file says beside its addresses."""
        facts: dict[str, object] = {"separate_grants": self.ends_older}
        if self.tells == "person and workspace":
            facts |= {
                "identity_paths": ("sub", "workspace.id"),
                "nickname_paths": (("email", "workspace.name"), "email"),
            }
        elif self.tells == "nickname":
            facts["identity_paths"] = ()
        return facts

    def nickname(self, login: Login) -> str:
        """What a login is called by it."""
        return f"{login.email} at {login.workspace}" if self.tells == "person and workspace" else login.email

    def told(self, login: Login) -> tuple[str, ...]:
        """What it lets gumauth know of a login: two of which this is the same are one account."""
        if self.tells == "nickname":
            return (login.email,)
        return (login.person, login.workspace) if self.tells == "person and workspace" else (login.person,)


@dataclass(frozen=True, kw_only=True)
class Stumble:
    """A passing failure of the service, during one act."""

    where: Literal["refresh", "userinfo"]
    status: int
    times: int | None


@dataclass(frozen=True, kw_only=True)
class Death:
    """The process dies during one act.

    Args:
        step: At which call of the store.
        after: Whether the call was done before.
        seen: Whether anybody looks at the accounts before the next event.
    """

    step: int
    after: bool
    seen: bool


Mishap = Stumble | Death | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one connect is asked for.

    Args:
        login: Who consents.
        alias: The name that is given.
        replace: Whether it may be taken over.
        answers: What is answered to questions; None where nobody is there.
        mishap: What goes wrong.
    """

    login: Login
    alias: str | None = None
    replace: bool = False
    answers: dict[str, bool] | None = None
    mishap: Mishap = None

    @property
    def yes(self) -> bool:
        """Whether everything is agreed to."""
        return bool(self.answers and self.answers.get(""))

    @property
    def takes(self) -> bool:
        """Whether another account's alias goes over."""
        return self.replace or self.yes

    @property
    def is_nameless(self) -> bool:
        """Whether gumauth may learn nothing of whose account it is."""
        return isinstance(self.mishap, Stumble) and self.mishap.where == "userinfo"

    @property
    def is_deadly(self) -> bool:
        """Whether the process dies."""
        return isinstance(self.mishap, Death)


class Crash(BaseException):
    """The process died here: nothing after this line ran."""


class CrashingStore(MemoryStore):
    """Dies before or after the call that a test says."""

    countdown: int | None = None
    after = False

    def _step(self, *, done: bool) -> None:
        if self.countdown is None or self.after != done:
            return
        if self.countdown == 0:
            self.countdown = None
            raise Crash
        self.countdown -= 1

    def get(self, key: str) -> str | None:
        self._step(done=False)
        value = super().get(key)
        self._step(done=True)
        return value

    def set(self, key: str, value: str) -> None:
        self._step(done=False)
        super().set(key, value)
        self._step(done=True)

    def delete(self, key: str) -> None:
        self._step(done=False)
        super().delete(key)
        self._step(done=True)


def services() -> st.SearchStrategy[Service]:
    """Any kind of service."""
    return st.builds(
        Service,
        grants=st.sampled_from(["one", "separate", "said to be separate"]),
        refresh_once=st.booleans(),
        self_contained=st.booleans(),
        tells=st.sampled_from(["person and workspace", "person", "nickname"]),
    )


def logins() -> st.SearchStrategy[Login]:
    """One of the people, in one of the workspaces."""
    people = st.sampled_from(PEOPLE).map("{}@example.com".format)
    return st.builds(Login, person=people, workspace=st.sampled_from(WORKSPACES))


def mishaps(*, steps: int) -> st.SearchStrategy[Mishap]:
    """Nothing, most of the time; or a stumble, or a death at one of so many calls of the store."""
    passing, times = st.sampled_from([408, 429, 500, 503]), st.sampled_from([1, 2, 3, None])
    refresh = st.builds(Stumble, where=st.just("refresh"), status=passing, times=times)
    userinfo = st.builds(Stumble, where=st.just("userinfo"), status=st.just(503), times=times)
    death = st.builds(Death, step=st.integers(0, steps), after=st.booleans(), seen=st.booleans())
    return st.one_of(st.none(), st.none(), refresh, userinfo, death)
