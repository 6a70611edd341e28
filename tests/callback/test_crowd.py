from __future__ import annotations

import sys
import time

import pytest

from gumauth.callback.crowd import LEAST, MOST, RESERVE, USUAL, YOUNG, Crowd, Doing, most_at_once


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def crowd_of(count: int, *, most: int = 1024) -> tuple[Crowd[int], Clock]:
    """As many that have just come and sent nothing; they are called 0, 1, 2 and so on."""
    clock = Clock()
    crowd: Crowd[int] = Crowd(most, clock)
    assert [crowd.admit(number) for number in range(count)] == [[]] * count
    return crowd, clock


def test_the_numbers_are_those_that_the_bound_was_thought_out_with() -> None:
    assert (USUAL, YOUNG, MOST, RESERVE, LEAST) == (128, 1.0, 1024, 160, 8)


@pytest.mark.requirement("Y9")
def test_none_younger_than_a_second_makes_room() -> None:
    crowd, clock = crowd_of(600)
    clock.now += 0.99
    assert crowd.admit(600) == []
    assert len(crowd) == 601


@pytest.mark.requirement("Y9", "C6")
def test_those_that_have_sent_nothing_make_room_first_and_the_oldest_of_them() -> None:
    crowd, clock = crowd_of(128)
    crowd.note(0, Doing.SENDING)
    clock.now += 1.0
    assert [crowd.admit(number) for number in range(128, 131)] == [[1], [2], [3]]
    assert crowd.who(Doing.SENDING) == [0]


@pytest.mark.requirement("Y9")
def test_one_that_has_sent_something_is_left_alone_for_a_second_from_then_on() -> None:
    crowd, clock = crowd_of(128)
    clock.now += 5.0
    for number in range(128):
        crowd.note(number, Doing.SENDING)
    assert crowd.admit(128) == []
    clock.now += 1.0
    assert crowd.admit(129) == [128, 0]


@pytest.mark.requirement("C6")
def test_one_that_waits_for_its_page_does_not_make_room_and_takes_none() -> None:
    crowd, clock = crowd_of(128)
    for number in range(10):
        crowd.note(number, Doing.WAITING)
    clock.now += 60.0
    assert [crowd.admit(number) for number in range(128, 138)] == [[]] * 10
    assert crowd.admit(138) == [10]
    assert crowd.who(Doing.WAITING) == list(range(10))


@pytest.mark.requirement("Y8")
def test_at_the_bound_the_first_in_order_goes_however_young_but_never_the_new_one() -> None:
    """Those with a reply, the silent, those that send, and at last those that wait; in each, the oldest."""
    crowd, _ = crowd_of(6, most=6)
    for number, doing in ((5, Doing.WAITING), (0, Doing.WAITING), (3, Doing.SENDING), (4, Doing.LEAVING)):
        crowd.note(number, doing)
    assert crowd.who() == [4, 1, 2, 3, 5, 0]
    gone = []
    for number in range(10, 16):
        gone += crowd.admit(number)
        assert len(crowd) == 6
        crowd.note(number, Doing.WAITING)
    assert gone == [4, 1, 2, 3, 5, 0]


@pytest.mark.requirement("Y8")
def test_whoever_is_gone_is_forgotten_and_can_be_forgotten_again() -> None:
    crowd, _ = crowd_of(3)
    for _ in range(2):
        crowd.forget(1)
    assert crowd.who(Doing.SILENT) == [0, 2]


@pytest.mark.requirement("Y8")
def test_a_new_one_costs_the_same_in_a_large_crowd_as_in_a_small_one() -> None:
    """A thousand that come at the bound of 20,000, beside a thousand at the bound of 100, which is 200 times less."""

    def seconds(most: int) -> float:
        crowd, _ = crowd_of(most, most=most)
        begun = time.process_time()
        for number in range(most, most + 1000):
            crowd.admit(number)
        return time.process_time() - begun

    assert min(seconds(20_000) for _ in range(3)) < 20 * min(seconds(100) for _ in range(3))


@pytest.mark.requirement("Y8")
@pytest.mark.skipif(sys.platform == "win32", reason="sockets are no file descriptors there")
@pytest.mark.parametrize(
    ("soft", "most"), [(20_000, 1024), (1184, 1024), (1024, 864), (256, 96), (161, 8), (64, 8), (-1, 1024)]
)
def test_the_bound_leaves_file_descriptors_for_all_else(soft: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _what: (resource.RLIM_INFINITY if soft < 0 else soft, 4096))
    assert most_at_once() == most
