"""`gumauth check --answer`: the real service's own answer, where check cannot find out what a file reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gumauth.cli.check.samples import samples
from gumauth.errors import UsageError
from tests.cli.check.styles import with_nickname
from tests.cli.program import environment, inside

READS_A_HEADER = with_nickname("""
        kind, _, whose = (await self._get("/me", access_token)).json()["x"].partition("/7f/")
        return whose if kind == "urn" and whose else None""")


def test_a_sample_is_given_where_its_part_of_the_address_is(tmp_path: Path) -> None:
    file = tmp_path / "me.json"
    file.write_text('{"login": "ada"}')
    assert samples([str(file), f"/user/emails={file}"]) == [("", {"login": "ada"}), ("/user/emails", {"login": "ada"})]


@pytest.mark.parametrize("content", [None, "{", "[" * 100_000])
def test_a_sample_that_cannot_be_read_is_a_wrong_usage(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "me.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError):
        samples([str(file)])


def test_what_cannot_be_found_out_is_said_and_a_sample_tells_it(tmp_path: Path) -> None:
    file, sample = tmp_path / "auth.py", tmp_path / "me.json"
    file.write_text(READS_A_HEADER)
    file.chmod(0o600)
    sample.write_text(json.dumps({"x": "urn/7f/ada"}))
    without = inside(environment(tmp_path), "check", str(file))
    assert "could not be found out; give a sample of the service's answer with --answer FILE" in without.out
    assert "No nickname" not in without.out
    with_sample = inside(environment(tmp_path), "check", str(file), "--all", "--answer", f"/me={sample}")
    assert "tells whose account it is" in with_sample.out
    assert "could not be found out" not in with_sample.out


def test_a_service_at_a_host_of_ones_own_is_checked_there(tmp_path: Path) -> None:
    ended = inside(environment(tmp_path), "check", "gitlab", "--host", "git.example.com", "--json")
    assert json.loads(ended.out)["provider"] == "git.example.com"
    assert ended.status == 0
