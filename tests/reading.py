"""The README and the topics as their reader has them: what they show, and somebody who does what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from gumauth.testing import deliver
from gumauth.testing.person import consent

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TOPICS = ROOT / "gumauth" / "cli" / "topics"
PAGES = {file.name: file.read_text() for file in (README, *sorted(TOPICS.glob("*.md")))}
BLOCKS = [found for page in PAGES.values() for found in re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)]


def commands_of(*pages: str) -> list[str]:
    """The commands that stand in blocks of some pages, once each."""
    found = [block for page in pages for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL)]
    return list(dict.fromkeys(line[2:] for block in found for line in block.splitlines() if line[:2] == "$ "))


COMMANDS = commands_of(*PAGES.values())
README_OF_MACHINES = (
    "## The same accounts on many machines"
    + PAGES["README.md"].partition("## The same accounts on many machines")[2].partition("\n## ")[0]
)
"""The section of the README."""

OF_MACHINES = [
    command
    for command in commands_of(README_OF_MACHINES, PAGES["machines.md"])
    if command
    not in commands_of(
        PAGES["README.md"].replace(README_OF_MACHINES, ""),
        *(page for name, page in PAGES.items() if name not in ("README.md", "machines.md")),
    )
]
"""Commands for accounts that machines share, which `test_machines.py` runs."""

PYTHON = list(dict.fromkeys(block for kind, block in BLOCKS if kind == "python"))


def allow(url: str) -> str:
    """Click Allow on the page of a server on this machine, whichever process it lives in."""
    return consent(url, approve=True, login="")


def python_with(text: str) -> str:
    """The one example in Python that has this in it, wherever it is shown."""
    (found,) = (block for block in PYTHON if text in block)
    return str(found)


def inline(start: str) -> str:
    """The one command of that start that stands in a sentence."""
    (found,) = {found for page in PAGES.values() for found in re.findall(f"`({start}[^`]*)`", page)}
    return " ".join(str(found).split())


class Reader:
    """Somebody at a terminal, with a browser that consents.

    Args:
        folder: Where they are, and keep what they need.
        environ: Theirs.
        follow: Opens an authorization URL and clicks Allow; gives the redirect URL, or "" where the page leads nowhere.
    """

    def __init__(self, folder: Path, environ: dict[str, str], follow: Callable[[str], str] = allow) -> None:
        self.folder, self.follow = folder, follow
        self.urls = folder / "urls"
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >>{self.urls}\n')
        browser.chmod(0o700)
        self.environ = {**environ, "BROWSER": str(browser)}
        self.environ["PATH"] = f"{Path(sys.executable).parent}:{self.environ['PATH']}"

    def save(self, name: str, content: str) -> Path:
        """Write a file that only they can write."""
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(content)
        return file

    def run(self, command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Paste a command, with no terminal behind it."""
        return subprocess.run(
            ["bash", "-c", command],
            env=self.environ,
            cwd=self.folder,
            input=stdin,
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
                if back := self.follow(url):
                    deliver(back)
                return
            time.sleep(0.02)
