"""Streams that break."""

from __future__ import annotations

import pytest

from gumauth.handout.bridge.streams import pause
from tests.handout.bridge.client import Client
from tests.handout.bridge.site import Reply, Seen, Site, event, result, stream

CHANGED = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}


@pytest.mark.parametrize(
    ("retry", "failures", "seconds"),
    [(None, 0, 1.0), (0.0, 0, 0.1), (0.01, 1, 1.0), (None, 3, 4.0), (5.0, 2, 10.0), (None, 99_999, 30.0)],
)
def test_the_wait_is_the_servers_and_grows_with_failures(retry: float | None, failures: int, seconds: float) -> None:
    assert pause(retry, failures) == seconds


@pytest.mark.requirement("H7")
def test_a_stream_of_an_ended_session_opens_another_although_the_client_is_silent(site: Site, client: Client) -> None:
    def listen(seen: Seen) -> Reply | None:
        if seen.headers["mcp-session-id"] == "session-1" and site.sessions == {"session-1"}:
            return stream(event(CHANGED, id="1", retry=10), site.sessions.clear)
        if seen.headers["mcp-session-id"] in site.sessions:
            return stream(event({**CHANGED, "params": {}}), site.on.clear)
        return None

    site.on["GET"] = listen
    client.open()
    assert [client.hear(), client.hear()] == [CHANGED, {**CHANGED, "params": {}}]
    assert site.said().count("initialize") == 2


@pytest.mark.requirement("H7")
def test_a_server_that_is_started_again_costs_no_message(site: Site, client: Client) -> None:
    client.open()
    assert client.ask(1)["result"]
    site.restart(0)
    for key in range(2, 22):
        client.send("tools/call", key)
    assert sorted(client.hear()["id"] for _ in range(20)) == list(range(2, 22))
    assert site.said().count("initialize") == 2


@pytest.mark.requirement("H7")
def test_a_request_that_was_sent_and_not_answered_is_never_sent_again(site: Site, client: Client) -> None:
    client.open()

    def leave(seen: Seen) -> Reply:
        raise ConnectionResetError

    site.on["tools/call"] = leave
    told = client.ask(1)["error"]["message"]
    assert "may have been carried out" in told
    assert site.said().count("tools/call") == 1
    site.on.clear()
    assert client.ask(2)["result"] == result(site.posts()[-1])["result"]


@pytest.mark.requirement("H7")
@pytest.mark.parametrize("odd", ["\u00e9", "\u65e5"])
def test_a_stream_is_resumed_by_an_id_of_any_letters(site: Site, client: Client, odd: str) -> None:
    site.on["tools/call"] = lambda seen: stream(event(CHANGED, id=odd, retry=10))
    site.on["GET"] = lambda seen: stream(event(result(asked()))) if "last-event-id" in seen.headers else None

    def asked() -> Seen:
        return next(seen for seen in site.posts() if seen.said == "tools/call")

    client.open()
    client.send("tools/call", 7)
    assert client.hear() == CHANGED
    assert client.hear()["id"] == 7
    ids = [seen.headers["last-event-id"] for seen in site.seen if "last-event-id" in seen.headers]
    assert ids == [odd.encode().decode("latin-1")]


@pytest.mark.requirement("H7")
@pytest.mark.parametrize("odd", [" x", "x\x01", "x\x7f", "x" * 8001], ids=["blank", "control", "delete", "long"])
def test_an_id_that_no_header_can_hold_ends_the_request_at_once(site: Site, client: Client, odd: str) -> None:
    site.on["tools/call"] = lambda seen: stream(event(CHANGED, id=odd, retry=10))
    client.open()
    client.send("tools/call", 7)
    assert client.hear() == CHANGED
    assert "broke its answer off" in client.hear()["error"]["message"]
    site.on.clear()
    assert client.ask(8)["result"]
