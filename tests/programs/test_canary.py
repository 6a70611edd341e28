"""No secret where none may be; `python -m tests.programs.canary` plays every fault and every way to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs.canary import parts, play, shown
from tests.programs.canary_field import Field
from tests.programs.canary_search import Canaries

PARTS = ("everyday", "credentials", "people", "provider files", "quoted", "by address")


@pytest.mark.requirement("S1", "S2")
@pytest.mark.parametrize("name", PARTS)
def test_no_secret_is_where_none_may_be(name: str, tmp_path: Path) -> None:
    field = play(parts(quick=True)[name], tmp_path)
    assert [shown(finding) for finding in field.findings] == []
    assert field.searched["runs"] > 5
    assert {"access_token", "client_secret", "code", "id_token", "refresh_token", "state", "verifier"} <= set(
        field.canaries.kinds()
    )


@pytest.mark.requirement("S1", "S3")
def test_no_key_is_where_none_may_be(tmp_path: Path) -> None:
    field = play(parts(quick=True)["keys"], tmp_path)
    assert [shown(finding) for finding in field.findings] == []
    assert field.canaries.kinds()["key"] == 4
    assert field.searched["runs"] > 8


@pytest.mark.requirement("S1", "H8")
def test_no_secret_is_in_what_a_run_leaves_behind(tmp_path: Path) -> None:
    field = play(parts(quick=True)["ahead"], tmp_path)
    assert [shown(finding) for finding in field.findings] == []
    assert field.searched["children"] >= 2


@pytest.mark.requirement("S1")
def test_the_browser_gets_the_address_and_nothing_else(tmp_path: Path) -> None:
    field = play(lambda field: _just_connected(field), tmp_path)
    assert field.searched["browsers"] == 1
    assert field.findings == []


def _just_connected(field: Field) -> None:
    assert field.connect().status == 0


LEAKS = {
    "standard error and logs": "import logging; logging.debug(words[0])",
    "standard error": "import sys; print(words[0][:14], file=sys.stderr)",
    "files": "import tempfile; open(tempfile.mkstemp()[1], 'w').write(words[0])",
    "argv of children": "import subprocess; subprocess.run(['sh', '-c', 'sleep 0.3; :', words[0]])",
    "environment of children": "import subprocess; subprocess.run(['sleep', '0.3'])",
}


@pytest.mark.parametrize("place", LEAKS)
def test_the_search_finds_what_is_planted(place: str, tmp_path: Path) -> None:
    """A provider file that shows its refresh token in one place, or lets the client secret go to a child."""

    def leak(field: Field) -> None:
        _just_connected(field)
        field.rewrite(f"\n    async def refresh(self, *words):\n        {LEAKS[place]}\n        raise ValueError\n")
        field.run("refresh", "acme")

    found = {(finding.secret, finding.place) for finding in play(leak, tmp_path).findings}
    secret = "client_secret" if "environment" in place else "refresh_token"
    assert any(kind == secret and place in where for kind, where in found), found


@pytest.mark.parametrize(
    "text",
    [
        "code=abc/def+ghi%20jkl-mno",
        "abc%2Fdef%2Bghi%2520jkl-mno",
        "…def+ghi%20jkl-mno",
        "eHh4YWJjL2RlZitnaGklMjBqa2wtbW5v",
        "6162632f6465662b676869253230",
    ],
)
def test_a_part_of_a_secret_is_found_in_any_spelling(text: str) -> None:
    canaries = Canaries()
    canaries.add("code", "abc/def+ghi%20jkl-mno")
    assert [finding.secret for finding in canaries.search("here", text)] == ["code"]
    assert canaries.search("here", "abc/def+gh, another") == []
