"""Whatever code in the process asks for, it reaches the listener or nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gumauth.testing.listening import Listening
from gumauth.testing.messages import Request, Response

PROGRAM = """
import asyncio, os, socket, subprocess, sys
from gumauth.cli.check.isolation import isolate
isolate(int(sys.argv[1]), os.devnull)

async def opened():
    reader, writer = await asyncio.open_connection("api.example", 80)
    writer.write(b"GET /asked HTTP/1.0\\r\\nHost: api.example\\r\\n\\r\\n")
    return await reader.read()

def got(sock):
    sock.sendall(b"GET /asked HTTP/1.0\\r\\nHost: api.example\\r\\n\\r\\n")
    with sock.makefile("rb") as answer:
        return answer.read()

ways = {
    "by name": lambda: got(socket.create_connection(("api.example", 443))),
    "by address": lambda: got(socket.create_connection(("192.0.2.1", 80))),
    "by an event loop": lambda: asyncio.run(opened()),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    "version 6": lambda: socket.socket(socket.AF_INET6).connect(("::1", 80)),
    "local socket": lambda: socket.socket(socket.AF_UNIX).connect("/tmp/there-is-none"),
    "child": lambda: subprocess.run(["true"]),
    "shell": lambda: os.system("true"),
    "spawned": lambda: os.posix_spawn("/bin/true", ["true"], {}),
}
try:
    print(ways[sys.argv[2]]())
except OSError as error:
    print(type(error).__name__)
"""


def tried(way: str) -> tuple[str, list[str]]:
    """What the program prints, and which targets were asked for."""
    targets: list[str] = []

    def answer(request: Request) -> Response:
        targets.append(request.target)
        return Response(body=b"here")

    listening = Listening(answer)
    try:
        words = [sys.executable, "-c", PROGRAM, str(listening.port), way]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    finally:
        listening.close()
    return done.stdout.strip(), targets


@pytest.mark.parametrize("way", ["by name", "by address", "by an event loop"])
def test_every_name_and_address_leads_to_the_listener(way: str) -> None:
    said, targets = tried(way)
    assert targets == ["/asked"]
    assert said.endswith("here'")


@pytest.mark.parametrize("way", ["datagram", "version 6", "local socket", "child", "shell", "spawned"])
def test_what_cannot_be_led_there_is_refused(way: str) -> None:
    assert tried(way) == ("Unreachable", [])
