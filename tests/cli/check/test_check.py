"""`gumauth check` as a person runs it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import environment, inside

FIXTURES = Path(__file__).parents[2] / "fixtures"


def check(folder: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    ended = inside(environment(folder), "check", *words, "--json")
    assert ended.err == ""
    return ended.status, json.loads(ended.out)["findings"]


def test_a_built_in_service_lives_a_whole_life_and_nothing_breaks(tmp_path: Path) -> None:
    status, findings = check(tmp_path, "google")
    assert status == 0
    assert {each["case"] for each in findings} >= {"get_url", "exchange", "nickname", "refresh", "rotation", "revoke"}
    assert {each["level"] for each in findings} == {"fine"}


def test_a_file_that_is_named_from_the_folder_or_by_a_link_reads_made_up_variables_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    content = (FIXTURES / "gumstack_linear.py").read_text()
    (folder / "auth.py").write_text(
        content.replace("        return (\n", "        raise ValueError(client_id)\n        return (\n", 1)
    )
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(tmp_path / "link")
    assert "raises ValueError: made-up-" in inside(environment(tmp_path), "check", "./auth.py").out


def test_the_client_credentials_are_made_up(tmp_path: Path) -> None:
    mine = {"LINEAR_CLIENT_ID": "my-own-app", "LINEAR_CLIENT_SECRET": "kept"}
    file = tmp_path / "auth.py"
    content = (FIXTURES / "gumstack_linear.py").read_text()
    file.write_text(
        content.replace("        return (\n", "        raise RuntimeError(client_id)\n        return (\n", 1)
    )
    file.chmod(0o600)
    ended = inside(environment(tmp_path, **mine), "check", str(file))
    assert "raises RuntimeError: made-up-" in ended.out
    assert "my-own-app" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("os.write(1, b'7\\n{}\\n'); raise ValueError('own')", "raises ValueError: own."),
        ("os.write(1, b'{\"ended\": true}\\n'); os._exit(0)", "ended before the play did"),
        ("os.fork() or __import__('time').sleep(900); os._exit(0)", "ended before the play did"),
    ],
)
def test_what_a_file_writes_to_standard_output_by_its_number_is_no_finding(
    tmp_path: Path, line: str, shown: str
) -> None:
    content = (FIXTURES / "gumstack_linear.py").read_text()
    (tmp_path / "auth.py").write_text(content.replace("        return (\n", f"        {line}\n        return (\n", 1))
    (tmp_path / "auth.py").chmod(0o600)
    ended = inside(environment(tmp_path), "check", str(tmp_path / "auth.py"))
    assert shown in ended.out + ended.err
    assert ended.status == 1


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_a_file_that_never_ends_ends_with_the_check_that_was_killed(tmp_path: Path) -> None:
    content = (FIXTURES / "gumstack_linear.py").read_text()
    line = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n        while True: pass\n        return (\n"
    (tmp_path / "auth.py").write_text(content.replace("        return (\n", f"        {line}", 1))
    (tmp_path / "auth.py").chmod(0o600)
    (tmp_path / "pid").touch()
    words = [sys.executable, "-m", "gumauth", "check", str(tmp_path / "auth.py")]
    with subprocess.Popen(words, env={**environment(tmp_path), "TMPDIR": str(tmp_path)}) as checking:
        until(lambda: (tmp_path / "pid").read_text() != "")
        checking.kill()
    until(lambda: not is_running((tmp_path / "pid").read_text()))
    assert list(tmp_path.glob("gumauth-check-*")) == []


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(process: str) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


RAW = """import ctypes, socket, struct
        there = struct.pack("=H", 2) + struct.pack("!H", {port}) + socket.inet_aton("127.0.0.1") + bytes(8)
        raise ValueError(f"C says {{ctypes.CDLL(None).connect(socket.socket().fileno(), there, 16)}}")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
def test_what_c_code_of_a_file_connects_to_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as real:
        line = RAW.format(port=real.getsockname()[1])
        content = (FIXTURES / "gumstack_linear.py").read_text()
        (tmp_path / "auth.py").write_text(
            content.replace("        return (\n", f"        {line}\n        return (\n", 1)
        )
        (tmp_path / "auth.py").chmod(0o600)
        ended = inside(environment(tmp_path), "check", str(tmp_path / "auth.py"))
    if can_leave_the_network():
        assert "raises ValueError: C says -1." in ended.out


def can_leave_the_network() -> bool:
    code = "from gumauth.cli.check.own_network import leave_the_network as leave; raise SystemExit(not leave())"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_file_in_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = inside(environment(tmp_path), "check", str(tmp_path / "nowhere" / "auth.py"))
    assert ended.status == 1
    assert "auth.py cannot be read: No such file or directory." in ended.err


INSIDE = """
from gumauth import OAuth2Provider


class Acme(OAuth2Provider):
    name = "acme"
    authorize_url = "https://acme.example/authorize"
    token_url = "https://acme.example/token"
    tokens_path = "data"
    revoke_url = "https://acme.example/revoke"
    nickname_url = "https://acme.example/me"
"""


def test_tokens_inside_an_object_are_no_alarm_and_of_the_usual_nothing_is_said(tmp_path: Path) -> None:
    file = tmp_path / "acme.py"
    file.write_text(INSIDE)
    file.chmod(0o600)
    ended = inside(environment(tmp_path), "check", str(file))
    lines = ended.out.splitlines()
    assert lines[0] == "✓ fine      The file reads ACME_CLIENT_ID and ACME_CLIENT_SECRET from its environment."
    assert lines[1].endswith("--answer FILE plays one that the service gave.")
    assert lines[2].endswith(" things that were tried; --all has a line for each.")
    assert lines[3:] == ["Nothing breaks, and nothing surprises."]
