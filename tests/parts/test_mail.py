"""Mail programs that nobody here wrote log in with the token that gumauth gives them, each time they need one."""

from __future__ import annotations

import base64
import os
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gumauth.store.open import choose
from gumauth.testing import AuthorizationServer
from tests.cli.program import inside
from tests.client.world import Clock, World
from tests.parts.mail_programs import Mailer
from tests.parts.mail_site import LETTER, Login, MailSite
from tests.parts.need import lacking, need
from tests.parts.sasl import token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import CompletedProcess

pytestmark = [pytest.mark.mail, pytest.mark.requirement("H3")]

HOURS = 7200.0

SASL_PLUGINS = [*Path("/usr/lib").glob("*/sasl2/libkdexoauth2.so")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An account whose token has ended an hour ago; the client is kept in the store."""
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(32))
    clock = Clock(time.time() - HOURS)
    with AuthorizationServer(clock=clock) as server:
        world = World(server=server, folder=tmp_path, clock=clock)
        client = [world.environ.pop(f"ACME_CLIENT_{each}") for each in ("ID", "SECRET")]
        world.environ |= {"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}
        done = inside(world.environ, "setup", str(world.file), "-", stdin="\n".join(client))
        assert done.status == 0, done.err
        world.store = choose(world.new_context(), None)
        world.context = world.new_context()
        world.connect()
        clock.move(HOURS)
        yield world


@pytest.fixture
def settings(world: World) -> str:
    """What stands before gumauth where a program has HOME and PATH alone, and gumauth does not use the keyring."""
    names = ("GUMAUTH_STORE", "GUMAUTH_KEY_FILE")
    return " ".join(["/usr/bin/env", *(f"{name}={shlex.quote(world.environ[name])}" for name in names)])


@pytest.fixture
def link(world: World, settings: str) -> Callable[..., str]:
    """What `gumauth link` prints for a program, with the settings."""

    def text(program: str, *options: str) -> str:
        done = inside(world.environ, "link", program, "acme", *options)
        assert done.status == 0, done.err
        assert "/usr/bin/env GUMAUTH_HOME=" in done.out
        return done.out.replace("/usr/bin/env", settings)

    return text


@pytest.fixture
def mailer(world: World, link: Callable[..., str], settings: str, tmp_path: Path) -> Iterator[Mailer]:
    """Somebody whose mail programs ask gumauth; of the environment they have HOME and PATH alone."""
    need(programs=("msmtp", "mutt", "mbsync", "curl"))
    home = shlex.quote(world.environ["GUMAUTH_HOME"])
    command = f"{settings} GUMAUTH_HOME={home} {Path(sys.executable).with_name('gumauth')} token acme"
    folder = tmp_path / "person"
    folder.mkdir()
    with MailSite(tmp_path, world.server.is_active) as site:
        yield Mailer(folder, site, link, command, os.environ["PATH"])


@dataclass(frozen=True)
class Use:
    """What a program is used for.

    Args:
        login: What the server sees of it.
        run: Uses the program.
        done: How many mails have come through it.
    """

    login: Login
    run: Callable[[Mailer], CompletedProcess[str]]
    done: Callable[[Mailer], int]


def sent(mailer: Mailer) -> int:
    return sum(b"\r\nSubject: Notes\r\n" in mail and b"weaves" in mail for mail in mailer.site.sent)


def fetched(mailer: Mailer) -> int:
    return sum("algebraic" in mail for mail in mailer.fetched())


USES = {
    "msmtp, OAUTHBEARER": Use(Login("smtp", "OAUTHBEARER", True), lambda mailer: mailer.msmtp("oauthbearer"), sent),
    "msmtp, XOAUTH2": Use(Login("smtp", "XOAUTH2", True), lambda mailer: mailer.msmtp("xoauth2"), sent),
    "mutt": Use(Login("smtp", "OAUTHBEARER", True), lambda mailer: mailer.mutt_sends("oauthbearer"), sent),
    "mbsync": Use(Login("imap", "XOAUTH2", True), Mailer.mbsync, fetched),
    "curl": Use(Login("imap", "OAUTHBEARER", True), Mailer.curl, lambda mailer: len(mailer.read)),
}


ONCE_EACH = [name for name in USES if "XOAUTH2" not in name]
"""Without the programs that are there twice."""


def use_of(name: str) -> Use:
    if name == "mbsync" and not SASL_PLUGINS:
        lacking("not installed: libsasl2-modules-kdexoauth2")
    return USES[name]


@pytest.mark.requirement("H6")
@pytest.mark.parametrize("name", USES)
def test_a_mail_goes_through_with_a_token_that_is_refreshed_once_it_has_ended(
    world: World, mailer: Mailer, name: str
) -> None:
    use = use_of(name)
    for mails in (1, 2):
        done = use.run(mailer)
        assert done.returncode == 0, done.stderr
        assert use.done(mailer) == mails
        mailer.site.inbox.append(LETTER.replace(b"<1@", b"<2@"))
    assert mailer.site.logins == [use.login] * 2
    assert world.server.count("refresh") == 1


@pytest.mark.requirement("H4")
@pytest.mark.parametrize("name", ONCE_EACH)
def test_with_a_dead_grant_nothing_goes_through_and_the_program_fails_with_our_words(
    world: World, mailer: Mailer, name: str
) -> None:
    use = use_of(name)
    world.server.end_grant(1)
    done = use.run(mailer)
    assert done.returncode != 0
    assert "gumauth connect acme" in done.stderr
    assert use.done(mailer) == 0
    assert not any(login.accepted for login in mailer.site.logins)


@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
def test_mutt_reads_the_inbox_on_a_terminal(world: World, mailer: Mailer, mechanism: str) -> None:
    with mailer.mutt_reads(mechanism.lower()) as run:
        assert run.end()[0] == 0
    assert "algebraic" in (mailer.folder / "copied").read_text()
    assert mailer.site.logins == [Login("imap", mechanism, True)]
    assert world.server.count("refresh") == 1


def test_aerc_logs_in_on_a_terminal(world: World, mailer: Mailer) -> None:
    need(programs=("aerc",))
    with mailer.aerc() as run:
        run.until("Connected")
    assert mailer.site.logins[0] == Login("imap", "OAUTHBEARER", True)
    assert world.server.count("refresh") == 1


@pytest.mark.requirement("H4")
def test_mutt_says_that_it_cannot_log_in_where_the_grant_is_dead(world: World, mailer: Mailer) -> None:
    world.server.end_grant(1)
    with mailer.mutt_reads("oauthbearer") as run:
        run.until("No mailbox is open")
        assert "gumauth connect acme" in run.shown
    assert mailer.site.logins == []
    assert not (mailer.folder / "copied").exists()


@pytest.mark.parametrize(
    ("mechanism", "plain"),
    [
        ("XOAUTH2", b"user=ada@example.com\x01auth=Bearer a-token\x01\x01"),
        ("OAUTHBEARER", b"n,a=ada@example.com,\x01host=localhost\x01port=993\x01auth=Bearer a-token\x01\x01"),
    ],
)
def test_the_mail_server_reads_a_login_to_the_byte(mechanism: str, plain: bytes) -> None:
    def token(changed: bytes) -> str | None:
        return token_of(mechanism, changed, user="ada@example.com", host="localhost", port=993)

    assert token(base64.b64encode(plain)) == "a-token"
    others = [plain[:-1], plain + b"\n", plain.replace(b"ada", b"grace"), plain.replace(b"Bearer", b"bearer"), b""]
    assert [token(base64.b64encode(other)) for other in others] == [None] * 5
    assert token(base64.b64encode(plain) + b"!") is None
    assert token_of("PLAIN", base64.b64encode(plain), user="ada@example.com", host="localhost", port=993) is None
