"""Real programs in the place of browsers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.cli.browser.choice import Choice
from gumauth.cli.browser.launch import open_url
from gumauth.cli.browser.ssh_forward import ssh_forward
from gumauth.errors import GumauthError

URL = "https://as.example/authorize?a=b&c=d"


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        time.sleep(0.005)


def choice(*command: str) -> Choice:
    return Choice(command=command, reason="the test says so")


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """Writes down what it was given and where it runs, in one go."""
    script = tmp_path / "browser"
    script.write_text(
        f"#!{sys.executable} -I\n"
        "import json, os, sys\n"
        "LINUX = sys.platform == 'linux'\n"
        "seen = {'argv': sys.argv[1:], 'environ': dict(os.environ), 'session': os.getsid(0) == os.getpid(),\n"
        "        'streams': [os.readlink(f'/proc/self/fd/{n}') for n in range(3)] if LINUX else None,\n"
        "        'files': sorted(os.listdir('/proc/self/fd'))[:-1] if LINUX else None}\n"
        "path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), 'seen')\n"
        "with open(path + '.tmp', 'w') as out: json.dump(seen, out)\n"
        "os.replace(path + '.tmp', path)\n"
    )
    script.chmod(0o755)
    return script


def seen(browser: Path) -> dict[str, object]:
    path = browser.with_name("seen")
    until(path.exists)
    content: dict[str, object] = json.loads(path.read_text())
    return content


@pytest.mark.requirement("B1", "B2")
def test_the_browser_gets_the_url_as_one_argument_detached_and_silent(browser: Path) -> None:
    assert open_url(choice(str(browser), "--new"), URL + "&e=$(touch x) `y`", {"A": "b"}) is True
    found = seen(browser)
    assert found["argv"] == ["--new", URL + "&e=%24(touch%20x)%20%60y%60"]
    assert found["session"] is True
    if sys.platform == "linux":
        assert found["streams"] == ["/dev/null"] * 3
        assert found["files"] == ["0", "1", "2"]


@pytest.mark.requirement("B2")
def test_a_percent_s_stands_for_the_url(browser: Path) -> None:
    open_url(choice(str(browser), "--app=%s", "last"), URL, {})
    assert seen(browser)["argv"] == [f"--app={URL}", "last"]


@pytest.mark.requirement("S1")
def test_the_browser_gets_the_session_and_nobodys_secrets(browser: Path) -> None:
    session = {"PATH": "/usr/bin", "DISPLAY": ":0", "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": "/run/user/1000"}
    secret = dict.fromkeys(("GUMAUTH_PASSPHRASE", "LINEAR_CLIENT_SECRET", "GITHUB_TOKEN", "PGPASSWORD", "MINE"), "x")
    open_url(choice(str(browser)), URL, {**session, **secret})
    found = seen(browser)["environ"]
    assert isinstance(found, dict)
    assert {name: found.pop(name) for name in session} == session
    assert found.keys() <= {"LC_CTYPE"}  # which Python sets for itself


@pytest.mark.requirement("B2")
def test_a_launcher_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    script, pid = tmp_path / "hangs", tmp_path / "pid"
    script.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 60\n")
    script.chmod(0o755)
    begun = time.monotonic()
    assert open_url(choice(str(script)), URL, {"PATH": os.environ["PATH"]}) is True
    assert time.monotonic() - begun < 2
    until(lambda: pid.exists() and pid.read_text().endswith("\n"))
    os.kill(int(pid.read_text()), 9)


@pytest.mark.requirement("B2")
def test_a_launcher_that_fails_fails_nothing_and_leaves_no_zombie(tmp_path: Path) -> None:
    script, pid = tmp_path / "fails", tmp_path / "pid"
    script.write_text(f"#!/bin/sh\necho $$ > {pid}\nexit 3\n")
    script.chmod(0o755)
    assert open_url(choice(str(script)), URL, {"PATH": os.environ["PATH"]}) is True
    until(lambda: pid.exists() and pid.read_text().endswith("\n"))
    until(
        lambda: subprocess.run(["ps", "-p", pid.read_text().strip()], capture_output=True, check=False).returncode == 1
    )


@pytest.mark.requirement("B2")
@pytest.mark.parametrize("name", ["not-there", "not-executable", "nul\0name"])
def test_a_launcher_that_cannot_be_started_fails_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "not-executable").write_text("")
    assert open_url(choice(str(tmp_path / name)), URL, {}) is False


def test_no_browser_opens_nothing() -> None:
    assert open_url(Choice(command=None, reason="none"), URL, {}) is False


@pytest.mark.requirement("B1")
def test_a_url_that_is_not_safe_reaches_no_launcher(browser: Path) -> None:
    with pytest.raises(GumauthError):
        open_url(choice(str(browser)), "file:///etc/passwd", {})
    assert not browser.with_name("seen").exists()


@pytest.mark.requirement("B3")
@pytest.mark.parametrize(
    ("environ", "line"),
    [
        (
            {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22", "USER": "ada"},
            "ssh -N -L 4862:127.0.0.1:4862 ada@10.0.0.5",
        ),
        (
            {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 2222", "LOGNAME": "ada"},
            "ssh -N -L 4862:127.0.0.1:4862 -p 2222 ada@10.0.0.5",
        ),
        (
            {"SSH_CONNECTION": "2001:db8::9 50000 2001:db8::5 22", "USER": "a b; reboot"},
            "ssh -N -L 4862:127.0.0.1:4862 2001:db8::5",
        ),
        (
            {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22", "USER": "root", "SUDO_USER": "ada"},
            "ssh -N -L 4862:127.0.0.1:4862 ada@10.0.0.5",
        ),
        (
            {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22"},
            "ssh -N -L 4862:127.0.0.1:4862 grace@10.0.0.5",
        ),
        ({"SSH_CONNECTION": "x y -oProxyCommand=reboot 22", "USER": "ada"}, None),
        ({"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22;reboot", "USER": "ada"}, None),
        ({"SSH_CONNECTION": "10.0.0.9", "USER": "ada"}, None),
        ({"USER": "ada"}, None),
    ],
)
def test_under_ssh_the_exact_forward_for_the_port_is_named(environ: dict[str, str], line: str | None) -> None:
    assert ssh_forward(environ, 4862, system_user=lambda: "grace") == line


def test_a_user_whom_the_system_does_not_name_is_left_out_of_the_forward() -> None:
    environ = {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22"}
    assert ssh_forward(environ, 4862, system_user=lambda: "") == "ssh -N -L 4862:127.0.0.1:4862 10.0.0.5"
