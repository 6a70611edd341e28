"""Answers that are left half read: nothing of the interpreter's about them stands on standard error."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest

from tests.loopback import Answer, Loopback

PROGRAM = """
import asyncio, sys
from gumauth.oauth2.http import transport
from gumauth.errors import GumauthError

async def ask():
    try:
        form = {"refresh_token": "a-refresh-token"}
        await transport.send(transport.Request(method="POST", url=sys.argv[1], form=form))
    except GumauthError as error:
        print(error.message)

for _ in range(100):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(ask())
    loop.run_until_complete(transport.close())
    loop.close()
"""

HALF_READ = {
    "gzip that is none": Answer(headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b" + b"x" * 200_000),
    "more than is read": Answer(body=b" " * 2_000_000),
    "a bomb": Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b" " * 16 * 2**20)),
    "an encoding that was not asked for": Answer(headers={"Content-Encoding": "br"}, body=b"x" * 500_000),
}


@pytest.mark.requirement("P6", "F8")
@pytest.mark.parametrize("kind", HALF_READ)
def test_a_hundred_answers_that_are_left_half_read_leave_nothing_on_standard_error(server: Loopback, kind: str) -> None:
    """The event loop is closed at once, as at the end of a command: nothing may be left to be tidied up."""
    server.answers = [HALF_READ[kind]]
    words = [sys.executable, "-W", "always", "-c", PROGRAM, server.url]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert ended.stderr == ""
    assert len(ended.stdout.splitlines()) == 100
