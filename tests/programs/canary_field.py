"""The field on which the canaries are let go: every run is watched, and everything that it left is searched."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gumauth.testing import write_provider
from tests.cli.program import environment
from tests.programs.canary_search import Canaries, CanaryServer, Finding
from tests.programs.playing import Played, play
from tests.programs.stage import Stage

VERBOSE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
sys.argv[0] = "gumauth"
from gumauth.__main__ import main
sys.exit(main())
"""
"""The command with every library's log on standard error."""

BROWSER = """#!/bin/sh
cat /proc/$$/cmdline > "{seen}/$$.argv"
cat /proc/$$/environ > "{seen}/$$.environ"
sleep 0.2
"""


@dataclass
class Field:
    """A person's folders, a server, a browser that does nothing, and what was found so far."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    """What selects the store; a passphrase for the encrypted file where it is empty."""
    canaries: Canaries = field(default_factory=Canaries)
    findings: list[Finding] = field(default_factory=list)
    searched: Counter[str] = field(default_factory=Counter)
    """Bytes by place, and how many runs and children there were."""

    def __post_init__(self) -> None:
        self.home, self.seen, self.outside = self.folder / "home", self.folder / "seen", self.folder / "outside"
        for folder in (self.home, self.seen, self.outside, self.home / "tmp"):
            folder.mkdir(mode=0o700)
        self.server = CanaryServer(self.canaries)
        browser = self.outside / "browser"
        browser.write_text(BROWSER.format(seen=self.seen))
        browser.chmod(0o700)
        self.stage = Stage(self.server, self.outside, self.environ or self._file_store())
        made = self.stage.world.environ
        self.canaries.add("client_secret", made["ACME_CLIENT_SECRET"])
        self.environ = {
            **made,
            "GUMAUTH_HOME": str(self.home / "gumauth"),
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "BROWSER": str(browser),
            "GUMAUTH_DEBUG": "1",
            "PYTHONASYNCIODEBUG": "1",
        }

    with_logs = True
    """Whether every library's log is on."""

    def _file_store(self) -> dict[str, str]:
        """The encrypted file, opened by a passphrase."""
        passphrase = secrets.token_urlsafe(24)
        self.canaries.add("passphrase", passphrase)
        environ = environment(self.outside, GUMAUTH_PASSPHRASE=passphrase, GUMAUTH_KEEP_KEY="0")
        del environ["GUMAUTH_KEY_FILE"]
        return environ

    @property
    def file(self) -> Path:
        return self.stage.world.file

    def close(self) -> None:
        self.server.close()

    def run(
        self,
        *words: str,
        approve: bool = True,
        typed: str | None = None,
        environ: Mapping[str, str | None] | None = None,
        person: Callable[[str], str] | None = None,
        after: Callable[[int], None] = lambda _: None,
    ) -> Played:
        """Run the command and search everything that it printed, wrote, started and passed on.

        Every other connect and refresh is traced; of the others GUMAUTH_DEBUG shows what was sent, where they fail.
        """
        if words[:1] in (("connect",), ("refresh",)) and self.searched["runs"] % 2 and "--trace" not in words:
            words = (*words, "--trace")

        def consents(url: str) -> str:
            self._expect(url)
            return person(url) if person else self.server.follow(url, approve=approve)

        command = (sys.executable, "-X", "dev", *(("-c", VERBOSE) if self.with_logs else ("-m", "gumauth")))
        changed, watch = {**self.environ, **(environ or {})}, Watch()
        whole = {name: value for name, value in changed.items() if value is not None}

        def look(pid: int) -> None:
            watch.look(pid)
            after(pid)

        with _typed(typed) as stdin:
            played = play(whole, *words, person=consents, command=command, watch=look, stdin=stdin)
        self._search(played, watch)
        return played

    def connect(self, *options: str, **more: Any) -> Played:
        return self.run("connect", str(self.file), *options, **more)

    def _expect(self, url: str) -> None:
        from urllib.parse import parse_qs, urlsplit

        self.canaries.addresses.add(url)
        self.canaries.add("state", parse_qs(urlsplit(url).query)["state"][0])

    def _search(self, played: Played, watch: Watch) -> None:
        what = " ".join(played.words)
        out = played.out
        if played.words and played.words[0] == "token":
            asked_for = ("access_token", "id_token", "key")
            for token in (value for kind in asked_for for value in self.canaries.values(kind)):
                out = out.replace(token, "", 1)
        err = played.err
        for url in self.canaries.addresses:
            err = err.replace(f"\n{url}\n", "\n", 1)
        self.look("standard output", what, out)
        self.look("standard error and logs", what, err)
        self.look("argv of the command", what, " ".join(played.words))
        for argv, environ in watch.children.values():
            self._look_at_child(what, argv, environ)
        self._look_at_browsers(what)
        self.look_at_files(what)
        self.searched["runs"] += 1
        self.searched["children"] += len(watch.children)

    def _look_at_child(self, what: str, argv: str, environ: str) -> None:
        words = [word for word in argv.split("\0") if word not in self.canaries.addresses]
        self.look("argv of children", what, "\0".join(words))
        self.look("environment of children", what, environ)

    def look_at_process(self, what: str, pid: int) -> None:
        """Search the arguments and the environment of a process that is no child of a run."""
        argv, environ = (Path(f"/proc/{pid}/{name}").read_bytes().decode("latin-1") for name in ("cmdline", "environ"))
        self._look_at_child(what, argv, environ)
        self.searched["children"] += 1

    def _look_at_browsers(self, what: str) -> None:
        for argv in self.seen.glob("*.argv"):
            self._look_at_child(what, argv.read_text(), argv.with_suffix(".environ").read_text())
            argv.with_suffix(".environ").unlink()
            argv.unlink()
            self.searched["browsers"] += 1

    def look_at_files(self, what: str) -> None:
        """Search every file under the home, names and contents."""
        for folder, _, names in os.walk(self.home):
            for name in names:
                path = Path(folder, name)
                content = path.read_bytes() if path.is_file() else b""
                self.look("files", f"{what}: {path.relative_to(self.home)}", f"{path}\n{content.decode('latin-1')}")

    def look(self, place: str, what: str, text: str) -> None:
        self.searched[place] += len(text)
        self.findings += self.canaries.search(f"{place} ({what})", text)

    def rewrite(self, body: str) -> None:
        self.mend()
        self.file.write_text(self.file.read_text() + body)

    def mend(self, **facts: object) -> None:
        write_provider(self.server, self.outside, redirect_host="127.0.0.1", redirect_ports=(), **facts)  # type: ignore[arg-type]


class Watch:
    """What the children of a process are given, read from /proc while it runs."""

    def __init__(self) -> None:
        self.children: dict[tuple[int, str], tuple[str, str]] = {}

    def look(self, root: int) -> None:
        for pid in _children(root):
            self._note(pid)
            self.look(pid)

    def _note(self, pid: int) -> None:
        try:
            argv = Path(f"/proc/{pid}/cmdline").read_bytes().decode("latin-1")
            environ = Path(f"/proc/{pid}/environ").read_bytes().decode("latin-1")
        except OSError:
            return
        copied = VERBOSE in argv or "gumauth" in argv.split("\0")[:5]
        if argv and not copied:  # between fork and exec it is still a copy of its parent
            self.children[pid, argv] = (argv, environ)


def _children(pid: int) -> Iterator[int]:
    """The processes that any thread of a process has started."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            yield from map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    except OSError:
        return  # it has ended


class _typed:  # noqa: N801 - used like a function
    """Standard input with this text in it, or nothing."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def __enter__(self) -> Any:
        if self._text is None:
            return subprocess.DEVNULL
        import tempfile

        self._file = tempfile.TemporaryFile("w+")
        self._file.write(self._text)
        self._file.seek(0)
        return self._file

    def __exit__(self, *_error: object) -> None:
        if self._text is not None:
            self._file.close()
