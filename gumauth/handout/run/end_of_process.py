"""Waiting for the end of a process that is no child of this one."""

from __future__ import annotations

import os
import select
import sys
import time

PAUSE = 0.2
"""Seconds between two looks, where the system does not tell the end by itself."""


class EndOfProcess:
    """The end of a process, to be waited for. The process must be there when this is made.

    Args:
        process: Its id.
    """

    def __init__(self, process: int) -> None:
        self._process = process
        self._handle: int | None = None
        if sys.platform == "linux":
            try:
                self._handle = os.pidfd_open(process)
            except OSError:
                pass  # a kernel before 5.3

    def wait(self) -> None:
        """Return once the process has ended."""
        if self._handle is not None:
            poll = select.poll()
            poll.register(self._handle, select.POLLIN)
            poll.poll()
        elif sys.platform == "darwin":
            self._wait_by_event()
        else:
            self._look()

    def _wait_by_event(self) -> None:
        if sys.platform == "darwin":
            event = select.kevent(
                self._process, select.KQ_FILTER_PROC, select.KQ_EV_ADD | select.KQ_EV_ONESHOT, select.KQ_NOTE_EXIT
            )
            try:
                select.kqueue().control([event], 1)
            except ProcessLookupError:
                pass  # it has ended

    def _look(self) -> None:
        while True:
            try:
                os.kill(self._process, 0)
            except ProcessLookupError:
                return
            except PermissionError:
                pass  # it has become another user's
            time.sleep(PAUSE)
