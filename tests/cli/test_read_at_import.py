"""A provider file that reads its client id and secret while it is imported, as many servers do at their top."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer, Client, deliver
from gumauth.testing.provider_file import facts
from tests.cli.connecting import Run, at_terminal, piped
from tests.cli.program import Ended, inside, listed, process

CALLBACK = "http://127.0.0.1/callback"
SECRET = "quiet-Zk3vYb8mQe5rTn1x"

TOP = """import os
import subprocess
import sys
from gumauth import OAuth2Provider

CLIENT_ID = os.environ["ODD_CLIENT_ID"]
CLIENT_SECRET = os.environ["ODD_CLIENT_SECRET"]
"""
CLASS = """

class Provider(OAuth2Provider):
    name = "odd"
    redirect_host = "127.0.0.1"
    redirect_ports = ()
"""


@pytest.fixture
def file(server: AuthorizationServer, tmp_path: Path) -> Path:
    """A provider file that says at its end which client it has read."""
    server.register(Client("odd-id", SECRET, redirect_uris=(CALLBACK,), any_port=True))
    members = "".join(f"    {name} = {value!r}\n" for name, value in facts(server).items())
    path = tmp_path / "odd.py"
    path.write_text(f"{TOP}{CLASS}{members}\nprint('read', CLIENT_ID, len(CLIENT_SECRET))\n")
    return path


def connected(environ: dict[str, str], server: AuthorizationServer, *words: str) -> str:
    """Connect, and give what was said."""
    with piped(environ, "connect", *words, "--no-browser") as run:
        deliver(server.follow(run.address))
        assert run.end()[0] == 0, run.shown
        return run.shown


def setup(environ: dict[str, str], file: Path) -> Ended:
    return process(environ, "setup", str(file), "-", stdin=f"odd-id\n{SECRET}\n")


@pytest.mark.requirement("P5")
def test_what_setup_keeps_is_there_while_the_file_is_imported(
    environ: dict[str, str], server: AuthorizationServer, file: Path
) -> None:
    done = setup(environ, file)
    assert (done.status, SECRET in done.err) == (0, False)
    assert f"read odd-id {len(SECRET)}" in connected(environ, server, str(file))
    for words in (("token", "odd"), ("refresh", "odd"), ("doctor", "odd"), ("disconnect", "odd")):
        ended = process(environ, *words)
        assert ended.status == 0, ended.err
        assert SECRET not in ended.out + ended.err


@pytest.mark.requirement("P5")
def test_what_an_env_file_has_is_there_while_the_file_is_imported(
    environ: dict[str, str], server: AuthorizationServer, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "env").write_text(f"ODD_CLIENT_ID=odd-id\nODD_CLIENT_SECRET={SECRET}\n")
    said = connected(environ, server, str(file), "--env-file", str(tmp_path / "env"))
    assert f"read odd-id {len(SECRET)}" in said


@pytest.mark.requirement("P5")
def test_a_missing_variable_is_named_with_the_ways_to_give_it(
    environ: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    done = inside(environ, "connect", "./odd.py", "--no-browser", "--json")
    error = json.loads(done.err.splitlines()[-1])["error"]
    assert error == {
        "code": "missing_credentials",
        "message": f"{file}, line 6: it needs the environment variable ODD_CLIENT_ID, which is not set.",
        "hint": "Run `gumauth setup ./odd.py`, or set ODD_CLIENT_ID in the environment or in a file behind --env-file.",
    }
    file.write_text("import os\nREGION = os.environ['ODD_REGION']\n")
    for words in (("connect", "./odd.py"), ("setup", "./odd.py", "-"), ("providers", "./odd.py")):
        done = inside(environ, *words)
        assert f"{file}, line 2: it needs the environment variable ODD_REGION, which is not set." in done.err
        assert "Set ODD_REGION in the environment or in a file behind --env-file." in done.err
    file.write_text("words = {}\nwords['ODD_CLIENT_ID']\n")
    assert f"{file}, line 2: KeyError: 'ODD_CLIENT_ID'." in inside(environ, "connect", "./odd.py").err


@pytest.mark.requirement("P5")
def test_the_ways_are_told_with_the_name_that_an_account_has_given_the_file(
    environ: dict[str, str], file: Path
) -> None:
    listed(environ, "odd", "ada", source=f"{file}:Provider")
    for words in (("connect", "odd", "--no-browser"), ("doctor", "odd")):
        done = inside(environ, *words, "--json")
        assert "Run `gumauth setup odd`, or set ODD_CLIENT_ID in the environment" in done.out + done.err
    assert inside(environ, "setup", "odd", "-", stdin=f"odd-id\n{SECRET}\n").status == 0
    assert json.loads(inside(environ, "providers", "odd", "--json").out)["provider"]["credentials"] == "stored"


@pytest.mark.requirement("P5")
@pytest.mark.parametrize(
    "words", ["raise RuntimeError('ODD_CLIENT_ID is not set')", "assert CLIENT_ID, 'set ODD_CLIENT_ID, please'"]
)
def test_a_variable_that_the_file_itself_says_is_missing_is_one(
    environ: dict[str, str], file: Path, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    file.write_text(f"import os\nCLIENT_ID = os.getenv('ODD_CLIENT_ID')\nif not CLIENT_ID:\n    {words}\n{CLASS}")
    done = inside(environ, "connect", "./odd.py", "--json")
    error = json.loads(done.err.splitlines()[-1])["error"]
    assert error["code"] == "missing_credentials"
    assert error["message"].startswith(f"{file}, line 4: ")
    assert error["hint"].startswith("Run `gumauth setup ./odd.py`, or set ODD_CLIENT_ID in the environment")
    file.write_text("import os\nos.getenv('ODD_CLIENT_ID')\nraise RuntimeError('no way')\n")
    assert "RuntimeError: no way" in inside(environ, "connect", "./odd.py").err


@pytest.mark.requirement("P5")
def test_a_variable_of_another_name_is_not_answered_with_setup_again(environ: dict[str, str], file: Path) -> None:
    file.write_text(file.read_text().replace("ODD_CLIENT_SECRET", "WEIRD_CLIENT_SECRET"))
    assert setup(environ, file).status == 0
    done = inside(environ, "connect", str(file), "--no-browser")
    assert "line 7: it needs the environment variable WEIRD_CLIENT_SECRET, which is not set." in done.err
    assert "hint:  Set it in the environment, or in a file behind --env-file" in done.err


@pytest.mark.requirement("P5", "Y4")
def test_no_other_file_finds_what_is_kept_for_one(environ: dict[str, str], file: Path, tmp_path: Path) -> None:
    assert setup(environ, file).status == 0
    thief = tmp_path / "thief.py"
    thief.write_text("import os\nprint('took', os.environ.get('ODD_CLIENT_SECRET'))\n" + file.read_text())
    done = process(environ, "connect", str(thief), "--no-browser")
    assert "took None" in done.err
    assert "needs the environment variable ODD_CLIENT_ID" in done.err
    assert SECRET not in done.err


@pytest.mark.requirement("P5", "Y4")
def test_no_child_and_no_other_thread_finds_what_an_import_is_lent(environ: dict[str, str], file: Path) -> None:
    look = "import os; print('child', os.environ.get('ODD_CLIENT_SECRET'), flush=True)"
    more = f"""
subprocess.run([sys.executable, "-c", {look!r}], stdout=sys.stderr)
import threading
thread = threading.Thread(target=lambda: print("thread", os.environ.get("ODD_CLIENT_SECRET"), file=sys.stderr))
thread.start()
thread.join()
if os.fork() == 0:
    os.write(2, b"fork %s\\n" % os.environ.get("ODD_CLIENT_SECRET", "None").encode())
    os._exit(0)
os.wait()
"""
    assert setup(environ, file).status == 0
    file.write_text(file.read_text() + more)
    done = process(environ, "connect", str(file), "--no-browser", "--timeout", "0.1")
    assert [word for word in ("child None", "thread None", "fork None") if word not in done.err] == []
    assert SECRET not in done.err


@pytest.mark.requirement("P5", "S1")
def test_a_variable_that_speaks_of_a_secret_is_hidden_however_its_name_ends(
    environ: dict[str, str], file: Path
) -> None:
    file.write_text("import os\nraise RuntimeError(f'not at {os.environ[\"ODD_TOKEN_URL\"]} today')\n")
    done = inside({**environ, "ODD_TOKEN_URL": "vault.example/private/door"}, "connect", str(file))
    assert "RuntimeError: not at … today" in done.err


@pytest.mark.requirement("P5", "S1")
def test_what_an_import_is_lent_is_in_no_error_of_it(environ: dict[str, str], file: Path) -> None:
    assert setup(environ, file).status == 0
    file.write_text("import os\nx = os.environ['ODD_CLIENT_SECRET']\nraise ValueError(f'odd: {x[:12]}, {x}')\n")
    for debug in ("", "1"):
        done = process({**environ, "GUMAUTH_DEBUG": debug}, "connect", str(file))
        assert "ValueError: odd: " in done.err
        assert SECRET[:8] not in done.err


@pytest.mark.requirement("P5", "S1")
@pytest.mark.parametrize(
    "fails",
    [
        "from gumauth.errors import MissingCredentials\nraise MissingCredentials('no', hint=f'Throw {x} away.')",
        "os.environ[f'MY_{x}']",
    ],
)
def test_what_an_import_is_lent_is_in_no_hint_of_it(
    environ: dict[str, str], file: Path, tmp_path: Path, fails: str
) -> None:
    (tmp_path / "env").write_text(f"ODD_CLIENT_SECRET={SECRET}\n")
    file.write_text(f"import os\nx = os.environ['ODD_CLIENT_SECRET']\n{fails}\n")
    done = inside(environ, "connect", str(file), "--env-file", str(tmp_path / "env"))
    assert "…" in done.err.partition("hint:")[2]
    assert SECRET[:8] not in done.err


@pytest.mark.requirement("P5")
def test_a_connect_at_a_terminal_asks_for_what_the_file_reads_at_its_top(
    environ: dict[str, str], server: AuthorizationServer, file: Path
) -> None:
    with at_terminal(environ, "connect", str(file), "--no-browser") as run:
        typed(run)
        deliver(server.follow(run.address))
        run.until("Connected odd")
    assert SECRET not in run.shown


@pytest.mark.requirement("P5")
def test_a_file_that_takes_nothing_for_an_answer_is_run_again_once_there_is_one(
    environ: dict[str, str], server: AuthorizationServer, file: Path
) -> None:
    source = file.read_text().replace('os.environ["ODD_CLIENT_ID"]', 'os.getenv("ODD_CLIENT_ID", "")')
    source = source.replace('os.environ["ODD_CLIENT_SECRET"]', 'os.getenv("ODD_CLIENT_SECRET", "")')
    file.write_text(source)
    with at_terminal(environ, "connect", str(file), "--no-browser") as run:
        typed(run)
        run.until(f"read odd-id {len(SECRET)}")
        deliver(server.follow(run.address))
        run.until("Connected odd")


def typed(run: Run) -> None:
    run.until("Client id")
    run.type("odd-id\n")
    run.until("Client secret")
    run.type(f"{SECRET}\n")


@pytest.mark.requirement("P5")
def test_a_program_finds_it_too(environ: dict[str, str], server: AuthorizationServer, file: Path) -> None:
    assert setup(environ, file).status == 0
    connected(environ, server, str(file))
    program = """
import os
from gumauth.client.refresh.refresh import refresh
from gumauth.client.context import Context
print(refresh(Context(os.environ), ["odd"])[0].refreshed, os.environ.get("ODD_CLIENT_ID"))
"""
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "True None\n"
    assert server.count("refresh") == 1


def test_the_store_is_not_asked_for_a_file_that_reads_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "acme.py"
    path.write_text(
        "from gumauth import OAuth2Provider\nclass Acme(OAuth2Provider):\n    name = 'acme'\n"
        "    authorize_url = token_url = 'https://acme.example/'\n"
    )
    listed(environ, "acme", "ada", source=f"{path}:Acme")
    clients = Path(environ["GUMAUTH_HOME"]) / "clients"
    clients.mkdir(mode=0o700)
    (clients / "acme.json").write_text(json.dumps({"version": 1, "store": "no such store", "file": str(path)}))
    done = inside(environ, "providers", str(path), "--json")
    assert (done.status, json.loads(done.out)["provider"]["name"]) == (0, "acme")
    path.write_text("import os\nos.environ['ACME_CLIENT_ID']\n")
    done = inside(environ, "providers", str(path))
    assert done.status == 6
    assert "keyring can be asked" in done.err
