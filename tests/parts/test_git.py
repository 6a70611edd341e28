"""The real git gets its password from gumauth: clone, fetch and push of private repositories, and refused tokens."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gumauth.platform.frozen import replace
from gumauth.store.open import choose
from gumauth.testing import AuthorizationServer
from tests.accounts.directly import records_of
from tests.client.world import Walker, World
from tests.parts.git_site import GitSite, Visit
from tests.reading import BLOCKS

pytestmark = pytest.mark.git


@dataclass
class Scene:
    """Two people's accounts of one forge, each with an organisation of its own, and an empty home."""

    world: World
    site: GitSite
    home: Path

    def token(self, name: str) -> str:
        """The access token that is stored for an account, as it is."""
        context = self.world.new_context()
        return context.accounts.read(context.accounts.look_up(f"acme/{name}")).access_token

    def helper(self, reference: str) -> str:
        """The command line of the credential helper, which finds everything without a variable of the environment."""
        kept = ("GUMAUTH_HOME", "GUMAUTH_STORE", "GUMAUTH_KEY_FILE", "ACME_CLIENT_ID", "ACME_CLIENT_SECRET")
        variables = [f"{name}={self.world.environ[name]}" for name in kept]
        words = ["env", *variables, sys.executable, "-m", "gumauth", "token", reference, "--for", "git"]
        return "!" + shlex.join(words)

    def link(self, url: str, reference: str) -> None:
        """Make git run gumauth for a URL, and nothing else."""
        for value in ("", self.helper(reference)):
            self.git("config", "--global", "--add", f"credential.{url}.helper", value)

    def git(self, *words: str, fails: bool = False) -> str:
        """What git says, in an environment with nothing but a home and the certificate."""
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.home), **self.site.environment}
        done = subprocess.run(["git", *words], env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode != 0) == fails, done.stderr
        return done.stdout + done.stderr


def age(scene: Scene, name: str, *, life: float = 0) -> None:
    """Make an account's token an hour old, with this many seconds to live."""
    context = scene.world.new_context()
    account = context.accounts.look_up(f"acme/{name}")
    record = context.accounts.read(account)
    record = replace(record, obtained_at=time.time() - 3600, expires_at=time.time() + life)
    account, _ = records_of(context).put(account, record)
    records_of(context).mark(account)


OWNERS = {"tools": "ada@example.com", "works": "grace@example.com"}
"""Whose token opens the repositories of an organisation."""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    key, home = tmp_path / "key", tmp_path / "person"
    home.mkdir()
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(32))

    def accepts(organisation: str, password: str) -> bool:
        family = server.good_for(password, site.url)
        return family is not None and family.person == OWNERS.get(organisation)

    with AuthorizationServer() as server, GitSite(tmp_path / "site", accepts) as site:
        server.resource_parameter = "ignored"  # so that `good_for` tells whose token it is
        environ = {"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}
        world = World(server=server, folder=tmp_path, clock=time.time, environ=environ)  # type: ignore[arg-type]
        world.store = choose(world.context, None)
        world.write_provider(git_hosts=(site.host,), git_username="x-access-token")
        world.context = world.new_context()
        for name in ("ada", "grace"):
            world.connect(Walker(world, nickname=f"{name}@example.com"), alias=name)
        yield Scene(world, site, home)


def shown() -> str:
    """git's configuration, as `gumauth help scripts` shows it."""
    (block,) = (block for kind, block in BLOCKS if kind == "ini" and "--for git" in block)
    return str(block)


def is_in_a_file(folder: Path, *secrets: str) -> bool:
    """Whether one of the secrets stands in a file below a folder."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert contents
    return any(secret.encode() in content for secret in secrets for content in contents)


@pytest.mark.requirement("H3", "H6", "S1")
def test_a_private_repository_is_cloned_fetched_and_pushed_to_before_and_after_a_token_has_ended(scene: Scene) -> None:
    url, clone = scene.site.add("tools", "axe"), scene.home / "axe"
    ours = scene.helper("acme/ada").replace("\\", "\\\\").replace('"', '\\"')
    text = shown().replace("https://github.com", scene.site.url).replace("!gumauth token github --for git", ours)
    other = f"store --file={scene.home / 'kept'}"  # for all hosts: without the empty helper it would keep the token
    scene.git("config", "--global", "credential.helper", other)
    with (scene.home / ".gitconfig").open("a") as configuration:
        configuration.write(text)
    scene.git("clone", url, str(clone))
    assert (clone / "README").read_text() == "hello\n"
    first = scene.token("ada")
    scene.site.visits.clear()

    age(scene, "ada")
    scene.world.server.expire(first)
    scene.git("-C", str(clone), "fetch")
    assert scene.token("ada") != first
    assert {visit.username for visit in scene.site.visits if visit.status == 200} == {"x-access-token"}

    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    scene.git("-C", str(clone), *person, "commit", "--allow-empty", "-m", "second")
    scene.git("-C", str(clone), "push")
    assert scene.site.head("tools", "axe") == "second"
    assert not is_in_a_file(scene.home, first, scene.token("ada"))


@pytest.mark.requirement("H3")
def test_a_token_that_the_server_refuses_is_another_one_at_the_next_command(scene: Scene) -> None:
    url = scene.site.add("tools", "axe")
    scene.link(scene.site.url, "acme/ada")
    refused = scene.token("ada")
    age(scene, "ada", life=3000)
    scene.world.server.expire(refused)
    assert "Authentication failed" in scene.git("ls-remote", url, fails=True)
    assert scene.world.server.count("refresh") == 0
    scene.git("ls-remote", url)
    assert (scene.world.server.count("refresh"), scene.token("ada") != refused) == (1, True)


@pytest.mark.requirement("H3")
def test_a_server_that_refuses_every_token_causes_no_refresh(scene: Scene) -> None:
    url = scene.site.add("works", "saw")
    scene.link(scene.site.url, "acme/ada")
    for _ in range(2):
        scene.git("ls-remote", url, fails=True)
    assert scene.world.server.count("refresh") == 0


@pytest.mark.requirement("H5")
def test_two_organisations_of_one_host_have_an_account_each(scene: Scene) -> None:
    for organisation, account in (("tools", "ada"), ("works", "grace")):
        scene.link(f"{scene.site.url}/{organisation}", f"acme/{account}")
    for organisation in ("tools", "works"):
        scene.git("ls-remote", scene.site.add(organisation, "axe"))
    assert Visit("works", "x-access-token", 401) not in scene.site.visits


@pytest.mark.requirement("H5")
def test_the_user_name_in_the_url_chooses_the_account(scene: Scene) -> None:
    scene.link(scene.site.url, "acme")
    for organisation, name in (("tools", "ada"), ("works", "grace")):
        url = scene.site.add(organisation, "axe").replace("://", f"://{name}@")
        scene.git("ls-remote", url)
    assert {(visit.organisation, visit.username) for visit in scene.site.visits if visit.status == 200} == {
        ("tools", "ada"),
        ("works", "grace"),
    }
    stranger = scene.site.add("tools", "saw").replace("://", "://bob@")
    assert "bob" in scene.git("ls-remote", stranger, fails=True)
    assert 200 not in {visit.status for visit in scene.site.visits if visit.username == "bob"}


@pytest.mark.requirement("H5")
def test_a_helper_for_every_host_answers_for_its_own_alone(scene: Scene, tmp_path: Path) -> None:
    scene.git("config", "--global", "credential.helper", scene.helper("acme/ada"))
    seen: list[str] = []

    def refuses(_organisation: str, password: str) -> bool:
        seen.append(password)
        return False

    with GitSite(tmp_path / "other", refuses) as other:
        certificates = other.certificate.read_text() + scene.site.certificate.read_text()
        scene.site.certificate.write_text(certificates)
        scene.git("ls-remote", other.add("tools", "axe"), fails=True)
    assert seen == []
