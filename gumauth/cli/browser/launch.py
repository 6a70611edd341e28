"""How a browser is started: detached, silent, and without anybody's secrets."""

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
"""Seconds that the system has to start the launcher."""


def open_url(choice: Choice, url: str, environ: Mapping[str, str]) -> bool:
    """Start the browser on a URL, and go on.

    It runs detached, on no terminal, with its streams closed off, and with the session's variables
    only. How it ends is not waited for: some launchers are the browser itself.

    Args:
        choice: What `choose` said.
        url: Goes through `safe_url` once more.
        environ: Ours, of which it gets what `for_child` leaves.

    Returns:
        Whether it was started; the URL must be shown in any case.

    Raises:
        GumauthError: The URL may not be opened.
    """
    url = safe_url(url)
    if choice.command is None:
        return False
    started = threading.Event()
    failed: list[OSError | ValueError] = []
    arguments = (_with_url(choice.command, url), for_child(environ), started, failed)
    # A thread, because a program on a file system that hangs would hang the start as well; and it takes the
    # launcher's exit status, so that no zombie is left.
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
