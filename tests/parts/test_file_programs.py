"""curl and rclone, which nobody here wrote, get at somebody's files with the token that gumauth gives them."""

from __future__ import annotations

import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.parts.need import need
from tests.parts.test_mail import link as link
from tests.parts.test_mail import settings as settings
from tests.parts.test_mail import world as world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.client.world import World

    Read = Callable[[], subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.files, pytest.mark.requirement("H3")]

LISTED = b"""<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/notes.txt</d:href>
<d:propstat><d:prop><d:getcontentlength>11</d:getcontentlength><d:resourcetype/></d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"""


class Files:
    """A server with one file, for WebDAV (RFC 4918); whoever asks needs a good token in the header of RFC 6750 §2.1."""

    def __init__(self, is_good: Callable[[str], bool]) -> None:
        self.answers: list[int] = []
        files = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                scheme, _, token = (self.headers["Authorization"] or "").partition(" ")
                is_listing = self.command == "PROPFIND"
                status = (207 if is_listing else 200) if scheme == "Bearer" and is_good(token) else 401
                body = {207: LISTED, 200: b"It weaves.\n", 401: b""}[status]
                files.answers.append(status)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PROPFIND = answer  # noqa: N815 - the names are the base class's

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def files(world: World) -> Iterator[Files]:
    files = Files(world.server.is_active)
    yield files
    files.close()


@pytest.fixture(params=["curl", "rclone"])
def read(request: pytest.FixtureRequest, files: Files, link: Callable[..., str], tmp_path: Path) -> Read:
    """Reads the file by what `gumauth link` prints, with HOME and PATH alone."""
    need(programs=(request.param,))
    if request.param == "rclone":
        config = tmp_path / "rclone.conf"
        config.write_text(link("rclone", "--url", files.url))
        line = f"rclone --config {config} --retries 1 --low-level-retries 1 cat acme:notes.txt"
    else:
        line = link("curl", "--url", f"{files.url}notes.txt").rstrip() + " -sS --fail"

    def run() -> subprocess.CompletedProcess[str]:
        environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        return subprocess.run(
            ["bash", "-c", line], env=environ, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.mark.requirement("H6")
def test_a_file_is_read_with_a_token_that_is_refreshed_once_it_has_ended(
    world: World, files: Files, read: Read
) -> None:
    for _ in range(2):
        done = read()
        assert (done.returncode, done.stdout, done.stderr) == (0, "It weaves.\n", "")
    assert 401 not in files.answers
    assert world.server.count("refresh") == 1


@pytest.mark.requirement("H4")
def test_with_a_dead_grant_nothing_is_read_and_the_program_fails_with_our_words(
    world: World, files: Files, read: Read
) -> None:
    world.server.end_grant(1)
    done = read()
    assert done.returncode != 0
    assert done.stdout == ""
    assert "gumauth connect acme" in done.stderr
    assert {200, 207}.isdisjoint(files.answers)
