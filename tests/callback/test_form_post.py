"""The answer as a form that the browser posts: taken where it is expected, and never read otherwise.

Source: OAuth 2.0 Form Post Response Mode.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from gumauth.callback import Answer, Expected
from gumauth.callback.pages import connected_page
from gumauth.callback.rejections import POSTED_FORM, Rejection
from tests.callback.test_hostile import besieged, right_one
from tests.callback.wire import STATE, form, get, head, in_a_loop, listening, read_reply, send

PAGE = connected_page("Linear", "ada@example.com")
RIGHT = f"code=c0de-5f&state={STATE}"


@pytest.mark.requirement("C4", "C8")
@pytest.mark.parametrize("pieces", [1, 2, 40])
@in_a_loop
async def test_a_form_with_the_right_state_is_the_answer_however_it_is_cut(pieces: int) -> None:
    listener = await listening(form_post=True)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    content = form(listener, RIGHT, more="Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n")
    size = -(-len(content) // pieces)
    for at in range(0, len(content), size):
        writer.write(content[at : at + size])
        await writer.drain()
        await asyncio.sleep(0)
    assert await listener.wait() == Answer(code="c0de-5f")
    finishing = asyncio.create_task(listener.finish(PAGE))
    reply = read_reply(await reader.read())
    writer.close()
    assert reply.status == 303
    assert (await get(listener, reply.headers["location"])).body == PAGE.body
    await finishing
    assert listener.rejections == {}


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    ("body", "options", "status", "reason"),
    [
        ("code=c&state=wrong", {}, 400, "wrong state"),
        ("code=c", {}, 400, "missing state"),
        ("", {}, 400, "missing state"),
        (f"state={STATE}", {}, 400, "no answer"),
        (f"{RIGHT}&code=other", {}, 400, "repeated parameter"),
        (RIGHT, {"more": "Sec-Fetch-Mode: cors\r\n"}, 403, "no visit"),
        (RIGHT, {"more": "Sec-Fetch-Dest: iframe\r\n"}, 403, "no visit"),
        (RIGHT, {"more": "Sec-Purpose: prefetch\r\n"}, 403, "prefetch"),
        (RIGHT, {"path": "/other"}, 404, "other path"),
        (RIGHT, {"path": f"/callback?{RIGHT}", "length": 16_385}, 413, "large form"),
        (RIGHT, {"more": "Transfer-Encoding: chunked\r\n"}, 405, "other method"),
    ],
)
@in_a_loop
async def test_a_stray_form_does_not_end_the_wait(body: str, options: dict[str, str], status: int, reason: str) -> None:
    listener = await listening(form_post=True)
    reply = read_reply(await send(listener, form(listener, body, **options)))  # type: ignore[arg-type]
    assert reply.status == status
    assert listener.rejections == {reason: 1}
    assert not listener._settled.is_set()
    await listener.close()


@pytest.mark.requirement("C4")
@in_a_loop
async def test_a_form_that_is_not_expected_is_told_at_once_and_only_once_and_not_read() -> None:
    """Nothing of its body has come when it is answered, and the wait goes on."""
    listener = await listening()
    told: list[Rejection] = []
    listener.expect(Expected(state=STATE), told.append)
    for _ in range(3):
        reply = read_reply(await send(listener, form(listener, "", length=90)))
        assert reply.status == 405
        assert 'set `response_mode = "query"`' in reply.body.decode()
    await get(listener, "/favicon.ico")
    assert [verdict.reason for verdict in told] == ["posted form", "other path"]
    assert told[0] is POSTED_FORM
    assert listener.rejections == {"posted form": 3, "other path": 1}
    await listener.close()


@pytest.mark.requirement("C6")
@in_a_loop
async def test_a_form_that_does_not_come_to_its_end_has_the_time_of_one_request() -> None:
    listener = await listening(form_post=True, patience=0.2)
    begun = time.monotonic()
    reply = read_reply(await send(listener, form(listener, "code=", length=100)))
    assert reply.status == 408
    assert time.monotonic() - begun < 5
    assert listener.rejections == {"too slow": 1}
    await listener.close()


@pytest.mark.requirement("C6", "Y9")
@in_a_loop
async def test_the_right_form_is_answered_within_a_second_while_a_hundred_others_drip_and_five_hundred_are_idle() -> (
    None
):
    listener = await listening(form_post=True)
    async with besieged(listener) as order:
        await order("post 100")
        await order("idle 500")
        begun = time.monotonic()
        _, writer = await right_one(listener)
        writer.write(form(listener, f"code=right&state={STATE}"))
        assert await listener.wait() == Answer(code="right")
        assert time.monotonic() - begun < 1
        assert len(listener._crowd) <= 601
        writer.close()
    await listener.close()


@pytest.mark.requirement("C5")
@in_a_loop
async def test_a_form_and_an_address_with_the_same_answer_get_the_same_page() -> None:
    listener = await listening(form_post=True)
    browsers = [
        asyncio.create_task(send(listener, content))
        for content in (form(listener, RIGHT), head(listener, f"/callback?{RIGHT}"), form(listener, RIGHT))
    ]
    assert await listener.wait() == Answer(code="c0de-5f")
    finishing = asyncio.create_task(listener.finish(PAGE))
    replies = [read_reply(await browser) for browser in browsers]
    assert {(reply.status, reply.headers["location"]) for reply in replies} == {(303, listener._page_path)}
    for _ in replies:
        await get(listener, listener._page_path)
    await finishing
