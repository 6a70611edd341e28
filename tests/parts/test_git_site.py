"""The git server of the tests opens a repository for the right password alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.parts.git_site import GitSite, Visit

pytestmark = pytest.mark.git


def git(site: GitSite, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), **site.environment}
    return subprocess.run(["git", *words], env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_repository_is_cloned_and_pushed_to_with_the_password_of_its_organisation(tmp_path: Path) -> None:
    with GitSite(
        tmp_path / "site", lambda organisation, password: (organisation, password) == ("acme", "s3cret")
    ) as site:
        url, clone = site.add("acme", "tools"), tmp_path / "clone"
        right = url.replace("https://", "https://ada:s3cret@")
        assert git(site, tmp_path, "clone", "-q", right, str(clone)).returncode == 0
        assert (clone / "README").read_text() == "hello\n"
        person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        git(site, tmp_path, "-C", str(clone), *person, "commit", "-q", "--allow-empty", "-m", "second")
        assert git(site, tmp_path, "-C", str(clone), "push", "-q").returncode == 0
        assert site.head("acme", "tools") == "second"


def test_nobody_else_gets_in(tmp_path: Path) -> None:
    with GitSite(tmp_path / "site", lambda _organisation, password: password == "s3cret") as site:
        wrong = site.add("acme", "tools").replace("https://", "https://ada:other@")
        assert git(site, tmp_path, "clone", wrong, str(tmp_path / "clone")).returncode == 128
        assert site.visits == [Visit("acme", None, 401), Visit("acme", "ada", 401)]
