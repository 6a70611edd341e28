"""Server-sent events, by the examples and rules of the HTML Living Standard."""

from __future__ import annotations

import pytest

from gumauth.handout.bridge.sse import Event, Events, TooLong


def events_of(data: bytes, step: int = 1) -> list[Event]:
    events = Events()
    return [event for at in range(0, len(data), step) for event in events.feed(data[at : at + step])]


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_come_out_whole_however_the_bytes_come_in(end: bytes, step: int) -> None:
    lines = b"\xef\xbb\xbf: a comment|data: first|data:second||event: ping|data||data: {}|data: [] |id||data: cut off"
    found = events_of(lines.replace(b"|", end), step)
    assert found == [Event("message", b"first\nsecond"), Event("message", b"{}\n[] ")]


def test_an_event_without_data_only_moves_the_id() -> None:
    events = Events()
    assert list(events.feed(b"id: 7\ndata:\n\n")) == []
    assert events.last_id == "7"


def test_the_id_counts_once_its_event_is_whole() -> None:
    events = Events("before")
    list(events.feed(b"id: 1\ndata: x\n"))
    assert events.last_id == "before"
    list(events.feed(b"\n"))
    assert events.last_id == "1"
    list(events.feed(b"id: with\0nothing\ndata: x\n\n"))
    assert events.last_id == "1"


def test_the_wait_before_reconnecting_is_in_seconds_and_bounded() -> None:
    events = Events()
    list(events.feed(b"retry: 1500\nretry: soon\n"))
    assert events.retry == 1.5
    list(events.feed(b"retry: 999999999999\n"))
    assert events.retry == 60.0


@pytest.mark.parametrize("data", [b"data: 12345\ndata: 67890\n", b"data: 123456789", b": a comment without end"])
def test_too_much_is_an_error(data: bytes) -> None:
    with pytest.raises(TooLong):
        list(Events(largest=10).feed(data))
