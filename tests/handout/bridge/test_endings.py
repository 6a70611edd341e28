"""How the bridge ends, as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.handout.bridge.client import PATIENCE
from tests.handout.bridge.site import Reply, Site, event, result, stream
from tests.programs.stage import Stage, stage

pytestmark = pytest.mark.requirement("H7")

MESSAGES = b"""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":1,"method":"tools/call"}
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("bridge")) as scene:
        yield scene


def bridge(scene: Stage, site: Site) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "gumauth", "mcp", "acme", "--url", site.url]
    return subprocess.Popen(command, env=scene.environ, stdin=pipe, stdout=pipe, stderr=pipe)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_session_and_leaves_what_is_under_way(
    scene: Stage, site: Site, number: signal.Signals
) -> None:
    """A second one that comes meanwhile changes nothing."""
    ended, note = threading.Event(), event({"jsonrpc": "2.0", "method": "note"})
    site.on["DELETE"] = lambda seen: running.send_signal(number)
    site.on["tools/call"] = lambda seen: stream(note, lambda: ended.wait(PATIENCE))
    with bridge(scene, site) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        running.stdin.write(MESSAGES)
        running.stdin.flush()
        assert b'"result"' in running.stdout.readline()
        assert b'"note"' in running.stdout.readline()
        running.send_signal(number)
        assert running.wait(PATIENCE) == 0
        assert running.stdout.read() == b""
        assert running.stderr.read() == b""
    ended.set()
    assert site.said()[-1] == "DELETE"
    assert site.sessions == set()


def test_a_client_that_reads_no_more_ends_it(scene: Stage, site: Site) -> None:
    with bridge(scene, site) as running:
        assert running.stdin
        assert running.stdout
        running.stdout.close()
        running.stdin.write(MESSAGES)
        running.stdin.flush()
        assert running.wait(PATIENCE) == 0
    assert site.sessions == set()


def test_messages_of_megabytes_pass_while_the_client_only_writes(scene: Stage, site: Site) -> None:
    """Ten messages of 1 MB are written before the first answer of that size is read."""
    filler = "x" * 1_000_000
    site.on["big"] = lambda seen: Reply(body=b'{"id":%d,"result":"%s"}' % (seen.message["id"], filler.encode()))
    message = b'{"jsonrpc":"2.0","id":%d,"method":"big","params":{"text":"' + filler.encode() + b'"}}\n'
    with bridge(scene, site) as running:
        out, err = running.communicate(
            MESSAGES + b"".join(message % number for number in range(2, 12)), timeout=2 * PATIENCE
        )
        assert (running.returncode, err) == (0, b"")
    sizes = [len(line) for line in out.splitlines()]
    assert (len(sizes), sum(size > 1_000_000 for size in sizes)) == (12, 10)


def test_input_from_a_file_is_read_to_its_end(scene: Stage, site: Site, tmp_path: Path) -> None:
    site.on["tools/call"] = lambda seen: Reply(body=str(result(seen)).replace("'", '"').encode())
    (tmp_path / "messages").write_bytes(MESSAGES.rstrip())
    with open(tmp_path / "messages", "rb") as messages, open(tmp_path / "answers", "wb") as answers:
        command = [sys.executable, "-m", "gumauth", "mcp", "acme", "--url", site.url]
        done = subprocess.run(command, env=scene.environ, stdin=messages, stdout=answers, timeout=60, check=False)
    assert done.returncode == 0
    assert (tmp_path / "answers").read_bytes().count(os.linesep.encode()) == 2
