"""Recipes as the real programs read them: git, kubectl, msmtp, mutt, rclone and sh."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gumauth.errors import UsageError
from gumauth.handout.recipes.recipe import Wanted
from gumauth.handout.recipes.table import RECIPES
from gumauth.platform.frozen import replace
from gumauth.testing.listening import Handler, Listening
from gumauth.testing.messages import Request, Response
from tests.handout.recipes.odd import GUMAUTH, ODD, PLAIN, TOKEN
from tests.parts.need import need

DAV = b"""<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/</d:href><d:propstat><d:prop>
<d:resourcetype><d:collection/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
</d:multistatus>"""


def run(folder: Path, *words: str, path: str = "", stdin: str = "", **more: str) -> str:
    """What a program prints, started with a home of its own."""
    environ = {"HOME": str(folder), "PATH": f"{path}:{os.environ['PATH']}", **more}
    done = subprocess.run(words, env=environ, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def here(tmp_path: Path) -> Wanted:
    """Facts with a stand-in for gumauth, at a path that has to be quoted: it prints its words, one token for all."""
    program = tmp_path / GUMAUTH.lstrip("/")
    program.parent.mkdir(parents=True)
    program.write_text(
        '#!/bin/sh\n[ "$2" = "ada" ] || exit 3\n[ "$3" ] && printf "Authorization: Bearer "\necho a-token\n'
    )
    program.chmod(0o700)
    return replace(ODD, gumauth=(str(program),), account="ada")


def test_git_has_an_empty_helper_and_gumauths_own(tmp_path: Path) -> None:
    need(programs=("git",))
    file = tmp_path / "config"
    file.write_text(RECIPES["git"].text(ODD))
    read = run(
        tmp_path, "git", "config", "-f", str(file), "--null", "--get-all", "credential.https://git.example.com.helper"
    )
    first, second, end = read.split("\0")
    assert (first, second[0], end) == ("", "!", "")
    assert shlex.split(second[1:]) == [*TOKEN, "--for", "git"]


def test_kubectl_is_told_by_its_own_command(tmp_path: Path) -> None:
    need(programs=("kubectl",))
    for _ in range(2):  # the second run changes nothing
        run(tmp_path, "sh", "-c", RECIPES["kubectl"].text(ODD))
    (user,) = json.loads(run(tmp_path, "kubectl", "config", "view", "-o", "json"))["users"]
    told = user["user"]["exec"]
    assert (user["name"], told["apiVersion"]) == ("acme-work", "client.authentication.k8s.io/v1beta1")
    assert [told["command"], *told["args"]] == [*TOKEN, "--for", "kubectl"]


def test_msmtp_runs_the_command_as_it_is(tmp_path: Path, here: Wanted) -> None:
    need(programs=("msmtp",))
    file = tmp_path / "msmtprc"
    file.write_text(f"account default\nhost localhost\ntls on\n{RECIPES['msmtp'].text(here)}\n")
    file.chmod(0o600)
    read = run(tmp_path, "msmtp", "-C", str(file), "--pretend", "ada@example.com")
    assert f"passwordeval = {shlex.join(here.token())}\n" in read
    assert "auth = OAUTHBEARER\n" in read
    assert "user = ada@example.com\n" in read
    assert "password = *\n" in read  # it was run


def test_mutt_reads_the_command_as_it_is(tmp_path: Path) -> None:
    need(programs=("mutt",))
    file = tmp_path / "muttrc"
    file.write_text(RECIPES["mutt"].text(ODD) + '\nset folder = "$imap_oauth_refresh_command"\n')
    for name in ("imap_oauth_refresh_command", "smtp_oauth_refresh_command"):
        read = run(tmp_path, "mutt", "-n", "-F", str(file), "-Q", name)
        assert read.replace("\\\\", "\\").replace('\\"', '"') == f'{name}="{shlex.join(TOKEN)}"\n'


class Dav(Handler):
    """Takes WebDAV's method too."""

    do_PROPFIND = Handler.do_GET  # noqa: N815


@pytest.fixture
def dav() -> Iterator[tuple[str, list[str]]]:
    """The address of a WebDAV server, and the Authorization headers that came."""
    came: list[str] = []

    def answer(request: Request) -> Response:
        came.append(request.headers.get("authorization", ""))
        return Response(status=207, headers={"Content-Type": "text/xml"}, body=DAV)

    listening = Listening(answer, Dav)
    yield f"http://127.0.0.1:{listening.port}", came
    listening.close()


def test_rclone_sends_the_token_that_the_command_prints(
    tmp_path: Path, here: Wanted, dav: tuple[str, list[str]]
) -> None:
    need(programs=("rclone",))
    file, link = tmp_path / "rclone.conf", tmp_path / "gumauth"
    link.symlink_to(here.gumauth[0])
    assert "whose paths have neither" in RECIPES["rclone"].notes(here)[-1]
    file.write_text(RECIPES["rclone"].text(replace(here, gumauth=(str(link),), url=dav[0])))
    run(tmp_path, "rclone", "--config", str(file), "lsd", "acme-work:")
    assert set(dav[1]) == {"Bearer a-token"}


@pytest.mark.parametrize(
    "odd", [{"account": "%(type)s"}, {"gumauth": ("/opt/%(x)s/gumauth",)}, {"url": "https://a.example/%(url)s"}]
)
def test_what_rclone_would_replace_is_refused(odd: dict[str, Any]) -> None:
    """`%(type)s` in a value of its file is "webdav" to rclone, and a name that it does not know is nothing."""
    with pytest.raises(UsageError, match="puts other values in place"):
        RECIPES["rclone"].text(replace(PLAIN, **odd))
    assert "100%/(a)s" in RECIPES["rclone"].text(replace(PLAIN, account="100%/(a)s"))


def test_curl_sends_the_header_and_the_line_fails_without_one(
    tmp_path: Path, here: Wanted, dav: tuple[str, list[str]]
) -> None:
    need(programs=("curl",))
    run(tmp_path, "bash", "-c", RECIPES["curl"].text(replace(here, url=dav[0])))
    assert dav[1] == ["Bearer a-token"]
    failing = ["bash", "-c", RECIPES["curl"].text(replace(here, url=dav[0], account="nobody"))]
    assert subprocess.run(failing, capture_output=True, timeout=60, check=False).returncode == 3


@dataclasses.dataclass(frozen=True)
class Called:
    """How a stand-in was called."""

    words: list[str]
    stdin: str


def called(folder: Path, program: str, line: str) -> Called:
    """Run a line with a stand-in of that name first in PATH; it notes what it got."""
    stand_in = folder / "bin" / program
    stand_in.parent.mkdir(exist_ok=True)
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >"$HOME/words"\ncat >"$HOME/stdin"\n')
    stand_in.chmod(0o700)
    run(folder, "bash", "-c", line, path=str(stand_in.parent))
    words, stdin = ((folder / name).read_text() for name in ("words", "stdin"))
    return Called(words.splitlines(), stdin)


def test_docker_gets_the_token_on_its_standard_input(tmp_path: Path, here: Wanted) -> None:
    line = RECIPES["docker"].text(replace(here, provider="google"))
    got = called(tmp_path, "docker", line)
    assert got.words == ["login", "-u", "oauth2accesstoken", "--password-stdin", "LOCATION-docker.pkg.dev"]
    assert got.stdin == "a-token\n"


@pytest.mark.parametrize(
    ("program", "provider", "variable", "command"),
    [
        ("gcloud", "google", "CLOUDSDK_AUTH_ACCESS_TOKEN", ["gcloud", "projects", "list"]),
        ("terraform", "github", "GITHUB_TOKEN", ["terraform", "plan"]),
        ("terraform", "acme", "TF_VAR_acme_work_token", ["terraform", "plan"]),
    ],
)
def test_others_are_run_with_the_token_in_their_variable(
    program: str, provider: str, variable: str, command: list[str]
) -> None:
    line = RECIPES[program].text(replace(ODD, provider=provider))
    assert shlex.split(line) == [GUMAUTH, "run", f"{variable}={ODD.account}", "--", *command]


def test_aws_is_given_the_role_and_a_file_with_the_id_token() -> None:
    role, *words = shlex.split(RECIPES["aws"].text(ODD))
    assert role == "AWS_ROLE_ARN=arn:aws:iam::ID:role/ROLE"
    reference = f"AWS_WEB_IDENTITY_TOKEN_FILE@={ODD.account}#id_token"
    assert words == [GUMAUTH, "run", reference, "--", "aws", "sts", "get-caller-identity"]
