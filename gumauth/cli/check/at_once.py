"""Two calls at once on one object: each must get its own result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from gumauth.cli.check.finding import Finding
from gumauth.cli.check.outcome import Endpoint
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.errors import GumauthError
from gumauth.testing import Fault

SERVICE = "answers two calls at once"
FIRST, SECOND = 0.1, 0.3
"""Seconds until the answers: both requests have come before the first one is given."""

MEND = "Keep what belongs to one call in local variables, and not on the object."


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
    for wait in (FIRST, SECOND):
        stage.service.misbehave(endpoint, Fault.slow(wait))
    if endpoint != "userinfo":  # a file that looks whose the tokens are, is still at it when the second one comes
        stage.service.misbehave("userinfo", Fault.slow(SECOND), times=2)
    stage.lines.clear()
    futures = [stage.start(method, each, *more) for each in given]
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
