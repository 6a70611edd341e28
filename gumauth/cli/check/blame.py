"""Which line of a file is to be changed, and what its own errors say."""

from __future__ import annotations

import re
from collections.abc import Collection

from gumauth.cli.check.cases import Case
from gumauth.cli.check.lines import Step
from gumauth.cli.check.outcome import Outcome
from gumauth.errors import GumauthError
from gumauth.oauth2.http.errors import causes

READS = re.compile(r"(\w+)\s*\.json\(|json\.loads?\(")
"""A line that reads an answer; the name of the answer, where it has one."""


def reading(outcome: Outcome) -> Step | None:
    """The line that reads the answer of the token endpoint; None where no line looks like that."""
    return next((step for step in outcome.steps if READS.search(step.text)), None)


def returning(outcome: Outcome) -> Step | None:
    """The line that makes what the method returns, as far as can be seen."""
    made = [step for step in outcome.steps if "TokenResponse(" in step.text]
    returned = [step for step in outcome.steps if step.text.startswith("return ")]
    return next(iter([*made[-1:], *returned[:1], *outcome.steps[-1:]]), None)


def keeping(outcome: Outcome) -> Step | None:
    """The line that makes the access token of what the method returns, as far as can be seen."""
    given = _last(outcome, r"access_token\s*=[^=]") or returning(outcome)
    named = None if given is None else NAMED.search(given.text)
    return given if named is None else _last(outcome, rf"^{named[1]}\b[\w, ]*=[^=]") or given


NAMED = re.compile(r"(?:access_token\s*=\s*|TokenResponse\(\s*)(\w+)(?:\[[\"']access_token[\"']\])?\s*(?:,|\)|$)")
"""A line that hands on an access token that an earlier line has given a name."""


def _last(outcome: Outcome, pattern: str) -> Step | None:
    """The last line of the file that ran and looks so; None where none does."""
    return next((step for step in reversed(outcome.steps) if re.search(pattern, step.text)), None)


def naming(outcome: Outcome) -> Step | None:
    """The line that makes the nickname that the method returns."""
    returned = [step for step in outcome.steps if step.text.startswith("return ")]
    return next(iter([*returned[:1], *outcome.steps[-1:]]), None)


def raising(outcome: Outcome) -> Step | None:
    """The innermost line of the file that raised."""
    return outcome.raised_at or next(iter(outcome.steps[-1:]), None)


def place(step: Step | None) -> str | None:
    """The place of a line, for a finding."""
    return None if step is None else step.place


def status_mend(outcome: Outcome) -> str:
    """The change by which a refusal of the service is heard."""
    step = reading(outcome)
    found = READS.search(step.text) if step is not None else None
    name = found[1] if found is not None and found[1] else "response"
    return f"Call `{name}.raise_for_status()` before the answer is read."


def tells(error: BaseException | None, case: Case) -> bool:
    """Whether an error of the file says what the service has answered: its status, its error or its words."""
    if error is None:
        return False
    return any(_tells(each, case.status, case.words) for each in [error, *causes(error)])


def _tells(error: BaseException, status: int, words: Collection[str]) -> bool:
    if isinstance(error, GumauthError):
        return True
    holders = (error, getattr(error, "response", None))
    statuses = [getattr(each, name, None) for each in holders for name in ("status_code", "status", "code")]
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - foreign
        text = ""
    return status in statuses or str(status) in text or any(word in text for word in words)


def sending(outcome: Outcome) -> Step | None:
    """The line from which the last request was sent."""
    line = next((each.line for each in reversed(outcome.requests)), None)
    return None if line is None else Step(line, "")


def naming_member(outcome: Outcome, name: str) -> Step | None:
    """The last line that sets something of this name, such as a secret; None where no line looks like that."""
    found = [step for step in outcome.steps if re.match(rf"[\w, \"'\[\].]*{name}\w*[\w, \"'\[\].]*\s*=[^=]", step.text)]
    named = [step for step in outcome.steps if f"{{{name}" in step.text or f"_{name}}}" in step.text]
    return next(iter([*named[-1:], *found[-1:]]), None)


AGENTS = {"python-httpx": "httpx", "python-requests": "requests", "Python": "aiohttp"}
"""What HTTP clients call themselves, before a slash."""


def agent(outcome: Outcome) -> str | None:
    """The HTTP client that the file uses; None where it is another one."""
    told = (each.headers.get("user-agent", "").partition("/")[0] for each in outcome.requests)
    return next((AGENTS[each] for each in told if each in AGENTS), None)
