"""The program, run as a process or in this one, with nothing of this machine's person in its environment."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.record import Record
from gumauth.cli import main
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.context import Context
from tests.accounts.directly import records_of, save

NOW = 1_800_000_000.0
"""Seconds since 1970, in tests with a clock of their own."""

KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
    "PYTHONDONTWRITEBYTECODE",
    "GUMAUTH_AHEAD",
)


@dataclass(frozen=True)
class Ended:
    """What a run of the program left."""

    status: int
    out: str
    err: str


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment with a home of its own and the encrypted file as the store."""
    key = folder / "key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(32))
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "GUMAUTH_HOME": str(folder / "gumauth"),
        "GUMAUTH_STORE": "file",
        "GUMAUTH_KEY_FILE": str(key),
        **more,
    }


def process(environ: dict[str, str], *words: str, stdin: str = "", options: Sequence[str] = ()) -> Ended:
    """Run the command as people do, without a terminal."""
    done = subprocess.run(
        [sys.executable, *options, "-m", "gumauth", *words],
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


class Screen(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def inside(
    environ: dict[str, str],
    *words: str,
    run: Callable[[Sequence[str], Terminal], int] = main.run,
    stdin: str = "",
    stream: type[io.StringIO] = io.StringIO,
    clock: Callable[[], float] = time.time,
) -> Ended:
    """Run the command in this process."""
    out, err = stream(), stream()
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), newline="\n")
    status = run(words, Terminal(environ, given, out, err, clock=clock))
    return Ended(status, out.getvalue(), err.getvalue())


def listed(environ: dict[str, str], provider: str, nickname: str | None, **fields: object) -> Account:
    """Put an account on the list, without a record in the store."""
    account = Account(
        provider=provider,
        id=account_id(nickname, None),
        nickname=nickname,
        **{"connected_at": time.time() - 100, "store": "encrypted file", **fields},  # type: ignore[arg-type]
    )
    save(Context(environ), account)
    return account


def keep(environ: dict[str, str], token: str, **fields: object) -> None:
    """An account of acme with a record in the store."""
    context = Context(environ)
    account = listed(environ, "acme", "ada@example.com", grant="g", scopes=("read", "write"))
    record = Record(access_token=token, grant="g", account={}, **{"obtained_at": NOW - 60, **fields})  # type: ignore[arg-type]
    account, _ = records_of(context).put(account, record)
    records_of(context).mark(account)
