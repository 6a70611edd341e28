"""The bridge between a client and a server that does what the test says."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Iterator

import pytest

from tests.client.world import World
from tests.handout.bridge.client import PATIENCE, Client
from tests.handout.bridge.site import Reply, Seen, Site, event, result, stream

pytestmark = pytest.mark.requirement("H7")


def test_a_session_is_opened_used_and_ended(world: World, site: Site, client: Client) -> None:
    assert client.open()["result"]["serverInfo"]["name"] == "site"
    assert client.ask(1)["result"] == {"echo": "tools/call"}
    assert client.end() == 0
    posts = site.posts()
    assert [seen.said for seen in posts] == ["initialize", "notifications/initialized", "tools/call"]
    assert site.said()[-1] == "DELETE"
    assert {seen.headers["authorization"] for seen in site.seen} == {f"Bearer {world.token().access_token}"}
    assert posts[0].headers["accept"] == "application/json, text/event-stream"
    assert "mcp-session-id" not in posts[0].headers
    assert {seen.headers["mcp-session-id"] for seen in site.seen[1:]} == {"session-1"}
    assert {seen.headers["mcp-protocol-version"] for seen in site.seen[1:]} == {"2025-11-25"}
    assert client.rest() == []


def test_bytes_are_passed_on_as_they_are_in_both_directions(site: Site, client: Client) -> None:
    client.open()
    odd = '{"jsonrpc":"2.0",  "id":7, "method":"odd","params":{"x":1.0e2,"é":"\\u00e9"},"more":null}'.encode()
    back = '{ "jsonrpc":"2.0","result":{"x":9007199254740993,"é":"\\u00e9"},"id":7 }'.encode()
    site.on["odd"] = lambda seen: Reply(body=back)
    client.write(odd)
    assert client.line() == back
    assert site.posts()[-1].body == odd


def test_an_answer_as_a_stream_carries_what_belongs_to_the_request_before_it(site: Site, client: Client) -> None:
    client.open()
    progress = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}
    asks = {"jsonrpc": "2.0", "id": 1, "method": "sampling/createMessage"}
    answered = threading.Event()
    site.on["response"] = lambda seen: answered.set()
    site.on["tools/call"] = lambda seen: stream(
        event(progress), event(asks), lambda: answered.wait(PATIENCE), event(result(seen))
    )
    client.send("tools/call", 1)
    assert [client.hear(), client.hear()] == [progress, asks]
    client.write(b'{"jsonrpc":"2.0","id":1,"result":{"role":"assistant"}}')
    assert client.hear()["result"] == {"echo": "tools/call"}


def test_a_broken_stream_is_resumed_behind_the_last_event_and_nothing_comes_twice(site: Site, client: Client) -> None:
    client.open()
    notes = [{"jsonrpc": "2.0", "method": f"note/{number}"} for number in (1, 2)]

    def broken() -> None:
        raise ConnectionResetError

    site.on["tools/call"] = lambda seen: stream(
        event("", id="a-0", retry=10), event(notes[0], id="a-1"), b"id: a-2\ndata: half", broken
    )
    asked = {"jsonrpc": "2.0", "id": 5, "result": {"late": True}}
    site.on["GET"] = lambda seen: (
        stream(event(notes[1], id="a-2"), event(asked, id="a-3")) if "last-event-id" in seen.headers else None
    )
    client.send("tools/call", 5)
    assert [client.hear() for _ in range(3)] == [*notes, asked]
    resumed = [seen for seen in site.seen if "last-event-id" in seen.headers]
    assert [(seen.headers["last-event-id"], seen.headers["mcp-session-id"]) for seen in resumed] == [
        ("a-1", "session-1")
    ]


def test_a_stream_that_cannot_be_resumed_is_an_error_for_its_request(site: Site, client: Client) -> None:
    client.open()
    site.on["tools/call"] = lambda seen: stream(event({"jsonrpc": "2.0", "method": "note"}))
    client.send("tools/call", 5)
    assert client.hear()["method"] == "note"
    answer = client.hear()
    assert answer["id"] == 5
    assert "broke its answer off" in answer["error"]["message"]
    assert sum(seen.said == "tools/call" for seen in site.seen) == 1
    del site.on["tools/call"]
    assert client.ask(6)["result"]
    assert client.end() == 0


def test_what_belongs_to_no_request_comes_on_a_stream_of_its_own(site: Site, client: Client) -> None:
    changed = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
    again = threading.Event()

    def listen(seen: Seen) -> Reply | None:
        if "last-event-id" not in seen.headers:
            return stream(event(changed, id="g-1", retry=10))
        if seen.headers["last-event-id"] == "g-1":
            return stream(event(changed, id="g-2", retry=10), lambda: again.wait(PATIENCE))
        return None

    site.on["GET"] = listen
    client.open()
    assert [client.hear(), client.hear()] == [changed, changed]
    again.set()


def test_a_session_that_has_ended_is_opened_again_and_the_message_repeated(site: Site, client: Client) -> None:
    client.open()
    assert client.ask(1)["result"]
    site.sessions.clear()
    assert client.ask(2)["result"] == {"echo": "tools/call"}
    assert client.ask(3)["result"]
    posts = site.posts()[2:]
    assert [(seen.said, seen.headers.get("mcp-session-id")) for seen in posts] == [
        ("tools/call", "session-1"),
        ("tools/call", "session-1"),
        ("initialize", None),
        ("notifications/initialized", "session-2"),
        ("tools/call", "session-2"),
        ("tools/call", "session-2"),
    ]
    assert posts[2].body == site.seen[0].body
    client.end()
    assert client.rest() == []


def test_many_requests_of_an_ended_session_open_one(site: Site, client: Client) -> None:
    client.open()
    client.ask("first")
    site.sessions.clear()
    for key in range(1, 41):
        client.send("tools/call", key)
    assert sorted(client.hear()["id"] for _ in range(40)) == list(range(1, 41))
    assert site.said().count("initialize") == 2


def test_the_late_answer_of_a_client_is_not_given_to_another_session(site: Site, client: Client) -> None:
    client.open()
    asks = {"jsonrpc": "2.0", "id": 9, "method": "roots/list"}
    site.on["tools/call"] = lambda seen: stream(event(asks), event(result(seen)))
    client.send("tools/call", 1)
    assert [client.hear()["id"], client.hear()["id"]] == [9, 1]
    site.sessions.clear()
    assert client.ask(2, "ping")["result"]
    client.write(b'{"jsonrpc":"2.0","id":9,"result":{"roots":[]}}')
    assert client.ask(3, "ping")["result"]
    assert "response" not in site.said()


def test_notifications_keep_their_order_and_stand_before_a_later_request(site: Site, client: Client) -> None:
    client.open()
    for number in range(5):
        client.send(f"notifications/{number}")
    client.send("tools/call", 1)
    client.hear()
    said = [each for each in site.said() if each not in ("GET", "initialize", "notifications/initialized")]
    assert said == [*(f"notifications/{number}" for number in range(5)), "tools/call"]


def test_a_cancelled_request_needs_no_answer(site: Site, client: Client) -> None:
    client.open()
    cancelled = threading.Event()
    site.on["notifications/cancelled"] = lambda seen: cancelled.set()
    site.on["tools/call"] = lambda seen: stream(lambda: cancelled.wait(PATIENCE))
    client.send("tools/call", 1)
    client.send("notifications/cancelled", requestId=1)
    assert cancelled.wait(PATIENCE)
    assert client.ask(2, "ping")["id"] == 2
    said = [each for each in site.said() if each in ("tools/call", "notifications/cancelled")]
    assert sorted(said) == [
        "notifications/cancelled",
        "tools/call",
    ]  # on two connections: a server may read either first
    client.end()
    assert client.rest() == []


def test_a_cancelled_request_of_the_newest_revision_closes_its_stream(site: Site, client: Client) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    begun, closed = threading.Event(), threading.Event()

    def call(seen: Seen) -> Reply:
        def pieces() -> Iterator[bytes]:
            begun.set()
            try:
                while True:
                    yield b": keep-alive\n"
            finally:
                closed.set()

        return Reply(body=pieces(), kind="text/event-stream")

    site.on["tools/call"] = call
    client.send("tools/call", 1, name="a", _meta=meta)
    assert begun.wait(PATIENCE)
    client.send("notifications/cancelled", requestId=1, _meta=meta)
    assert closed.wait(PATIENCE)
    client.end()
    assert client.rest() == []
    assert site.said() == ["tools/call"]
    assert "mcp-session-id" not in site.seen[0].headers
    assert site.seen[0].headers["mcp-name"] == "a"


def test_a_batch_is_passed_on_whole_and_its_answers_too(site: Site, client: Client) -> None:
    client.open("2025-03-26")
    batch = (
        b'[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"b"},{"jsonrpc":"2.0","id":2,"method":"c"}]'
    )
    answers = b'[{"jsonrpc":"2.0","id":2,"result":{}},{"jsonrpc":"2.0","id":1,"result":{}}]'
    site.on["batch"] = lambda seen: Reply(body=answers)
    client.write(batch)
    assert client.line() == answers
    assert site.posts()[-1].body == batch


def test_a_batch_of_the_server_becomes_lines_for_a_client_that_has_sent_none(site: Site, client: Client) -> None:
    client.open()
    site.on["tools/call"] = lambda seen: Reply(
        body=b'[{"id":1,"result":{}},{"method":"note"}, {"id":1,"result":{}},{"id":7,"result":{}}]'
    )
    client.send("tools/call", 1)
    assert [client.line(), client.line()] == [b'{"id":1,"result":{}}', b'{"method":"note"}']
    del site.on["tools/call"]
    assert client.ask(2)["id"] == 2


class Older:
    """A server of the older transport: what it has to say comes on one stream."""

    def __init__(self, site: Site) -> None:
        self._events: queue.Queue[bytes | None] = queue.Queue()
        names = ("initialize", "notifications/initialized", "tools/call", "POST")
        site.on = {**dict.fromkeys(names, self.post), "GET": self.listen}

    def post(self, seen: Seen) -> Reply:
        if seen.path != "/messages?s=1":
            return Reply(405)
        if "id" in seen.message:
            self._events.put(event(result(seen), event="message"))
        return Reply(202)

    def listen(self, seen: Seen) -> Reply:
        self._events = queue.Queue()

        def pieces() -> Iterator[bytes]:
            yield event("/messages?s=1", event="endpoint")
            yield from (each for each in iter(self._events.get, None) if each)

        return Reply(body=pieces(), kind="text/event-stream")

    def end(self) -> None:
        self._events.put(None)


def test_the_older_transport_is_spoken_where_a_server_has_only_that(site: Site, client: Client) -> None:
    older = Older(site)
    assert client.open()["id"] == 0
    assert client.ask(1)["result"] == {"echo": "tools/call"}
    assert [seen.path for seen in site.seen if seen.method == "GET"] == ["/mcp"]
    older.end()


def test_an_older_stream_that_ends_is_opened_again(site: Site, client: Client) -> None:
    older = Older(site)
    client.open()
    assert client.ask(1)["result"]
    site.on["slow"] = lambda seen: older.end() or Reply(202)  # type: ignore[func-returns-value]
    assert "ended its stream" in client.ask(2, "slow")["error"]["message"]
    assert client.ask(3)["result"]
    assert site.said().count("initialize") == 4  # each time once in the newer way
    older.end()


def test_the_servers_own_error_is_passed_on_under_the_requests_id(site: Site, client: Client) -> None:
    client.open()
    body = json.dumps({"jsonrpc": "2.0", "id": "server-error", "error": {"code": -32602, "message": "no"}}).encode()
    site.on["tools/call"] = lambda seen: Reply(400, body=body)
    assert client.ask(4) == {"jsonrpc": "2.0", "id": 4, "error": {"code": -32602, "message": "no"}}


def test_a_line_that_is_no_message_is_answered_and_not_passed_on(site: Site, client: Client) -> None:
    client.open()
    client.write(b"not json", b"")
    assert client.hear()["error"]["code"] == -32700
    assert client.ask(1)["result"]


def test_what_is_larger_than_a_message_may_be_is_an_error_in_both_directions(site: Site, client: Client) -> None:
    client.open()
    filler = b"x" * (1 << 20)
    for _ in range(33):
        os.write(client.stdin, filler)
    client.write(b"")
    assert client.hear() == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32600, "message": "The line has more than 32 MiB."},
    }
    site.on["tools/call"] = lambda seen: stream(b"data: ", *[filler] * 33, b"\n\n")
    assert client.ask(1)["error"]["message"] == "127.0.0.1 sent an event that is too long."
    del site.on["tools/call"]
    assert client.ask(2)["result"]


def test_end_of_input_waits_for_an_answer_that_is_under_way(site: Site, client: Client) -> None:
    client.open()
    site.on["tools/call"] = lambda seen: stream(lambda: threading.Event().wait(0.2), event(result(seen)))
    client.send("tools/call", 1)
    assert client.end() == 0
    assert [json.loads(line)["id"] for line in client.rest()] == [1]
    assert site.said()[-1] == "DELETE"
