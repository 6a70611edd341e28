"""Plays many provider files in one process, because what isolates it is never put back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gumauth.cli.check.isolation import isolate
from gumauth.cli.check.listener import Listener
from gumauth.cli.check.worker import Switchboard, findings_of
from gumauth.errors import GumauthError


def played(
    references: Iterable[str],
    environ: Mapping[str, str] | None = None,
    *,
    has_book: bool = False,
    only: Mapping[str, str] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """The findings of each file: of its ordinary life and, if `has_book`, of the misbehaviours after it.

    Args:
        references: The files.
        environ: The person's variables.
        has_book: Whether misbehaviours are played.
        only: The one misbehaviour of a file; all where a file is not named.
    """
    task = json.dumps([list(references), dict(environ or {}), has_book, dict(only or {})])
    ended = subprocess.run(
        [sys.executable, "-m", "tests.cli.check.many"],
        input=task.encode(),
        capture_output=True,
        timeout=900,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert ended.returncode == 0, ended.stderr.decode()[-3000:]
    return dict(map(json.loads, ended.stdout.splitlines()))


def main() -> None:
    """Be the process."""
    references, environ, has_book, only = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr
    switchboard = Switchboard()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GUMAUTH_HOME"] = os.path.join(folder, "home")
        listener = Listener(Path(folder), switchboard)
        isolate(listener.port, listener.certificates)
        for reference in references:
            found = _of(reference, environ, switchboard, has_book=has_book, only=only.get(reference))
            out.write(json.dumps([reference, found]) + "\n")
            out.flush()
    os._exit(0)


def _of(
    reference: str, environ: Mapping[str, str], switchboard: Switchboard, *, has_book: bool, only: str | None
) -> list[dict[str, Any]]:
    try:
        return list(findings_of(reference, environ, switchboard, has_book=has_book, only=only))
    except GumauthError as error:
        return [{"level": "error", "case": error.code, "file": error.message}]


if __name__ == "__main__":
    main()
