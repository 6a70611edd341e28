"""The manual page: current, complete, and as `man` wants it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gumauth.cli.parsing import man
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.topics.pages import TOPICS
from tests.parts.need import need


def shown(file: Path) -> subprocess.CompletedProcess[str]:
    need(programs=("man", "groff"))
    return subprocess.run(
        ["man", "--warnings", "-l", str(file)],
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "HOME": str(file.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_page_is_current(tmp_path: Path) -> None:
    """`python -m gumauth.cli.parsing.man` writes what stands beside it."""
    man.write(tmp_path / "gumauth.1")
    assert (tmp_path / "gumauth.1").read_text() == man.FILE.read_text()


def test_man_shows_every_command_option_and_topic_and_warns_of_nothing() -> None:
    page = shown(man.FILE)
    assert (page.returncode, page.stderr) == (0, "")
    lines = [line.strip() for line in page.stdout.splitlines()]
    for command in COMMANDS.values():
        assert any(line.startswith(f"gumauth {command.name} [OPTIONS]") for line in lines)
        assert all(any(line.startswith(option) for line in lines) for option in command.options)
    assert all(f"gumauth help {name}" in lines for name in TOPICS)
    for heading in ("NAME", "SYNOPSIS", "COMMANDS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"):
        assert heading in lines


def test_what_roff_would_obey_is_shown() -> None:
    assert man._text(".it's `a -b \\n`") == r"\&.it\(aqs \fBa \-b \(rsn\fR"
