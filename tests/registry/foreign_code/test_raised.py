"""What a file has raised reaches its author, in one line and without a secret."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gumauth.provider import TokenResponse
from gumauth.registry.foreign_code import raised
from gumauth.registry.foreign_code.hidden_secrets import hidden

TOKEN = "Zk3vYb8mQe5rTn1x-Wc7u_Ld9h"


def caught(function: Callable[[], Any]) -> BaseException:
    try:
        function()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError


@pytest.mark.requirement("P6")
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("clinet_id", "name 'clinet_id' is not defined"),
        ("(lambda region: 0)()", "<lambda>() missing 1 required positional argument: 'region'"),
        ("int('x\\n')", "invalid literal for int() with base 10: 'x\\n'"),
        ("''.jsn()", "'str' object has no attribute 'jsn'"),
        ("raise_('\\x1b[31mtwo\\nlines\\u202e')", "two lines"),
        (
            "raise_('status 400: invalid_client, code: invalid_client.')",
            "status 400: invalid_client, code: invalid_client",
        ),
        ("raise_('invalid token: expired; token_type=unsupported')", "invalid token: expired; token_type=unsupported"),
        ("raise_('https://acme.example/oauth2/v2/authorize')", "https://acme.example/oauth2/v2/authorize"),
        ("raise_('no member get_oauth2_v2_endpoint_1')", "no member get_oauth2_v2_endpoint_1"),
        ("raise_('')", ""),
    ],
)
def test_the_words_of_an_error_are_repeated(source: str, message: str) -> None:
    def raise_(text: str) -> None:
        raise ValueError(text)

    error = caught(lambda: eval(source, {"raise_": raise_}))
    assert raised.message(error, ()) == message


def from_a_mapping() -> None:
    data = {"ok": True, "access_token": TOKEN}
    raise ValueError(f"odd answer: {list(data.values())}")


def from_a_variable() -> None:
    new_refresh_token = TOKEN
    raise ValueError(f"kept {new_refresh_token[:12]}")


def from_an_object() -> None:
    class Acme:
        def __init__(self) -> None:
            self._verifier = TOKEN

        def exchange(self) -> None:
            raise RuntimeError(f"no {self._verifier}")

    Acme().exchange()


def from_tokens() -> None:
    answer = TokenResponse(access_token=TOKEN)
    raise RuntimeError(f"unexpected {vars(answer)}")


def from_an_answer() -> None:
    r = httpx.Response(200, json={"data": {"refresh_token": TOKEN}})
    raise RuntimeError(f"unexpected {r.text}")


def from_a_cause() -> None:
    try:
        from_a_mapping()
    except ValueError as error:
        raise RuntimeError(f"again: {error}") from error


def by_its_name() -> None:
    raise RuntimeError('{"access_token": "simplyword1", "x": 1}')


def by_its_looks() -> None:
    raise RuntimeError("what is " + TOKEN[::-1] + "?")


@pytest.mark.requirement("P6", "S1")
@pytest.mark.parametrize(
    "function",
    [
        from_a_mapping,
        from_a_variable,
        from_an_object,
        from_tokens,
        from_an_answer,
        from_a_cause,
        by_its_name,
        by_its_looks,
    ],
)
def test_no_secret_that_the_code_has_come_by_is_repeated(function: Callable[[], None]) -> None:
    error = caught(function)
    shown = "\n".join([raised.message(error, ()), *raised.way(error, ())])
    assert "…" in shown
    for at in range(len(TOKEN) - 8):
        assert TOKEN[at : at + 8] not in shown
    assert "simplyword1" not in shown
    assert TOKEN[::-1] not in shown


@pytest.mark.requirement("P6")
def test_the_way_names_places_and_no_values() -> None:
    error = caught(from_a_cause)
    way = raised.way(error, ())
    assert [line.partition(" in ")[2] for line in way if " in " in line] == [
        "from_a_cause",
        "from_a_mapping",
        "caught",
        "from_a_cause",
    ]
    assert way[-1].startswith("  RuntimeError: again: odd answer")


@pytest.mark.requirement("P6")
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("asyncio.run(nothing())", "gumauth runs the method in an event loop"),
        ("loop.run_until_complete(nothing())", "gumauth runs the method in an event loop"),
        ("nothing().json()", "`await` the coroutine"),
        ("len(nothing())", "`await` the coroutine"),
        ("nothing()['access_token']", "`await` the coroutine"),
        ("1/0", ""),
    ],
)
def test_what_to_do_about_what_was_not_awaited_is_said(text: str, hint: str) -> None:
    async def nothing() -> None: ...

    async def run() -> str:
        made: list[Any] = []
        source = text.replace("nothing()", "(made.append(nothing()) or made[-1])")
        names = {"asyncio": asyncio, "nothing": nothing, "made": made, "loop": asyncio.get_running_loop()}
        try:
            eval(source, names)
        except Exception as error:  # noqa: BLE001
            given = raised.advice(error) or ""
            raised.close_coroutines(error)
            for each in made:
                each.close()
            return given
        raise AssertionError

    given = asyncio.run(run())
    assert given.startswith(hint)
    assert bool(given) == bool(hint)


def test_what_a_foreign_error_does_when_it_is_asked_ends_nothing() -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert raised.message(Rude(), ()) == ""
    assert json.dumps(raised.way(Rude(), ())) == '["  Rude"]'


@pytest.mark.requirement("P6")
def test_a_coroutine_that_an_error_has_on_its_way_is_ended_without_a_warning() -> None:
    """Warnings are errors here: the interpreter's about one that nobody awaited would fail the test."""

    async def nothing() -> None: ...

    async def run() -> None:
        coroutine = nothing()
        assert asyncio.iscoroutine(coroutine)
        asyncio.run(coroutine)

    async def calling() -> None:
        try:
            await run()
        except RuntimeError as error:
            raised.close_coroutines(error)

    asyncio.run(calling())


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("word", ["a1B2", "token=", "token", "x_", "a-"])
def test_a_long_text_takes_no_long_time(word: str) -> None:
    def fail() -> None:
        raise ValueError(word * 20_000)

    error = caught(fail)
    before = time.process_time()
    raised.message(error, [TOKEN])
    hidden(word * 2_000, ())
    assert time.process_time() - before < 2


@pytest.mark.requirement("S1")
def test_letters_that_show_nothing_take_no_secret_apart() -> None:
    def fail() -> None:
        raise ValueError("simply\u200bword\x1b[1mone")

    assert raised.message(caught(fail), ["simplywordone"]) == "…"


@pytest.mark.requirement("Y8")
def test_what_all_frames_have_in_common_is_looked_into_once() -> None:
    class Acme:
        def __init__(self) -> None:
            self.cache = {number: {"a": number, "b": [number]} for number in range(5000)}
            self._token = TOKEN

        def exchange(self) -> None:
            self.exchange()

    error = caught(Acme().exchange)
    before = time.process_time()
    assert raised.message(error, ()) == "maximum recursion depth exceeded"
    raised.way(error, ())
    assert time.process_time() - before < 3
