"""Two calls at once on one object: each must get its own result."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from gumauth.cli.check.finding import Finding
from gumauth.cli.check.outcome import Endpoint
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.errors import GumauthError
from gumauth.testing import Fault
from gumauth.testing.messages import Response

SERVICE = "answers two calls at once"
BLOCKED, TOGETHER, NAMED = 0.5, 3.0, 0.2
"""Seconds: a method that lets nothing else run for so long blocks its event loop, and sends the second request after
the first; the other request, or the end of a call, is waited for so long; and a name is held back so long."""

MEND = "Keep what belongs to one call in local variables, and not on the object."


class Meeting:
    """Two calls: their requests have both come before the first call is answered, and the other once a call has ended.

    A call that goes on to look whose the tokens are is kept at that until then.

    Args:
        is_free: Whether the event loop of the calls runs something else within some seconds.
        is_first: Whether an answer is for the first call.
    """

    def __init__(self, is_free: Callable[[float], bool], is_first: Callable[[Response], bool]) -> None:
        self._is_free, self._is_first = is_free, is_first
        self._lock, self._count, self._both = threading.Lock(), 0, threading.Event()
        self._ended, self._answered = threading.Event(), threading.Event()

    def end(self, _future: Future[Any]) -> None:
        """Note that one of the calls has ended."""
        self._ended.set()

    @property
    def fault(self) -> Fault:
        """Lets one request wait for the other, and then the other for the end of the one's call."""
        return Fault("two at once", self._met)

    @property
    def later(self) -> Fault:
        """Lets a request for a name wait until both calls have their tokens."""
        return Fault("until both have tokens", self._looked)

    def _met(self, answer: Response) -> Response:
        with self._lock:
            self._count += 1
            if self._count == 2:
                self._both.set()
        if self._is_free(BLOCKED) and self._both.wait(TOGETHER) and not self._is_first(answer):
            self._ended.wait(TOGETHER)
            self._answered.set()
        return answer

    def _looked(self, answer: Response) -> Response:
        if self._is_free(BLOCKED):
            self._answered.wait(TOGETHER)
        return replace(answer, wait=NAMED)


def exchanged(stage: Stage, codes: tuple[str, str]) -> Iterator[Finding]:
    """The finding for two codes."""
    yield from _granted(stage, "exchange", "token", codes, (REDIRECT_URI,))


def refreshed(stage: Stage, tokens: tuple[str, str]) -> Iterator[Finding]:
    """The finding for two refresh tokens."""
    yield from _granted(stage, "refresh", "refresh", tokens, ())


def named(stage: Stage, tokens: tuple[str, str]) -> Iterator[Finding]:
    """The finding for the access tokens of two people."""
    stage.service.others.add(tokens[1])
    alone = [stage.call("get_nickname", each) for each in tokens]
    if any(each.known is not None or not isinstance(each.result, str) for each in alone):
        return
    right = [each.result for each in alone]
    yield from _at_once(stage, "get_nickname", "userinfo", tokens, (), lambda number, name: name == right[number])


def _granted(
    stage: Stage, method: Any, endpoint: Endpoint, given: tuple[str, str], more: tuple[str, ...]
) -> Iterator[Finding]:
    def is_right(number: int, tokens: Any) -> bool:
        return stage.service.origins.get(getattr(tokens, "access_token", "")) == given[number]

    yield from _at_once(stage, method, endpoint, given, more, is_right)


def _at_once(
    stage: Stage,
    method: Any,
    endpoint: Endpoint,
    given: tuple[str, str],
    more: tuple[str, ...],
    is_right: Callable[[int, Any], bool],
) -> Iterator[Finding]:
    meeting = Meeting(stage.is_free, _first(stage, given[0]))
    stage.service.misbehave(endpoint, meeting.fault, times=2)
    if endpoint != "userinfo":
        stage.service.misbehave("userinfo", meeting.later, times=2)
    stage.lines.clear()
    futures = [stage.start(method, each, *more) for each in given]
    for future in futures:
        future.add_done_callback(meeting.end)
    wrong: list[str] = []
    for number, future in enumerate(futures):
        try:
            if not is_right(number, future.result(stage.patience)):
                wrong.append("swapped")
        except GumauthError as error:
            wrong.append(_raised(error))
        except TimeoutError:
            wrong.append("does not end")
    line = _keeping(stage)
    stage.service.behave()
    yield _finding(method, wrong, line)


def _first(stage: Stage, given: str) -> Callable[[Response], bool]:
    """Whether an answer has the tokens for a code or refresh token; of answers without tokens, the first one."""
    turns = itertools.count()

    def is_first(answer: Response) -> bool:
        held = [of for token, of in list(stage.service.origins.items()) if token.encode() in answer.body]
        return held[0] == given if held else next(turns) == 0

    return is_first


def _finding(method: str, wrong: list[str], line: str | None) -> Finding:
    if not wrong:
        return Finding(
            level="fine", case="two-at-once", method=method, service=SERVICE, file="gives each caller its own result"
        )
    if "swapped" in wrong:
        file, means = "gives one caller the other's result", "One person gets the account of another."
    else:
        file, means = f"fails for one of them ({wrong[0]})", "One of two people fails, and may have lost a token."
    return Finding(
        level="breaks",
        case="two-at-once",
        method=method,
        service=SERVICE,
        file=file,
        means=means,
        line=line,
        mend=MEND,
        cause="two-at-once",
    )


def _raised(error: GumauthError) -> str:
    found = re.search(r"raised (\w+)", error.message)
    return found[1] if found else type(error).__name__


def _keeping(stage: Stage) -> str | None:
    """The line that keeps something on the object, or else the last one."""
    kept = [step for step in stage.lines.steps() if re.match(r"(self|cls|[A-Z]\w*)\.\w+\s*(:[^=]*)?=[^=]", step.text)]
    return kept[-1].place if kept else stage.lines.last()
