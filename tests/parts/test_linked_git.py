"""git, told by `gumauth link git … --write` in an empty home, clones private repositories, and keeps no token."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gumauth.store.open import choose
from gumauth.testing import AuthorizationServer
from tests.cli.program import process
from tests.client.world import Clock, Walker, World
from tests.parts.git_site import GitSite, Visit

pytestmark = [pytest.mark.git, pytest.mark.requirement("H3", "H5")]

HOURS = 7200.0
OWNERS = {"engines": "ada@example.com", "compilers": "grace@example.com"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Two accounts, `acme/ada` and `acme/grace`, whose tokens have ended an hour ago."""
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(32))
    clock = Clock(time.time() - HOURS)
    with AuthorizationServer(clock=clock) as server:
        world = World(
            server=server,
            folder=tmp_path,
            clock=clock,
            environ={"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)},
        )
        world.store = choose(world.context, None)
        world.context = world.new_context()
        for person in OWNERS.values():
            world.connect(Walker(world, nickname=person), alias=person.partition("@")[0])
        clock.move(HOURS)
        yield world


@pytest.fixture
def site(world: World) -> Iterator[GitSite]:
    """Opens an organisation's repositories for a living token of its owner."""

    def accepts(organisation: str, password: str) -> bool:
        answer = httpx.get(world.server.userinfo_url, headers={"Authorization": f"Bearer {password}"}, trust_env=False)
        return answer.status_code == 200 and OWNERS[organisation] in answer.text

    with GitSite(world.folder / "site", accepts) as site:
        world.write_provider(git_hosts=(site.host,))
        yield site


class Person:
    """Somebody with an empty home."""

    def __init__(self, world: World, site: GitSite) -> None:
        self.home = world.folder / "person"
        self.home.mkdir()
        self.environ = {**world.environ, "HOME": str(self.home), "PATH": os.environ["PATH"], **site.environment}

    def git(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *words], env=self.environ, cwd=self.home, capture_output=True, text=True, timeout=60, check=False
        )

    def link(self, account: str, *more: str) -> None:
        done = process(self.environ, "link", "git", account, *more, "--write")
        assert done.status == 0, done.err


def test_two_organisations_of_one_host_are_cloned_each_by_its_own_account(world: World, site: GitSite) -> None:
    person = Person(world, site)
    person.git("config", "--global", "credential.helper", "store")  # keeps what it is told in plain text
    person.link("acme/ada", "--url", f"{site.url}/engines")
    person.link("acme/grace", "--url", f"{site.url}/compilers")
    for number in (1, 2):  # the first token has ended; the second is good
        for organisation in OWNERS:
            url = site.add(organisation, f"tool{number}")
            done = person.git("clone", "-q", url, f"{organisation}{number}")
            assert done.returncode == 0, done.stderr
        assert world.server.count("refresh") == 2
    assert [visit.organisation for visit in site.visits if visit.status == 401] == [*OWNERS, *OWNERS]
    tokens = [process(person.environ, "token", account).out.strip() for account in ("acme/ada", "acme/grace")]
    assert world.server.is_active(tokens[0])
    for file in (*person.home.rglob("*"), *(world.folder / "home").rglob("*")):
        if file.is_file():
            assert not any(token.encode() in file.read_bytes() for token in tokens), file


def test_the_whole_host_is_linked_and_one_organisation_apart(world: World, site: GitSite) -> None:
    person = Person(world, site)
    person.link("acme/ada")
    person.link("acme/grace", "--url", f"{site.url}/compilers")
    for organisation in OWNERS:
        done = person.git("clone", "-q", site.add(organisation, "tool"), organisation)
        assert done.returncode == 0, done.stderr
    names = {visit.organisation: visit.username for visit in site.visits if visit.status == 200}
    assert names == dict.fromkeys(OWNERS, "oauth2")


def test_another_host_is_not_asked_for(world: World, site: GitSite) -> None:
    person = Person(world, site)
    person.link("acme/ada")
    with GitSite(world.folder / "other", lambda _organisation, _password: True) as other:
        person.environ |= other.environment
        url = other.add("engines", "tool")
        assert person.git("clone", "-q", url).returncode == 128
        assert other.visits == [Visit("engines", None, 401)]
