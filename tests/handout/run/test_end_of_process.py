"""The end of a process that is no child."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from gumauth.handout.run.end_of_process import EndOfProcess


@pytest.mark.parametrize("by_looking", [False, True])
def test_the_wait_ends_with_the_process(by_looking: bool) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        end = EndOfProcess(process.pid)
        if by_looking:
            end._handle = None
        waiting = threading.Thread(target=end.wait)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        process.communicate(b"\n")
        waiting.join(20)
        assert not waiting.is_alive()
