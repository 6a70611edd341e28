"""Every command in the README is run here, or in `.ci/run` letter for letter; its Python runs as it stands."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from gumauth.testing import AuthorizationServer, deliver
from tests.cli.connecting import in_terminal
from tests.cli.program import environment
from tests.parts.linear import Linear
from tests.parts.standin import StandIn

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [line[2:] for kind, block in BLOCKS if kind == "console" for line in block.splitlines() if line[:2] == "$ "]
PYTHON = [block for kind, block in BLOCKS if kind == "python"]

IN_CI = [command for command in COMMANDS if ".venv/bin" in command]
CONNECTS = [command for command in COMMANDS if "gumauth connect" in command and command not in IN_CI]
PROMPTS = [command for command in COMMANDS if command.startswith("gumauth setup")]
OTHERS = [command for command in COMMANDS if command not in IN_CI + CONNECTS + PROMPTS]


@contextmanager
def linear_on(folder: Path) -> Iterator[Linear]:
    """Linear as linear.app, answered for on this machine."""
    folder.mkdir(mode=0o700)
    standin = StandIn(folder)
    try:
        with Linear(secrets.token_urlsafe(24)) as linear:
            standin.answer_for("linear.app", linear.site)
            standin.answer_for("api.linear.app", linear.api)
            linear.environment.update(standin.environment)
            yield linear
    finally:
        standin.close()


class Reader:
    """Somebody at a terminal with a clone of the repository, Linear's credentials, and a browser that consents."""

    def __init__(self, folder: Path, linear: Linear) -> None:
        self.folder, self.linear = folder, linear
        self.urls = folder / "urls"
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >>{self.urls}\n')
        browser.chmod(0o700)
        self.environ = environment(folder, **linear.environment, BROWSER=str(browser))
        self.environ["PATH"] = f"{Path(sys.executable).parent}:{self.environ['PATH']}"

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Paste a command, with no terminal behind it."""
        return subprocess.run(
            ["bash", "-c", command],
            env=self.environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def connect(self, command: str) -> subprocess.CompletedProcess[str]:
        """Paste a command that opens the browser, or prints the URL, and consent."""
        walk = Thread(target=self._walk)
        with subprocess.Popen(
            ["bash", "-c", command],
            env=self.environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            walk.start()
            assert program.stderr
            said = []
            for line in program.stderr:
                said.append(line)
                if "--no-browser" in command and line.startswith("https://"):
                    self.urls.write_text(line)
            assert program.stdout
            out = program.stdout.read()
        walk.join(30)
        return subprocess.CompletedProcess(command, program.wait(30), out, "".join(said))

    def _walk(self) -> None:
        import time

        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.urls.exists() and (url := self.urls.read_text().strip()):
                self.urls.unlink()
                deliver(self.linear.follow(url))
                return
            time.sleep(0.02)


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Linear]]:
    """A folder, and Linear."""
    folder = tmp_path_factory.mktemp("readme")
    with linear_on(folder / "standin") as linear:
        yield folder, linear


@pytest.fixture
def reader(linear: tuple[Path, Linear]) -> Reader:
    """Two living accounts for every command, the second with the alias `work`."""
    folder, service = linear
    home, kept, seen = folder / "gumauth", folder / "kept", folder / "seen"
    reader = Reader(folder, service)
    shutil.rmtree(home, ignore_errors=True)
    if seen.exists() and seen.read_text() == str(len(service.server.log)):  # nothing was refreshed or revoked
        shutil.copytree(kept, home)
        return reader
    for person, command in (("ada", "gumauth connect linear"), ("grace", "gumauth connect linear --as work")):
        service.server.person = f"{person}@example.com"
        assert reader.connect(command).returncode == 0
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(home, kept)
    seen.write_text(str(len(service.server.log)))
    return reader


def test_there_are_commands_to_test() -> None:
    assert len(IN_CI) == 2
    assert len(CONNECTS) >= 4
    assert len(OTHERS) >= 10


@pytest.mark.parametrize("command", IN_CI)
def test_setting_up_and_testing_is_what_ci_runs_letter_for_letter(command: str) -> None:
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("command", dict.fromkeys(CONNECTS))
def test_connecting_as_the_readme_says(reader: Reader, command: str) -> None:
    shutil.copyfile(ROOT / "tests" / "fixtures" / "gumstack_linear.py", reader.folder / "auth.py")
    (reader.folder / "auth.py").chmod(0o600)
    if "gumauth.key" in command:  # a machine of its own: a server without a keyring
        shutil.rmtree(reader.folder / "gumauth")
        assert reader.run(next(other for other in OTHERS if "gumauth.key" in other)).returncode == 0
    reader.linear.server.person = "joan@example.com" if "--as" not in command else "grace@example.com"
    done = reader.connect(command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Connected linear as ")


@pytest.mark.parametrize("command", dict.fromkeys(OTHERS))
def test_a_command_of_the_readme_does_what_it_says(reader: Reader, command: str) -> None:
    done = reader.run(command)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", PROMPTS)
def test_setup_asks_for_id_and_secret_on_a_terminal(reader: Reader, command: str) -> None:
    with in_terminal(["bash", "-c", command], reader.environ) as run:
        run.until("lient id")
        run.type("an-app\n")
        run.until("ecret")
        run.type("hidden-secret\n")
        status, _ = run.end()
    assert status == 0
    assert "hidden-secret" not in run.shown


def test_the_examples_in_python_stand_as_they_are() -> None:
    for block in PYTHON:
        compile(block, "README.md", "exec")


def test_get_token_and_auth_as_the_readme_has_them(reader: Reader) -> None:
    block = next(block for block in PYTHON if "gumauth.get_token" in block)
    code = (
        block + '\nprint(token)\nprint(client.post("/graphql", json={"query": "{ viewer { email } }"}).status_code)\n'
    )
    done = reader.run(f"python - <<'END'\n{code}\nEND")
    assert done.returncode == 0, done.stderr
    token, status = done.stdout.split()
    assert status == "200"
    assert token == reader.run("gumauth token linear/work").stdout.strip()


def test_the_provider_of_the_readme_is_found(reader: Reader) -> None:
    block = next(block for block in PYTHON if "class Tracker(OAuth2Provider)" in block and "def test" not in block)
    file = reader.folder / "tracker.py"
    file.write_text(block)
    file.chmod(0o600)
    done = reader.run("gumauth providers ./tracker.py")
    assert done.returncode == 0, done.stderr
    assert "TRACKER_CLIENT_ID" in done.stdout


def test_the_provider_test_of_the_readme_passes(
    authorization_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = next(block for block in PYTHON if "def test_my_provider_connects" in block)
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    test = names["test_my_provider_connects"]
    assert callable(test)
    test(authorization_server, monkeypatch)
    assert authorization_server.count("token") == 1
