"""The quick selection of the hostile provider's trials; `python -m tests.programs.hostile_provider` plays all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.platform.frozen import replace
from tests.accounts.directly import records_of
from tests.programs.hostile_provider import every, failed, run
from tests.programs.hostile_scene import CountingServer, Scene

PROVES = {
    "F8": ("F8", "F5"),
    "F9": ("F9",),
    "F10": ("F10", "F5"),
    "F14": ("F14",),
    "F15": ("F15", "R8"),
    "F16": ("F16",),
    "R7": ("R7", "L1"),
    "R8": ("R8",),
    "P4": ("P4", "P6"),
}


@pytest.mark.parametrize(
    "line", [pytest.param(line, marks=pytest.mark.requirement(*proved)) for line, proved in PROVES.items()]
)
def test_a_provider_that_misbehaves_is_a_clear_error_and_loses_nothing(line: str) -> None:
    trials = [trial for trial in every() if trial.quick and trial.line == line]
    assert trials
    assert failed(run(trials)) == []


@pytest.mark.requirement("S5")
def test_a_stored_token_that_would_end_its_line_is_printed_in_no_way(tmp_path: Path) -> None:
    with CountingServer(rotate=True) as server:
        scene = Scene(server, tmp_path)
        context = scene.stage.context
        records = records_of(context)
        for bad in ("a\r\nSet-Cookie: x", "a\nb", "a\x00b"):
            account, record = records.settle(context.accounts.look_up("acme"))
            account, _ = records.put(account, replace(record, access_token=bad))
            records.mark(account)
            for way in ((), ("--header",)):
                assert "no header may hold" in scene.fails(1, "token", "acme", *way).error
            as_json = scene.run("token", "acme", "--json")
            assert (as_json.status, as_json.out) == (1, "")


def test_every_trial_has_a_name_of_its_own() -> None:
    names = [(trial.line, trial.kind, trial.name) for trial in every()]
    assert len(names) == len(set(names)) > 400
