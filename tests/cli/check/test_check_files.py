"""What `gumauth check` finds in the files of tests/fixtures: one fault in each broken one, none in the good ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gumauth.cli.check.cases import of_nicknames, of_tokens
from tests.cli.check.fixture_table import BROKEN, GOOD, LINEAR, MENDED, SHORT, Expected
from tests.cli.check.many import played

FIXTURES = Path(__file__).parents[2] / "fixtures"
PROCESSES = 3
"""More than there are processors: a file that waits takes none."""

EVERYTHING = os.environ.get("GUMAUTH_CHECK_EVERYTHING") == "1"
"""Whether a broken file meets every misbehaviour, which takes two minutes, and not only the one that it was given."""

CASES = {case.id for case in (*of_tokens("token"), *of_tokens("refresh"), *of_nicknames())}
CASES |= {"denied", "two-at-once", "special-characters"}

Findings = dict[str, list[dict[str, Any]]]


def path(name: str) -> Path:
    return FIXTURES / (name if name == LINEAR or name in GOOD else f"check/broken/{name}")


def mended(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, changes in MENDED.items():
        text = path(name).read_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(text)
        yield f"mended {name}", file


def one_misbehaviour() -> dict[str, str]:
    """The file of a fault that one misbehaviour shows → that misbehaviour."""
    shown = {name: [each.case for each in expected] for name, expected in BROKEN.items()}
    return {str(path(name)): found[0] for name, found in shown.items() if len(found) == 1 and found[0] in CASES}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """A name of the table → what is found in the file; all of them at once, because a process costs a second."""
    files = {name: path(name) for name in (LINEAR, *GOOD, *BROKEN)} | dict(mended(tmp_path_factory.mktemp("mended")))
    whole = [str(file) for name, file in files.items() if name not in SHORT]
    only = {} if EVERYTHING else one_misbehaviour()
    shares = [whole[number::PROCESSES] for number in range(PROCESSES)]
    with ThreadPoolExecutor(PROCESSES + 1) as pool:
        short = pool.submit(played, [str(path(name)) for name in SHORT])
        told = [*pool.map(lambda share: played(share, has_book=True, only=only), shares), short.result()]
    return {name: next(each[str(file)] for each in told if str(file) in each) for name, file in files.items()}


def above_fine(findings: list[dict[str, Any]]) -> list[Expected]:
    return [
        Expected(
            each["level"], each["case"], str(each.get("method", "")), int((each.get("line") or ":0").rpartition(":")[2])
        )
        for each in findings
        if each.get("level", "fine") != "fine"
    ]


def test_each_file_of_the_folders_stands_in_the_table() -> None:
    assert {file.name for file in (FIXTURES / "check" / "broken").glob("*.py")} == set(BROKEN)
    assert len(BROKEN) >= 24
    assert all(path(name).read_text().startswith('"""') for name in BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_has_the_one_fault_that_it_was_given(found: Findings, name: str) -> None:
    assert above_fine(found[name]) == BROKEN[name]
    faults = [each for each in found[name] if each.get("level", "fine") != "fine"]
    assert len({each["line"] for each in faults}) == 1
    assert all(each["line"].startswith(f"{name}:") and each["mend"] and each["means"] for each in faults)


@pytest.mark.parametrize("name", GOOD)
def test_nothing_is_found_in_a_good_file(found: Findings, name: str) -> None:
    assert above_fine(found[name]) == []
    assert {each["method"] for each in found[name] if "method" in each} >= {"exchange", "refresh", "get_nickname"}


def test_the_example_of_linear_surprises_three_times_and_breaks_nowhere(found: Findings) -> None:
    assert sorted(above_fine(found[LINEAR]), key=lambda each: each.line) == [
        Expected("surprises", "redirect-uri-escaping", "get_url", 17),
        Expected("surprises", "status-ignored", "exchange", 33),
        Expected("surprises", "refresh-token-dropped", "exchange", 34),
    ]
    mends = {each["case"]: each["mend"] for each in found[LINEAR] if each.get("level") == "surprises"}
    assert mends["status-ignored"] == "Call `response.raise_for_status()` before the answer is read."
    assert 'refresh_token=data.get("refresh_token")' in mends["refresh-token-dropped"]
    assert "urllib.parse.urlencode" in mends["redirect-uri-escaping"]


@pytest.mark.parametrize("name", MENDED)
def test_the_change_that_a_finding_names_mends_the_file(found: Findings, name: str) -> None:
    assert above_fine(found[f"mended {name}"]) == []
