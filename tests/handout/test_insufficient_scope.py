"""A 403 for want of a scope: the response is passed on, and a warning has the command that asks for the scope."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import gumauth
from gumauth.handout import insufficient_scope, python
from tests.client.world import World
from tests.handout.test_python import world as world

pytestmark = pytest.mark.requirement("D10")

TOOLS: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "echo", "arguments": {"text": "a"}},
}
ACCEPT = {"Accept": "application/json, text/event-stream"}

Ask = Callable[[World], httpx.Response]


@pytest.fixture(autouse=True)
def nothing_told() -> Iterator[None]:
    insufficient_scope._told.clear()
    yield
    insufficient_scope._told.clear()


def ask(world: World) -> httpx.Response:
    with httpx.Client(auth=gumauth.Auth("acme"), headers=ACCEPT) as client:
        return client.post(world.server.resource_url, json=TOOLS)


def ask_in_a_loop(world: World) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(auth=gumauth.Auth("acme"), headers=ACCEPT) as client:
            return await client.post(world.server.resource_url, json=TOOLS)

    return asyncio.run(ask())


def have(world: World, *scopes: str) -> None:
    """Let the account have these scopes."""
    world.connect(scopes=scopes)
    python._cache.clear()


@pytest.fixture
def wanting(world: World) -> World:
    """The server's resource wants a scope for its tools that the account has not; its tokens are good for it."""
    have(world, "read")
    world.server.resource_parameter = "ignored"
    world.server.resource.method_scopes = {"tools/call": ("admin",)}
    return world


@pytest.mark.parametrize("ask", [ask, ask_in_a_loop])
def test_the_response_is_passed_on_and_the_warning_has_the_command(wanting: World, ask: Ask) -> None:
    with pytest.warns(gumauth.InsufficientScope) as told:
        response = ask(wanting)
    assert response.status_code == 403
    assert response.headers["WWW-Authenticate"].startswith('Bearer error="insufficient_scope", scope="read admin"')
    (said,) = told
    assert str(said.message) == (
        "The token of acme/ada@example.com lacks admin for this request to 127.0.0.1."
        " Run `gumauth connect acme/ada@example.com --add-scope admin`."
    )
    assert said.filename == __file__
    assert wanting.server.count("refresh") == 0
    assert wanting.server.count("resource", "refused") == 1


@pytest.mark.parametrize("ask", [ask, ask_in_a_loop])
def test_a_scope_that_a_fresh_token_lacks_too_is_told_after_the_refresh(wanting: World, ask: Ask) -> None:
    gumauth.get_token("acme")
    wanting.clock.move(100)
    wanting.server.expire()
    with pytest.warns(gumauth.InsufficientScope):
        assert ask(wanting).status_code == 403
    assert wanting.server.count("refresh") == 1


def test_the_same_warning_is_shown_once(wanting: World) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        with httpx.Client(auth=gumauth.Auth("acme"), headers=ACCEPT) as client:
            for _ in range(3):
                client.post(wanting.server.resource_url, json=TOOLS)
    assert len(told) == 1


def test_a_program_can_make_it_an_exception(wanting: World) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", gumauth.InsufficientScope)
        with pytest.raises(gumauth.InsufficientScope, match="--add-scope admin"):
            ask(wanting)
    assert python._cache == {}  # the next request looks for a token with the scope


def answered(*values: str, status: int = 403) -> list[str]:
    """What is warned of a response with these challenges."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=[("WWW-Authenticate", value) for value in values])

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with httpx.Client(auth=gumauth.Auth("acme"), transport=httpx.MockTransport(answer)) as client:
            assert client.get("http://127.0.0.1:9/").status_code == status
    return [str(warning.message) for warning in told]


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", 'Bearer error="invalid_token", scope="admin"', 'Basic error="insufficient_scope", scope="admin"'],
)
def test_another_refusal_is_passed_on_without_a_word(world: World, value: str) -> None:
    assert answered(value) == []
    assert answered() == []


def test_a_good_response_is_passed_on_without_a_word(world: World) -> None:
    assert answered('Bearer error="insufficient_scope", scope="admin"', status=200) == []


def test_only_the_scopes_that_the_account_has_not_are_named(world: World) -> None:
    have(world, "read", "write")
    (said,) = answered('Bearer error="insufficient_scope", scope="read write admin"')
    assert "lacks admin for this request" in said


def test_scopes_that_the_account_has_are_named_where_no_other_is_wanted(world: World) -> None:
    have(world, "read")
    (said,) = answered('Bearer error="insufficient_scope", scope="read"')
    assert "--add-scope read`" in said


def test_a_service_that_does_not_say_which_scope_is_said_not_to(world: World) -> None:
    assert answered('Bearer error="insufficient_scope"') == [
        "The token of acme/ada@example.com lacks a scope for this request, and 127.0.0.1 does not say which."
    ]


def test_foreign_text_is_no_command_and_no_control_character(world: World) -> None:
    (said,) = answered('Bearer error="insufficient_scope", scope="$(reboot) a;b \x1b[2Jc `x`"')
    assert "--add-scope '$(reboot)' --add-scope 'a;b'" in said
    assert "--add-scope '`x`'" in said
    assert "\x1b" not in said


def test_a_scope_is_no_option_of_the_command(world: World) -> None:
    (said,) = answered('Bearer error="insufficient_scope", scope="--replace"')
    assert said.endswith("Run `gumauth connect acme/ada@example.com --add-scope=--replace`.")


def test_only_a_few_of_many_scopes_are_named(world: World) -> None:
    (said,) = answered(f'Bearer error="insufficient_scope", scope="{" ".join(f"s{number}" for number in range(99))}"')
    assert said.count("--add-scope") == 10


def test_a_host_to_which_a_redirect_led_is_not_believed(world: World) -> None:
    """It did not get the token, so that it cannot say what the token lacks."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "127.0.0.1":
            return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})
        return httpx.Response(403, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="admin"'})

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        transport = httpx.MockTransport(answer)
        with httpx.Client(auth=gumauth.Auth("acme"), transport=transport, follow_redirects=True) as client:
            assert client.get("http://127.0.0.1:9/").status_code == 403
    assert told == []


def test_what_is_remembered_of_warnings_has_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insufficient_scope, "MOST_TOLD", 3)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for number in range(20):
            insufficient_scope.warn(world.account(), "127.0.0.1", (f"s{number}",))
    assert len(told) == 20
    assert len(insufficient_scope._told) <= 4


def test_the_category_needs_no_httpx_and_auth_no_category() -> None:
    code = """
import sys, gumauth
gumauth.InsufficientScope
print("httpx" in sys.modules)
del sys.modules["gumauth.handout.insufficient_scope"]
gumauth.Auth
print("gumauth.handout.insufficient_scope" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
