"""A screen that nobody sees, and a person's hands at it: Xvfb and xdotool."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.parts.need import need

PROGRAMS = ("Xvfb", "xdotool")


class Screen:
    """An X server with no window manager: keys go to the window under the pointer.

    Args:
        display: Its name, as in DISPLAY.
    """

    def __init__(self, display: str) -> None:
        self.display = display

    def windows(self, title: str) -> list[str]:
        """The visible windows whose title matches."""
        return self._do("search", "--onlyvisible", "--name", title).split()

    def type(self, window: str, text: str, *keys: str) -> None:
        """Type a text into a window, and press keys."""
        self._do("mousemove", "--window", window, "5", "5")
        if text:
            self._do("type", "--delay", "1", text)
        if keys:
            self._do("key", *keys)

    @contextmanager
    def answering(self, title: str, text: str, *keys: str) -> Iterator[list[str]]:
        """Answer every dialog of this title in the same way; gives the windows that were answered."""
        answered: list[str] = []
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.05):
                for window in self.windows(title):
                    if window not in answered:
                        answered.append(window)
                        time.sleep(0.2)  # it is visible before it takes keys
                        self.type(window, text, *keys)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield answered
        finally:
            done.set()
            thread.join()

    def _do(self, *words: str) -> str:
        environ = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(["xdotool", *words], env=environ, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """One screen for all tests."""
    need(programs=PROGRAMS)
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writer,), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        os.close(writer)
        try:
            with os.fdopen(reader) as number:
                yield Screen(f":{number.readline().strip()}")
        finally:
            process.kill()


__all__ = ["Screen", "screen"]
