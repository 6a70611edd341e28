"""gumauth as desktop programs start it: with HOME and PATH alone, by the encrypted file and by real keyrings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.imported import SENT_BY_GIT
from tests.cli.program import Ended, environment
from tests.cli.test_imports import ID_TOKEN, with_record
from tests.handout.bridge.site import Site
from tests.parts.kwallet import KWallet
from tests.parts.need import lacking, need
from tests.parts.secret_service import Session

TOKEN = "an-access-token"
CREDENTIAL = {
    "apiVersion": "client.authentication.k8s.io/v1",
    "kind": "ExecCredential",
    "status": {"token": ID_TOKEN, "expirationTimestamp": "2096-10-02T07:06:40Z"},
}
FOR_GOOGLE = {
    "version": 1,
    "success": True,
    "token_type": "urn:ietf:params:oauth:token-type:id_token",
    "id_token": ID_TOKEN,
    "expiration_time": 4_000_000_000,
}
INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}\n'
OPENED = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "site", "version": "1"}}


@dataclass(frozen=True)
class Form:
    """A command, what is sent to it, and what it prints: a line, or a JSON object."""

    words: tuple[str, ...]
    prints: object
    reads: str = ""


FORMS = {
    "token": Form(("token", "github"), TOKEN),
    "header": Form(("token", "github", "--header"), f"Authorization: Bearer {TOKEN}"),
    "id_token": Form(("token", "github", "--id-token"), ID_TOKEN),
    "for mcp": Form(("token", "github", "--for", "mcp"), {"Authorization": f"Bearer {TOKEN}"}),
    "for git": Form(
        ("token", "github", "--for", "git", "get"), f"username=x-access-token\npassword={TOKEN}", SENT_BY_GIT
    ),
    "for kubectl": Form(("token", "github", "--for", "kubectl"), CREDENTIAL),
    "for gcp": Form(("token", "github", "--for", "gcp"), FOR_GOOGLE),
    "run": Form(("run", "A=github", "--", "sh", "-c", 'echo "$A"'), TOKEN),
    "mcp": Form(
        ("mcp", "local", "--url", "URL"), {"jsonrpc": "2.0", "id": 1, "result": OPENED}, INITIALIZE
    ),  # the bridge; `site` is its server
}

PROVIDER = """
from gumauth import OAuth2Provider

class Local(OAuth2Provider):
    name = "local"
    client_id = "app"
    authorize_url = token_url = "http://127.0.0.1:1/"
"""
"""The provider of the MCP server: its file tells that the token may go to 127.0.0.1."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def poor(home: str, **more: str) -> dict[str, str]:
    """Nothing but HOME and PATH; and what measures and slows tests."""
    return {"HOME": home, "PATH": os.environ["PATH"], **more}


def connected(environ: dict[str, str]) -> None:
    """Accounts of both providers, in the store that the environment selects."""
    file = Path(environ["HOME"], "local.py")
    file.touch(mode=0o600)
    file.write_text(PROVIDER)
    with_record(environ, "github")
    with_record(environ, "local", source=f"{file}:Local")


def ended(
    forms: Mapping[str, Form], site: Site, environ: dict[str, str], before: Sequence[str] = ()
) -> dict[str, tuple[Ended, float]]:
    """How each form ended, and after how many seconds; all are started at once.

    Args:
        forms: By their names.
        site: The MCP server.
        environ: Of all of them.
        before: Words of a command that runs the form's.
    """
    began = time.monotonic()
    started = {}
    for name, form in forms.items():
        words = [site.url if word == "URL" else word for word in form.words]
        started[name] = subprocess.Popen(
            [*before, sys.executable, "-m", "gumauth", *words],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        stdin = started[name].stdin
        assert stdin
        stdin.write(form.reads)
        stdin.close()
        started[name].stdin = None
    found = {}
    for name, process in started.items():
        out, err = process.communicate(timeout=60)
        found[name] = Ended(process.returncode, out, err), time.monotonic() - began
    return found


def printed(found: dict[str, tuple[Ended, float]]) -> dict[str, object]:
    """What each form printed, where it succeeded and said nothing; else how it ended."""
    return {
        name: _read(ended.out.rstrip("\n")) if (ended.status, ended.err) == (0, "") else ended
        for name, (ended, _) in found.items()
    }


def _read(text: str) -> object:
    return json.loads(text) if text.startswith("{") else text


PRINTS = {name: form.prints for name, form in FORMS.items()}


@pytest.fixture
def settled(tmp_path: Path) -> dict[str, str]:
    """A home with accounts in the encrypted file, which `settings.toml` names; the environment says nothing of it."""
    rich = environment(tmp_path)
    del rich["GUMAUTH_HOME"]
    connected(rich)
    folder = tmp_path / ".config" / "gumauth"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "settings.toml").write_text(f'store = "file"\nkey_file = "{rich["GUMAUTH_KEY_FILE"]}"\n')
    return poor(str(tmp_path))


@pytest.mark.requirement("H6")
def test_each_form_works_with_the_encrypted_file(settled: dict[str, str], site: Site) -> None:
    assert printed(ended(FORMS, site, settled)) == PRINTS
    assert {seen.headers["authorization"] for seen in site.seen} == {f"Bearer {TOKEN}"}


@pytest.mark.requirement("H6", "H4")
def test_without_the_settings_nothing_is_printed_and_the_reason_is_said(settled: dict[str, str], site: Site) -> None:
    (Path(settled["HOME"]) / ".config" / "gumauth" / "settings.toml").unlink()
    found, _ = ended({"": FORMS["for mcp"]}, site, settled)[""]
    assert (found.status, found.out) == (6, "")
    assert "error:" in found.err


AT_ITS_PLACE = """
place="/run/user/$(id -u)"
mount -t tmpfs none /run && mkdir -p "$place" || exit 99
[ -d "$1" ] || { place="$place/bus" && touch "$place"; }
mount --bind "$1" "$place" || exit 99
shift
exec env -i "HOME=$HOME" "PATH=$PATH" "$@"
"""
"""Runs a command where the session's folder, or its bus alone, is at the place that the system gives it."""


def at_its_place(mounted: Path | str, *settings: str) -> list[str]:
    """What runs a command in a mount namespace, with these variables beside HOME and PATH.

    Args:
        mounted: The session's folder; or its bus alone, in a folder that no other process has.
        settings: Such as "LANG=C".
    """
    need(programs=("unshare",))
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        lacking("no mount namespaces can be made")
    return ["unshare", "--mount", "sh", "-c", AT_ITS_PLACE, "sh", str(mounted), *settings]


@pytest.mark.keyring
@pytest.mark.requirement("H6")
def test_each_form_finds_the_sessions_bus_at_its_usual_place(secret_service: Session, site: Site) -> None:
    connected(secret_service.environ)
    environ = poor(secret_service.environ["HOME"])
    assert printed(ended(FORMS, site, environ, at_its_place(secret_service.folder))) == PRINTS
    # Also where the variable names another folder, which has no bus.
    command = at_its_place(secret_service.folder, "XDG_RUNTIME_DIR=/tmp")
    assert printed(ended({"": FORMS["token"]}, site, environ, command)) == {"": TOKEN}


@pytest.mark.keyring
@pytest.mark.requirement("H4", "H6")
def test_each_form_says_in_time_that_the_keyring_does_not_answer(secret_service: Session, site: Site) -> None:
    """Each has a lock of its own at the bus here: else they would wait one after the other."""
    connected(secret_service.environ)
    environ = poor(secret_service.environ["HOME"])
    secret_service.stop_daemon()
    found = ended(FORMS, site, environ, at_its_place(f"{secret_service.folder}/bus"))
    assert {name: ended.status for name, (ended, _) in found.items()} == dict.fromkeys(FORMS, 6)
    assert {name: seconds for name, (_, seconds) in found.items() if seconds > 15} == {}  # 5 s, and slow machines
    told = "did not answer within 5 s"
    assert [name for name, (ended, _) in found.items() if told not in ended.err] == []
    (answer,) = [json.loads(found.pop("mcp")[0].out)]  # a client shows this one
    assert told in answer["error"]["message"]
    assert {ended.out for ended, _ in found.values()} == {""}
    assert site.seen == []


@pytest.mark.kwallet
@pytest.mark.requirement("H6")
def test_kwallet_is_found_at_the_sessions_bus_too(kwallet: KWallet, site: Site) -> None:
    session = kwallet.session
    connected({**session.environ, "XDG_CURRENT_DESKTOP": "KDE"})
    forms = {name: FORMS[name] for name in ("token", "for git")}
    found = ended(forms, site, poor(session.environ["HOME"]), at_its_place(session.folder))
    assert printed(found) == {name: PRINTS[name] for name in forms}
