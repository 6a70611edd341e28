"""The part of pytest that notes which promise each test proves, and how it ended."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promised import PROMISES


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("promises")
    group.addoption("--promises-out", type=Path, help="write line → test → outcome to this file")
    group.addoption("--promised-only", action="store_true", help="run only tests that prove a promise")


def pytest_configure(config: pytest.Config) -> None:
    # They are for this run and its workers, not for the pytest of a test that runs one.
    if not config.getoption("numprocesses", default=None) or hasattr(config, "workerinput"):
        os.environ.pop("PYTEST_ADDOPTS", None)


def lines_of(item: pytest.Item) -> list[str]:
    return [line for marker in item.iter_markers("requirement") for line in marker.args]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if unknown := sorted(set(lines_of(item)) - set(PROMISES)):
            raise pytest.UsageError(f"{item.nodeid} names a line that there is not: {', '.join(unknown)}")
    if config.getoption("promised_only"):
        items[:] = [item for item in items if lines_of(item)]


OUTCOMES: dict[str, dict[str, str]] = {}
WORST = ("passed", "skipped", "failed")


LINE = "requirement"
"""The name of a report's property that holds a line which its test proves: properties come from workers too."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    report.user_properties += [(LINE, line) for line in lines_of(item)]
    return report  # type: ignore[return-value]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.outcome != "passed":
        for name, line in report.user_properties:
            if name == LINE:
                tests = OUTCOMES.setdefault(str(line), {})
                tests[report.nodeid] = max(tests.get(report.nodeid, "passed"), report.outcome, key=WORST.index)


def pytest_sessionfinish(session: pytest.Session) -> None:
    out: Path | None = session.config.getoption("promises_out")
    is_worker = hasattr(session.config, "workerinput")  # of pytest-xdist: the process that started it writes
    if out is not None and not is_worker:
        out.write_text(json.dumps(OUTCOMES, indent=1))
