"""Starts the browser: detached, without a terminal, and without secrets in its environment. Promises B1 and B2."""

from __future__ import annotations

import subprocess
import threading
from typing import TYPE_CHECKING

from gumauth.oauth2.urls import safe_url
from gumauth.platform.child_environment import for_child

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.cli.browser.choice import Choice

DEADLINE = 5.0
"""Seconds in which the system has to start the program."""


def open_url(choice: Choice, url: str, environ: Mapping[str, str]) -> bool:
    """Start the browser on a URL, without waiting for its end: some of the programs are the browser itself.

    The program runs in a session of its own, with /dev/null for its streams.

    Args:
        choice: The result of `choose`.
        url: The URL, which is checked by `safe_url` once more.
        environ: The environment variables, of which the program gets those that `for_child` leaves.

    Returns:
        Whether the program was started. The caller shows the URL in any case.

    Raises:
        GumauthError: The URL may not be opened.
    """
    url = safe_url(url)
    if choice.command is None:
        return False
    started = threading.Event()
    failed: list[OSError | ValueError] = []
    arguments = (_with_url(choice.command, url), for_child(environ), started, failed)
    # A thread: starting a program from a file system that hangs would block. The thread also reads the program's exit
    # status, so that no zombie process is left.
    threading.Thread(target=_start, args=arguments, daemon=True, name="browser").start()
    return started.wait(DEADLINE) and not failed


def _start(
    command: list[str],
    environ: dict[str, str],
    started: threading.Event,
    failed: list[OSError | ValueError],
) -> None:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environ,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        failed.append(error)
        return
    finally:
        started.set()
    process.wait()


def _with_url(command: tuple[str, ...], url: str) -> list[str]:
    if any("%s" in word for word in command[1:]):
        return [command[0], *(word.replace("%s", url) for word in command[1:])]
    return [*command, url]
