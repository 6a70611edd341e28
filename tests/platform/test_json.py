"""JSON by the half of `json` that is in C: the same values, the same texts, the same refusals."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.platform.json import dumps, loads

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
PIECES = st.sampled_from(
    ["{", "}", "[", "]", ":", ",", '"', "\\", "\\u12", "1", "-", ".5", "e9", "null", " ", "\n", "\0", "é"]
)


@given(VALUES)
def test_what_is_written_is_what_json_writes_and_is_read_back(value: object) -> None:
    assert dumps(value) == json.dumps(value)
    assert loads(dumps(value)) == value


@given(st.lists(PIECES).map("".join))
def test_what_json_refuses_is_refused(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            loads(text)
    else:
        assert loads(text) == expected


@pytest.mark.parametrize("text", ["", " ", "{} {}", "[1] x", '"a', b"\xff", "nul", "{'a': 1}"])
def test_what_is_not_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(text)


CUT_OFF = """import sys
from gumauth.platform.json import loads
for text in ("{", '{"a', "[1", '"x', '{"a" 1}', '{"a": 1,}'):
    try:
        loads(text)
    except ValueError:
        print("refused")
assert "json" not in sys.modules
"""


@pytest.mark.requirement("K3")
def test_a_text_that_is_cut_off_is_a_value_error_also_where_json_is_not_imported() -> None:
    # What measures coverage imports json.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", CUT_OFF]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.split(), done.stderr) == (["refused"] * 6, "")


def test_bytes_are_utf_8_and_blanks_around_are_passed_over() -> None:
    assert loads(' \t\r\n{"name": "Ada Lovelace, née Byron"}\n'.encode()) == {"name": "Ada Lovelace, née Byron"}


def test_numbers_that_are_none_are_read_as_json_reads_them() -> None:
    assert loads("[Infinity, -Infinity]") == [math.inf, -math.inf]
    assert math.isnan(loads("NaN"))


def test_what_json_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="JSON has no set"):
        dumps({"scopes": {"read"}})


def test_a_text_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(RecursionError):
        loads("[" * 200_000)
