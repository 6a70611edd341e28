from __future__ import annotations

import asyncio
import gc
import socket
import struct

import pytest

from gumauth.callback import Answer, Listener, Redirect
from gumauth.callback.pages import connected_page, failed_page
from gumauth.errors import CallbackError
from tests.callback import wire
from tests.callback.wire import (
    ANY_PORT,
    OVER_TLS,
    STATE,
    connected,
    follow,
    get,
    head,
    in_a_loop,
    listening,
    read_reply,
    seconds_of,
    send,
    until,
    waiting,
)

PAGE = connected_page("Linear", "ada@example.com")
RIGHT = f"/callback?code=c0de-5f&state={STATE}"
PROTECTION = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "connection": "close",
}


@pytest.fixture(autouse=True, params=[ANY_PORT, OVER_TLS], ids=["http", "https"])
def scheme(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is promised of the callback is promised of one over https too. Promise C13."""
    monkeypatch.setattr(wire, "usual", request.param)


@in_a_loop
async def test_the_redirect_uri_is_what_the_provider_is_told() -> None:
    listener = await Listener.bind(Redirect(host="127.0.0.1", ports=(), path="/back"))
    assert listener.redirect_uri == f"http://127.0.0.1:{listener.port}/back"
    await listener.close()
    listener = await Listener.bind(Redirect(ports=(), tls=True))
    assert listener.redirect_uri == f"https://localhost:{listener.port}/callback"
    await listener.close()


@pytest.mark.requirement("C5", "C8")
@in_a_loop
async def test_the_browser_waits_for_the_outcome_and_then_sees_it() -> None:
    listener = await listening()
    browser = asyncio.create_task(follow(listener, RIGHT))
    assert await listener.wait() == Answer(code="c0de-5f")
    assert not browser.done()
    await listener.finish(PAGE)
    shown = await browser
    assert (shown.status, shown.body) == (200, PAGE.body)


@pytest.mark.requirement("C1", "C8")
@pytest.mark.parametrize("linger", [None, 0])
@in_a_loop
async def test_a_browser_that_has_hung_up_does_not_spoil_the_outcome(linger: int | None) -> None:
    """Browsers give up after a while, and people close tabs: the tokens are stored by then."""
    listener = await listening()
    _, writer = await connected(listener)
    writer.write(head(listener, RIGHT))
    await listener.wait()
    if linger is not None:
        browser = writer.get_extra_info("socket")
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, linger))
    writer.transport.abort()
    await listener.finish(PAGE)
    assert await refuses(listener.port)


@pytest.mark.requirement("C8")
@in_a_loop
async def test_a_failure_is_shown_as_one() -> None:
    listener = await listening()
    browser = asyncio.create_task(follow(listener, f"/callback?error=access_denied&state={STATE}"))
    assert await listener.wait() == Answer(error="access_denied")
    await listener.finish(failed_page("Linear", "Access was denied.", "Connect again."))
    assert b"Linear was not connected" in (await browser).body


@pytest.mark.requirement("C8")
@in_a_loop
async def test_the_code_leaves_the_address_bar_by_a_redirect_to_a_clean_path() -> None:
    listener = await listening()
    browser = asyncio.create_task(get(listener, RIGHT))
    await listener.wait()
    finishing = asyncio.create_task(listener.finish(PAGE))
    reply = await browser
    assert reply.status == 303
    assert reply.headers["location"].startswith("/done/")
    assert "?" not in reply.headers["location"]
    assert reply.headers | PROTECTION == reply.headers
    assert (await get(listener, reply.headers["location"])).body == PAGE.body
    await finishing


@pytest.mark.requirement("C8")
@in_a_loop
async def test_nobody_gets_the_page_without_being_sent_there() -> None:
    listener = await listening()
    browser = asyncio.create_task(get(listener, RIGHT))
    await listener.wait()
    finishing = asyncio.create_task(listener.finish(PAGE))
    path = (await browser).headers["location"]
    assert [(await get(listener, other)).status for other in ("/done", "/done/", path[:-1], path + "0")] == [404] * 4
    assert (await get(listener, path, method="POST")).status == 405
    assert not finishing.done()
    await get(listener, path)
    await finishing


@pytest.mark.requirement("C8", "C4")
@pytest.mark.parametrize(
    ("target", "options", "status"),
    [
        ("/callback?code=c&state=canary7Q", {}, 400),
        ("/callback?code=canary7Q", {}, 400),
        ("/canary7Q", {}, 404),
        ("/favicon.ico?canary7Q", {}, 404),
        (RIGHT, {"method": "HEAD"}, 405),
        (RIGHT, {"method": "POST", "more": "Content-Length: 9\r\n"}, 405),
        (RIGHT, {"method": "OPTIONS", "more": "Origin: https://canary7Q\r\n"}, 405),
        (RIGHT, {"method": "CANARY7Q"}, 405),
        (RIGHT, {"host": "canary7Q.example"}, 421),
        (RIGHT, {"more": "Sec-Purpose: prefetch;prerender\r\n"}, 403),
        (RIGHT + "&code=canary7Q", {}, 400),
        ("/callback?canary7Q=\x01", {}, 400),
    ],
)
@in_a_loop
async def test_a_stray_request_does_not_end_the_wait(target: str, options: dict[str, str], status: int) -> None:
    """It is refused in plain text that reflects nothing, counted, and the right one still counts."""
    listener = await listening()
    reply = await get(listener, target, **options)
    assert reply.status == status
    assert b"canary7q" not in reply.body.lower() + repr(reply.headers).lower().encode()
    assert reply.headers | PROTECTION == reply.headers
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; base-uri")
    assert not [name for name in reply.headers if name.startswith("access-control")]
    assert sum(listener.rejections.values()) == 1
    waiting = asyncio.create_task(listener.wait())
    browser = asyncio.create_task(get(listener, RIGHT))
    assert await waiting == Answer(code="c0de-5f")
    await listener.close()
    await browser


@pytest.mark.requirement("C4")
@in_a_loop
async def test_what_was_ignored_is_counted_by_reason() -> None:
    listener = await listening()
    for target in ("/", "/favicon.ico", "/callback?code=c&state=other"):
        await get(listener, target)
    assert listener.rejections == {"other path": 2, "wrong state": 1}
    assert listener.rejections_in_words() == "3 requests were ignored: 2 for another path, 1 with a wrong state."
    await listener.close()


@pytest.mark.requirement("F2", "C4")
@in_a_loop
async def test_before_the_state_is_known_nothing_is_believed() -> None:
    listener = await Listener.bind(wire.usual)
    assert (await get(listener, RIGHT)).status == 400
    assert listener.rejections == {"wrong state": 1}
    await listener.close()


@pytest.mark.requirement("C4")
@in_a_loop
async def test_a_post_with_a_large_body_gets_its_reply() -> None:
    """Closing over unread bytes would reset the connection, and the reply with it."""
    listener = await listening()
    content = head(listener, RIGHT, method="POST", more="Content-Length: 300000\r\n") + b"x" * 300_000
    assert read_reply(await send(listener, content)).status == 405
    await listener.close()


@pytest.mark.requirement("C5", "F2")
@in_a_loop
async def test_copies_of_the_right_callback_are_one_answer_and_see_the_same_page() -> None:
    listener = await listening()
    browsers = [asyncio.create_task(follow(listener, RIGHT)) for _ in range(8)]
    assert await listener.wait() == Answer(code="c0de-5f")
    await until(lambda: len(waiting(listener)) == 8)
    finishing = asyncio.create_task(listener.finish(PAGE))
    await asyncio.sleep(0)
    late = await follow(listener, RIGHT)
    pages = [shown.body for shown in await asyncio.gather(*browsers)]
    await finishing
    assert [*pages, late.body] == [PAGE.body] * 9


@pytest.mark.requirement("C5", "F2")
@in_a_loop
async def test_a_second_answer_with_the_same_state_changes_nothing() -> None:
    listener = await listening()
    browsers = [asyncio.create_task(follow(listener, RIGHT))]
    await listener.wait()
    browsers.append(asyncio.create_task(follow(listener, f"/callback?code=another&state={STATE}")))
    await until(lambda: len(waiting(listener)) == 2)
    assert await listener.wait() == Answer(code="c0de-5f")
    await listener.finish(PAGE)
    assert {shown.body for shown in await asyncio.gather(*browsers)} == {PAGE.body}


@pytest.mark.requirement("C11")
@in_a_loop
async def test_crossed_callbacks_are_ignored_by_both() -> None:
    one, two = await listening(state="one" * 15), await listening(state="two" * 15)
    assert (await get(one, f"/callback?code=2&state={'two' * 15}")).status == 400
    assert (await get(two, f"/callback?code=1&state={'one' * 15}")).status == 400
    browsers = [
        asyncio.create_task(follow(one, f"/callback?code=1&state={'one' * 15}")),
        asyncio.create_task(follow(two, f"/callback?code=2&state={'two' * 15}")),
    ]
    assert (await one.wait(), await two.wait()) == (Answer(code="1"), Answer(code="2"))
    await asyncio.gather(one.finish(PAGE), two.finish(PAGE), *browsers)


@pytest.mark.requirement("C7")
@in_a_loop
async def test_a_code_of_4_kib_in_a_query_of_8_kib_arrives() -> None:
    listener = await listening()
    code = "c" * 4096
    browser = asyncio.create_task(get(listener, f"/callback?code={code}&state={STATE}&extra={'x' * 4096}"))
    assert await listener.wait() == Answer(code=code)
    await listener.close()
    await browser


@pytest.mark.requirement("C2")
@in_a_loop
async def test_localhost_answers_on_both_addresses() -> None:
    listener = await listening()
    for address in ("127.0.0.1", "::1"):
        assert b" 404 " in await send(listener, head(listener, "/"), address=address)
    await listener.close()


@pytest.mark.requirement("C1")
@in_a_loop
async def test_the_machines_other_addresses_do_not_answer() -> None:
    listener = await listening()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nothing is sent; the system says from where it would be
        except OSError:
            pytest.skip("this machine has no other address")
        address = probe.getsockname()[0]
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(address, listener.port)
    await listener.close()


async def refuses(port: int) -> bool:
    refusals = 0
    for address in ("127.0.0.1", "::1"):
        try:
            _, writer = await asyncio.open_connection(address, port)
        except ConnectionRefusedError:
            refusals += 1
        else:
            writer.close()
    return refusals == 2


@pytest.mark.requirement("C1")
@in_a_loop
async def test_the_port_is_free_as_soon_as_the_page_was_fetched() -> None:
    listener = await listening()
    browser = asyncio.create_task(follow(listener, RIGHT))
    await listener.wait()
    assert await seconds_of(listener.finish(PAGE)) < 0.5
    assert await refuses(listener.port)
    await browser


@pytest.mark.requirement("C1")
@in_a_loop
async def test_the_port_is_free_within_a_second_when_nobody_fetches_the_page() -> None:
    listener = await listening()
    browser = asyncio.create_task(get(listener, RIGHT))
    await listener.wait()
    assert await seconds_of(listener.finish(PAGE)) < 1
    assert await refuses(listener.port)
    await browser


@pytest.mark.requirement("C1")
@in_a_loop
async def test_a_paste_has_no_browser_to_wait_for() -> None:
    listener = await listening()
    assert listener.offer(listener.redirect_uri + f"?code=c&state={STATE}") is None
    assert await seconds_of(listener.finish(PAGE)) < 0.3
    assert await refuses(listener.port)


@pytest.mark.requirement("C1")
@in_a_loop
async def test_closing_frees_the_port_at_once_and_tells_who_waits() -> None:
    listener = await listening()
    browser = asyncio.create_task(get(listener, RIGHT))
    idle_reader, idle = await asyncio.open_connection("127.0.0.1", listener.port)
    await listener.wait()
    assert await seconds_of(listener.close()) < 0.2
    assert await refuses(listener.port)
    assert (await browser).status == 503
    assert await idle_reader.read() == b""
    idle.close()
    await listener.close()


@pytest.mark.requirement("C1")
@pytest.mark.parametrize("rounds", range(6))
@in_a_loop
async def test_a_connection_that_is_being_accepted_is_closed_with_the_listener(rounds: int) -> None:
    """Whichever round of the loop it has come to; one that is left open would fail the test as a warning."""
    listener = await listening()
    with socket.create_connection(("127.0.0.1", listener.port)) as late:
        for _ in range(rounds):
            await asyncio.sleep(0)
        await listener.close()
        late.settimeout(5)
        try:
            assert late.recv(1) == b""
        except ConnectionResetError:
            pass  # the system does this to one that was not accepted yet
    gc.collect()
    assert len(listener._crowd) == 0


@in_a_loop
async def test_a_wait_ends_with_an_error_when_the_listener_is_closed() -> None:
    listener = await listening()
    waiting = asyncio.create_task(listener.wait())
    await asyncio.sleep(0)
    await listener.close()
    with pytest.raises(CallbackError, match="closed before an answer came"):
        await waiting


@in_a_loop
async def test_a_cancelled_wait_can_be_taken_up_again() -> None:
    listener = await listening()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(listener.wait(), 0.001)
    assert listener.offer(f"code=c&state={STATE}") is None
    assert await listener.wait() == Answer(code="c")
    await listener.close()


@in_a_loop
async def test_a_browser_that_is_closed_while_it_waits_is_forgotten() -> None:
    listener = await listening()
    _, writer = await connected(listener)
    writer.write(head(listener, RIGHT))
    await listener.wait()
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()
    await until(lambda: not waiting(listener))
    assert await seconds_of(listener.finish(PAGE)) < 0.3


@in_a_loop
async def test_a_reply_to_a_connection_that_has_just_gone_is_dropped() -> None:
    listener = await listening()
    browser = asyncio.create_task(send(listener, head(listener, RIGHT)))
    await listener.wait()
    [connection] = waiting(listener)
    connection.drop()
    connection.respond(b"too late")
    assert await browser == b""
    await listener.close()


@in_a_loop
async def test_a_client_that_ends_its_own_side_still_gets_the_page() -> None:
    listener = await listening()
    reader, writer = await connected(listener)
    writer.write(head(listener, RIGHT))
    if listener.fingerprint is None:
        writer.write_eof()
    else:  # asyncio cannot do it; the system's half of the connection ends, without TLS's farewell
        await listener.wait()
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
    await listener.wait()
    finishing = asyncio.create_task(listener.finish(PAGE))
    await get(listener, read_reply(await reader.read()).headers["location"])
    writer.close()
    await finishing


@pytest.mark.requirement("C6")
@in_a_loop
async def test_a_request_that_does_not_come_to_its_end_is_ended_and_counted() -> None:
    listener = await listening(patience=0.05)
    assert read_reply(await send(listener, b"GET /callback?code=")).status == 408
    assert listener.rejections == {"too slow": 1}
    await listener.close()


@pytest.mark.requirement("C6")
@in_a_loop
async def test_a_connection_without_a_request_is_ended_and_not_counted() -> None:
    """Browsers open connections for later; that is no request."""
    listener = await listening(patience=0.05)
    assert await send(listener, b"") == b""
    assert listener.rejections == {}
    await listener.close()


@pytest.mark.requirement("C6")
def test_a_connection_has_5_s_for_its_request() -> None:
    from gumauth.callback import listener

    assert listener.PATIENCE == 5.0


@pytest.mark.requirement("C6")
@in_a_loop
async def test_a_browser_that_waits_for_its_page_is_not_hurried() -> None:
    listener = await listening(patience=0.05)
    browser = asyncio.create_task(get(listener, RIGHT))
    await listener.wait()
    await asyncio.sleep(0.15)
    assert not browser.done()
    await listener.close()
    assert (await browser).status == 503


@pytest.mark.requirement("C6")
@in_a_loop
async def test_the_oldest_idle_connection_makes_room_but_never_one_that_waits_for_the_page() -> None:
    listener = await listening()
    browser = asyncio.create_task(get(listener, RIGHT))
    await listener.wait()
    idle = [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(128)]
    await until(lambda: len(listener._crowd) == 129)
    clock = asyncio.get_running_loop().time
    listener._crowd._clock = lambda: clock() + 1.0  # a second later
    idle += [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(12)]
    await until(lambda: idle[11][0].at_eof())
    assert not idle[12][0].at_eof()
    assert not browser.done()
    await listener.close()
    assert (await browser).status == 503
    for _, writer in idle:
        writer.close()
