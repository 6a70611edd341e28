"""Whose account a token belongs to, as providers of all kinds say it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gumauth.accounts.account import Account
from gumauth.client import identity_request
from gumauth.client.identity_request import (
    UNASKED,
    Whose,
    ask,
    is_unknown,
    learn,
    read_identity,
    read_nickname,
    unknown,
)
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import NetworkError, NicknameError, Temporary, TokenEndpointError
from gumauth.oauth2.traits import traits_of
from gumauth.platform.frozen import replace
from gumauth.registry.resolved import ResolvedProvider
from tests.accounts.directly import locked, save
from tests.client.world import World

TOO_LATE = 0.05
ADA = Account(provider="acme", id="a" * 16, nickname="ada", connected_at=1.0)
NEW = replace(ADA, nickname=None)
DOWN = NetworkError("acme.example did not answer.")
REFUSED = NicknameError("acme did not say whose account this is: no.")
HANGS = object()


class ByContract:
    """Says a nickname and nothing else."""

    name = "acme"

    def __init__(self) -> None:
        self.nickname: Any = "ada"
        self.identity: Any = "1234"
        self.asked: list[tuple[str, str]] = []

    async def get_nickname(self, access_token: str) -> Any:
        return await self._answer("get_nickname", access_token, self.nickname)

    async def _answer(self, method: str, access_token: str, value: Any) -> Any:
        self.asked.append((method, access_token))
        if isinstance(value, Exception):
            raise value
        if value is HANGS:
            await asyncio.Event().wait()
        return value


class WithIdentity(ByContract):
    """Says an identity too."""

    async def get_identity(self, access_token: str) -> Any:
        return await self._answer("get_identity", access_token, self.identity)


class NoMethod(ByContract):
    """Has something of that name that cannot be called."""

    get_identity = "1234"


@contextmanager
def calling(world: World, provider_class: Any, **answers: object) -> Iterator[ProviderCalls]:
    found = ResolvedProvider(provider_class=provider_class, source="/a.py:A", name="acme", origin="/a.py")
    calls = ProviderCalls(world.context, found, deadline=2.0)
    try:
        for name, value in answers.items():
            setattr(calls.provider, name, value)
        yield calls
    finally:
        calls.close()


def listed(world: World) -> list[Account]:
    return list(world.new_context().accounts.all())


@pytest.mark.parametrize(
    ("nickname", "identity", "known"),
    [
        (None, None, False),
        (None, "", False),
        ("", "", False),
        ("ada", None, True),
        ("ada", "", True),
        (None, "1234", True),
        ("ada", "1234", True),
    ],
)
def test_a_nickname_or_an_identity_tells_an_account_from_another(
    nickname: str | None, identity: str | None, known: bool
) -> None:
    assert Whose(nickname=nickname, identity=identity).is_known is known


def test_where_nobody_was_asked_nothing_is_known() -> None:
    assert Whose(nickname=None, identity=None, notices=()) == UNASKED


@pytest.mark.parametrize(
    ("provider_class", "has"), [(ByContract, False), (NoMethod, False), (WithIdentity, True), (object, False)]
)
def test_a_provider_file_need_not_be_able_to_tell_an_identity(provider_class: Any, has: bool) -> None:
    assert traits_of(provider_class()).has("get_identity") is has


@pytest.mark.requirement("P4", "S4")
@pytest.mark.parametrize(
    ("value", "nickname", "notices"),
    [
        ("ada", "ada", ()),
        (" ada\x1b[31m\r\nlovelace ", "ada lovelace", ()),
        ("\x1b[31m \n", None, ()),
        ("", None, ()),
        (None, None, ()),
        (7, None, ("`get_nickname` returned int instead of a string.",)),
        (0, None, ("`get_nickname` returned int instead of a string.",)),
        (False, None, ("`get_nickname` returned bool instead of a string.",)),
        (b"ada", None, ("`get_nickname` returned bytes instead of a string.",)),
        (["ada"], None, ("`get_nickname` returned list instead of a string.",)),
    ],
)
def test_a_nickname_is_one_printable_line_or_none(
    value: object, nickname: str | None, notices: tuple[str, ...]
) -> None:
    assert read_nickname(value) == (nickname, notices)


def test_a_nickname_of_another_method_is_said_to_be_of_that() -> None:
    assert read_nickname([], "whoami") == (None, ("`whoami` returned list instead of a string.",))


STANDS_IN = ", so the nickname stands for the identity."


@pytest.mark.requirement("P4", "I1")
@pytest.mark.parametrize(
    ("value", "identity", "odd"),
    [
        ("1234", "1234", None),
        ("https://issuer.example 1234", "https://issuer.example 1234", None),
        ("Ada ä", "Ada ä", None),
        ("a" * 500, "a" * 500, None),
        (None, "", None),
        ("", "", None),
        (1234, "1234", None),
        (0, "0", None),
        ("a" * 501, "", "what cannot be one"),
        ("12\n34", "", "what cannot be one"),
        ("12\x1b[31m", "", "what cannot be one"),
        ("\ud800", "", "what cannot be one"),
        (True, "", "bool"),
        (1.5, "", "float"),
        (b"1234", "", "bytes"),
        (["1234"], "", "list"),
        ({}, "", "dict"),
        (10**500, "", "int"),
        pytest.param(10**5000, "", "int", id="5001 digits"),
    ],
)
def test_an_identity_is_a_printable_text_or_a_whole_number(value: object, identity: str, odd: str | None) -> None:
    notices = () if odd is None else (f"`get_identity` returned {odd}{STANDS_IN}",)
    assert read_identity(value) == (identity, notices)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DOWN, "Acme did not say whose account this is: acme.example did not answer."),
        (TokenEndpointError("No."), "Acme did not say whose account this is: No."),
        (REFUSED, "acme did not say whose account this is: no."),
    ],
)
def test_a_provider_that_did_not_say_is_said_to_have_not(error: Any, sentence: str) -> None:
    assert unknown("Acme", error) == sentence


@pytest.mark.requirement("I1", "P4")
@pytest.mark.parametrize(
    ("provider_class", "nickname", "identity", "told"),
    [
        (WithIdentity, "ada", "1234", ("ada", "1234")),
        (WithIdentity, "ada", 7, ("ada", "7")),
        (WithIdentity, "ada", "", ("ada", "")),
        (WithIdentity, "ada", None, ("ada", "")),
        (WithIdentity, "ada", ["1234"], ("ada", "")),
        (WithIdentity, "ada", DOWN, ("ada", None)),
        (WithIdentity, "ada", REFUSED, ("ada", None)),
        (WithIdentity, "ada", KeyError("sub"), ("ada", None)),
        (WithIdentity, DOWN, "1234", (None, "1234")),
        (WithIdentity, REFUSED, "1234", (None, "1234")),
        (WithIdentity, None, "1234", (None, "1234")),
        (WithIdentity, 7, "1234", (None, "1234")),
        (WithIdentity, " ada\n", "1234", ("ada", "1234")),
        (WithIdentity, DOWN, DOWN, (None, None)),
        (ByContract, "ada", "1234", ("ada", "")),
        (NoMethod, "ada", "1234", ("ada", "")),
        (ByContract, "", "1234", (None, "")),
        (ByContract, None, "1234", (None, "")),
        (ByContract, DOWN, "1234", (None, None)),  # asked another day
        (ByContract, REFUSED, "1234", (None, None)),
    ],
)
def test_what_can_be_asked_is_known_and_nothing_that_fails_is_raised(
    world: World, provider_class: Any, nickname: Any, identity: Any, told: tuple[str | None, str | None]
) -> None:
    with calling(world, provider_class, nickname=nickname) as calls:
        if provider_class is not NoMethod:
            calls.provider.identity = identity
        assert ask(calls, "t0ken") == Whose(nickname=told[0], identity=told[1])


@pytest.mark.parametrize(
    ("provider_class", "methods"), [(WithIdentity, ["get_nickname", "get_identity"]), (ByContract, ["get_nickname"])]
)
def test_a_provider_is_asked_once_with_the_token(world: World, provider_class: Any, methods: list[str]) -> None:
    with calling(world, provider_class) as calls:
        ask(calls, "t0ken")
        assert calls.provider.asked == [(method, "t0ken") for method in methods]


def test_a_fresh_token_waits_five_seconds_for_an_answer() -> None:
    assert identity_request.PATIENCE == 5.0


@pytest.mark.requirement("P4")
@pytest.mark.parametrize(
    ("answers", "told"),
    [({"nickname": HANGS}, (None, "1234")), ({"identity": HANGS}, ("ada", None))],
)
def test_a_provider_that_hangs_is_not_waited_for_longer(
    world: World, monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], told: tuple[str | None, str | None]
) -> None:
    monkeypatch.setattr(identity_request, "PATIENCE", 0.2)
    with calling(world, WithIdentity, **answers) as calls:
        began = time.monotonic()
        assert ask(calls, "t0ken") == Whose(nickname=told[0], identity=told[1])
        assert 0.15 < time.monotonic() - began < 1.5


@pytest.mark.parametrize(("identity", "is_so"), [(None, True), ("", False), ("1234", False)])
def test_whose_an_account_is_is_unknown_until_somebody_could_be_asked(identity: str | None, is_so: bool) -> None:
    assert is_unknown(replace(ADA, identity=identity)) is is_so


@pytest.mark.requirement("I8")
@pytest.mark.parametrize(
    ("provider_class", "answers", "before", "learned"),
    [
        (WithIdentity, {}, ADA, {"identity": "1234"}),
        (WithIdentity, {"identity": None}, ADA, {"identity": ""}),
        (WithIdentity, {"nickname": "bob"}, ADA, {"identity": "1234"}),  # what it is called stays
        (WithIdentity, {"nickname": DOWN}, ADA, {"identity": "1234"}),
        (WithIdentity, {}, NEW, {"identity": "1234", "nickname": "ada"}),
        (WithIdentity, {"identity": DOWN}, NEW, {"nickname": "ada"}),
        (WithIdentity, {"nickname": DOWN}, NEW, {"identity": "1234"}),
        (WithIdentity, {}, replace(NEW, alias="work"), {"identity": "1234", "nickname": "ada"}),
        (WithIdentity, {}, replace(NEW, number=7), {"identity": "1234", "nickname": "ada"}),  # that stays its name
        (ByContract, {}, NEW, {"identity": "", "nickname": "ada"}),
        (ByContract, {"nickname": None}, NEW, {"identity": ""}),
        (ByContract, {}, ADA, {"identity": ""}),
    ],
)
def test_what_is_learned_of_an_account_is_listed(
    world: World, provider_class: Any, answers: dict[str, Any], before: Account, learned: dict[str, Any]
) -> None:
    with calling(world, provider_class, **answers) as calls:
        known = learn(world.context, locked(world.context, before), calls, before, "t0ken")
    assert known == replace(before, **learned)
    assert listed(world) == [known]


@pytest.mark.requirement("I8")
def test_a_provider_that_tells_no_identity_is_not_asked_for_a_nickname_that_is_known(world: World) -> None:
    with calling(world, ByContract) as calls:
        learn(world.context, locked(world.context, ADA), calls, ADA, "t0ken")
        assert calls.provider.asked == []
        learn(world.context, locked(world.context, NEW), calls, NEW, "t0ken")
        assert calls.provider.asked == [("get_nickname", "t0ken")]


@pytest.mark.requirement("I8")
@pytest.mark.parametrize(
    ("provider_class", "answers", "before"),
    [
        (WithIdentity, {"nickname": DOWN, "identity": DOWN}, ADA),
        (WithIdentity, {"identity": Temporary("Later.")}, ADA),
        (WithIdentity, {"nickname": DOWN, "identity": DOWN}, NEW),
        (ByContract, {"nickname": DOWN}, NEW),
    ],
)
def test_what_fails_is_tried_another_day(
    world: World, provider_class: Any, answers: dict[str, Any], before: Account
) -> None:
    with calling(world, provider_class, **answers) as calls:
        assert learn(world.context, locked(world.context, before), calls, before, "t0ken") == before
    assert is_unknown(before)
    assert listed(world) == [], "nothing is written"


@pytest.mark.requirement("I6", "I8")
@pytest.mark.parametrize(
    ("before", "other", "number"),
    [
        (NEW, Account(provider="acme", id="b" * 16, nickname="ada"), 2),
        (NEW, Account(provider="acme", id="b" * 16, alias="Ada"), 2),
        (NEW, Account(provider="acme", id="b" * 16, nickname="bob"), None),
        (NEW, Account(provider="other", id="b" * 16, nickname="ada"), None),
        (NEW, ADA, None),  # itself, as another process has listed it meanwhile
        (ADA, Account(provider="acme", id="b" * 16, nickname="ada"), None),  # as an older gumauth called them
        (replace(NEW, alias="work"), Account(provider="acme", id="b" * 16, nickname="ada"), None),
        (replace(NEW, number=7), Account(provider="acme", id="b" * 16, nickname="ada"), 7),
        (replace(NEW, number=7), Account(provider="acme", id="b" * 16, nickname="bob"), 7),
    ],
)
def test_a_nickname_that_is_learned_and_is_another_ones_name_makes_the_account_a_number(
    world: World, before: Account, other: Account, number: int | None
) -> None:
    save(world.context, other)
    with calling(world, WithIdentity) as calls:
        known = learn(world.context, locked(world.context, before), calls, before, "t0ken")
    assert known == replace(before, nickname="ada", identity="1234", number=number)
    assert known in listed(world)


@pytest.mark.requirement("K11", "I8")
def test_where_the_list_cannot_be_written_the_account_is_as_it_was(world: World) -> None:
    Path(world.context.home.data, "accounts", "acme", f"{ADA.id}.json").mkdir(parents=True)
    with calling(world, WithIdentity) as calls:
        assert learn(world.context, locked(world.context, ADA), calls, ADA, "t0ken") == ADA


def test_an_error_that_comes_after_it_was_waited_for_is_not_asyncios_to_tell(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Late(ByContract):
        async def get_nickname(self, access_token: str) -> Any:
            await asyncio.sleep(TOO_LATE)
            raise DOWN

    async def give_up(calls: ProviderCalls) -> BaseException | None:
        begun = calls.start("get_nickname", "t")
        with pytest.raises(NetworkError, match="did not end within"):
            await calls.finish("get_nickname", begun, seconds=0)
        error = await asyncio.to_thread(begun.exception)
        await asyncio.sleep(0)
        return error

    with calling(world, Late) as calls:
        assert asyncio.run(give_up(calls)) is not None
    gc.collect()
    assert caplog.messages == []
