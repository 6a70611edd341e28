"""The recipes of `gumauth help python` as they stand there, run with the libraries that they are for.

Only the name of the account and of the host are changed: what is on this machine is called acme.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

import gumauth
from tests.client.world import World
from tests.handout.test_python import world as world
from tests.loopback import Answer, Loopback, loopback
from tests.parts.need import need
from tests.reading import python_with

pytestmark = pytest.mark.requirement("H9")


@pytest.fixture
def api() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


def recipe(text: str, **names: str) -> dict[str, Any]:
    """What an example defines, with other names in it."""
    block = python_with(text)
    for old, new in names.items():
        assert f'"{old}"' in block
        block = block.replace(f'"{old}"', f'"{new}"')
    defined: dict[str, Any] = {}
    exec(compile(block, "python.md", "exec"), defined)
    return defined


def end(world: World) -> None:
    """Let the account's token end."""
    world.server.expire()
    world.clock.move(4000)


def bearers(api: Loopback) -> list[str]:
    return [seen.headers["authorization"].removeprefix("Bearer ") for seen in api.seen]


def test_googles_libraries_get_a_token_and_another_when_it_has_ended(world: World, api: Loopback) -> None:
    need(modules=("google.auth",))
    from google.auth.transport.requests import AuthorizedSession

    credentials = recipe("refresh_handler", google="acme")["credentials"]
    with AuthorizedSession(credentials) as session:  # type: ignore[no-untyped-call]
        for _ in range(2):
            assert session.get(api.url).status_code == 200
        first = gumauth.get_token("acme")
        ends = gumauth.get_access_token("acme").expires_at
        assert ends is not None
        assert credentials.expiry == dt.datetime.fromtimestamp(ends, dt.UTC).replace(tzinfo=None)
        end(world)
        credentials.expiry = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - the library has its own clock, and naive times
        assert session.get(api.url).status_code == 200
    assert bearers(api) == [first, first, gumauth.get_token("acme")]
    assert world.server.is_active(bearers(api)[2])
    assert credentials.refresh_token is None


def test_azures_libraries_get_a_token_and_another_when_it_has_ended(world: World, api: Loopback) -> None:
    need(modules=("azure.core",))
    from azure.core import PipelineClient
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy
    from azure.core.rest import HttpRequest

    credential = recipe("azure.core", microsoft="acme")["Credential"]()
    assert isinstance(credential, TokenCredential)
    for _ in range(2):  # a policy keeps a token by the machine's clock
        policy = BearerTokenCredentialPolicy(credential, "https://acme.example/.default")
        with PipelineClient[HttpRequest, Any](api.url, policies=[policy]) as client:
            for _ in range(2):
                answer = client.send_request(HttpRequest("GET", api.url), enforce_https=False)
                assert answer.status_code == 200
        end(world)
    first, again, second, _ = bearers(api)
    assert first == again != second
    assert credential.get_token().expires_on == int(gumauth.get_access_token("acme").expires_at or 0)
    assert world.server.count("refresh") == 2  # the last one for the line above


def test_openais_library_asks_for_the_token_at_each_request(world: World, api: Loopback) -> None:
    need(modules=("openai",))
    api.answers = [Answer(body=json.dumps({"object": "list", "data": []}).encode())]
    defined = recipe("AsyncOpenAI", gateway="acme", **{"https://gateway.example/v1": api.url})

    async def ask() -> None:
        async with defined["in_a_loop"] as client:
            await client.models.list()

    asyncio.run(ask())
    end(world)
    with defined["client"] as client:
        client.models.list()
    asked_in_a_loop, asked = bearers(api)
    assert asked_in_a_loop != asked == gumauth.get_token("acme")
    assert world.server.is_active(asked)
