"""Asking gumauth, in a process of its own: a server's environment need not have it.

No token is in a variable or an argument: the question goes to standard input, the answer comes from standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

VARIABLE = "GUMAUTH_GUMSTACK"
"""Has the settings of a server's process, as JSON; no secret."""

WORD = "__gumstack"
"""The command of gumauth that answers."""

settings: dict[str, Any] = {}
"""`command`: the words of the program gumauth; `accounts`: the keys of those that the person named; `env_file`."""


class GumstackError(Exception):
    """There are no credentials; the message says why, and what helps. MCP clients show it.

    Args:
        message: What happened, and what to do, with the command.
        code: The code of gumauth's error, such as "not_connected".
        status: The exit status of a program that ends with it.
    """

    def __init__(self, message: str, code: str = "failed", status: int = 1) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """What gumauth answers to a question. It may refresh a token first: the caller waits on a thread.

    Raises:
        GumstackError: gumauth answers with an error, or cannot be asked.
    """
    known = _settings()
    told = {**question, "accounts": known["accounts"], "env_file": known["env_file"]}
    done = subprocess.run(
        [*known["command"], WORD, "--json"],
        input=json.dumps(told).encode(),
        stdout=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise GumstackError("gumauth gave no answer: what it said is in the log of this server.") from None
    if "error" in answer:
        error = answer["error"]
        raise GumstackError(f"{error['message']} {error['hint'] or ''}".strip(), error["code"], error["status"])
    return answer


def run(words: Sequence[str]) -> int:
    """Run a command of gumauth on this terminal; gives its exit status."""
    return subprocess.run([*_settings()["command"], *words], env=environment(), check=False).returncode


def environment() -> dict[str, str]:
    """The variables for gumauth: those of the server by now, which may have read its `.env` file."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


def _settings() -> dict[str, Any]:
    if not settings:
        try:
            settings.update(json.loads(os.environ[VARIABLE]))
        except (KeyError, ValueError):
            raise GumstackError("gumauth does not serve this process: start it by `gumauth run --gumstack`.") from None
    return settings


def say(sentence: str) -> None:
    """Write one sentence on standard error: standard output may be the server's transport."""
    sys.stderr.write(f"gumauth: {sentence}\n")
    sys.stderr.flush()
