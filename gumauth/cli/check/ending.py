"""The end of a grant: what `revoke` does, and what it says where the service refuses."""

from __future__ import annotations

from collections.abc import Iterator

from gumauth.cli.check import blame
from gumauth.cli.check.finding import Finding
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.stage import Stage
from gumauth.cli.check.telling import raised
from gumauth.errors import CannotRevoke
from gumauth.platform.text import one_line
from gumauth.testing import Fault


def revoked(stage: Stage) -> Iterator[Finding]:
    """The findings of the end: first the service refuses, then it does not."""
    if not stage.has("revoke"):
        yield _fine("is not there; the grant stays at the service")
        return
    access = stage.service.latest.get("access_token", "")
    stage.service.misbehave("revoke", Fault.status(503), times=None)
    refused = stage.call("revoke", access)
    stage.service.behave()
    ended = stage.call("revoke", access)
    if isinstance(ended.known, CannotRevoke):
        yield _fine("says that the grant cannot be ended from here")
        return
    yield from _of_refusal(refused)
    yield from _of_end(stage, ended)


def _fine(file: str) -> Finding:
    return Finding(level="fine", case="revoke", method="revoke", file=file)


def _of_refusal(refused: Outcome) -> Iterator[Finding]:
    if refused.error is None and refused.result is True and refused.request is not None:
        yield Finding(
            level="breaks",
            case="revoke",
            method="revoke",
            service="is down (503)",
            file="returns True all the same",
            means="Its user believes that the grant has ended, and it has not.",
            line=blame.place(blame.naming(refused)),
            mend="Return `response.is_success`, or call `response.raise_for_status()` first.",
        )


def _of_end(stage: Stage, ended: Outcome) -> Iterator[Finding]:
    if ended.error is not None:
        yield raised(stage, ended, case="revoke", level="breaks", means="The grant stays at the service.")
    elif ended.result is False and ended.request is None:
        yield _fine("says that the grant cannot be ended with this token")
    elif ended.result is not True:
        yield Finding(
            level="surprises",
            case="revoke",
            method="revoke",
            service="ends the grant" if ended.request is not None else "",
            file=f"returns {_shown(ended.result)}",
            means="Its user is told that the grant has not ended.",
            line=blame.place(blame.naming(ended)),
            mend="Return True where the service has ended it.",
        )
    else:
        yield _fine("ends the grant" if ended.request is not None else "asks nobody, and says that the grant has ended")


def _shown(value: object) -> str:
    return str(value) if value is None or isinstance(value, bool) else one_line(type(value).__name__)
