"""Which answers are passed on."""

from __future__ import annotations

import pytest

from gumauth.handout.bridge.conversation import Conversation
from gumauth.handout.bridge.frames import Message, Part, read


def message(raw: bytes) -> Message:
    found = read(raw)
    assert found is not None
    return found


ASKS = message(b'{"id":1,"method":"tools/call"}')
ANSWER = message(b'{"id":1,"result":{}}')


def test_an_answer_is_passed_on_once() -> None:
    conversation = Conversation()
    conversation.begin(ASKS)
    assert conversation.waits(ASKS)
    assert [conversation.arrived(ANSWER, 1), conversation.arrived(ANSWER, 1)] == [[True], [False]]
    assert not conversation.waits(ASKS)


def test_an_answer_that_nobody_asked_for_is_not_passed_on() -> None:
    assert Conversation().arrived(message(b'{"id":"1","result":{}}'), 1) == [False]


def test_requests_and_notifications_of_the_server_are_passed_on() -> None:
    conversation = Conversation()
    assert conversation.arrived(message(b'{"id":1,"method":"ping"}'), 1) == [True]
    assert conversation.arrived(message(b'{"method":"notifications/progress"}'), 1) == [True]


def test_what_is_left_without_an_answer_is_told_once() -> None:
    conversation = Conversation()
    conversation.begin(ASKS)
    assert [conversation.left(ASKS), conversation.left(ASKS)] == [["1"], []]
    assert conversation.arrived(ANSWER, 1) == [False]


def test_a_cancelled_request_of_a_session_may_still_be_answered_but_need_not() -> None:
    conversation = Conversation()
    conversation.begin(ASKS)
    cancel = message(b'{"method":"notifications/cancelled","params":{"requestId":1}}')
    assert conversation.cancel(cancel.parts[0])[0] == "1"
    assert not conversation.expects()
    assert conversation.arrived(ANSWER, 1) == [True]
    conversation.begin(ASKS)
    conversation.cancel(cancel.parts[0])
    assert conversation.left(ASKS) == []


def test_an_answer_that_the_bridge_itself_asked_for_is_not_passed_on() -> None:
    conversation, told = Conversation(), list[Part]()
    conversation.watch("1", told.append, passes=False)
    assert conversation.arrived(ANSWER, 1) == [False]
    assert [part.key for part in told] == ["1"]


def test_an_answer_to_a_request_of_an_ended_session_is_late() -> None:
    conversation = Conversation()
    conversation.arrived(message(b'{"id":5,"method":"sampling/createMessage"}'), 1)
    answer = message(b'{"id":5,"result":{}}')
    assert [conversation.is_late(answer, 1), conversation.is_late(answer, 2)] == [False, True]
    assert not conversation.is_late(message(b'{"method":"notifications/progress"}'), 2)


@pytest.mark.requirement("H7")
def test_of_a_batch_each_message_counts_for_itself() -> None:
    conversation = Conversation()
    conversation.begin(ASKS)
    batch = message(b'[{"id":1,"result":{}},{"method":"note"},{"id":1,"result":{}},{"id":2,"result":{}}]')
    assert conversation.arrived(batch, 1) == [True, True, False, False]
    assert not conversation.has_batches
    conversation.begin(message(b'[{"id":2,"method":"ping"}]'))
    assert conversation.has_batches
