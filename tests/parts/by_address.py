"""`gumauth connect` with an address in place of a provider, run as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from gumauth.testing import deliver
from tests.cli.program import Ended, process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Waiting(NamedTuple):
    """A `gumauth connect` that waits for its person, and what it said before.

    Args:
        said: All lines of standard error up to the last one that was needed.
        url: The authorization URL; with `--device` the address where the code is typed.
        code: What the person types, with `--device`.
    """

    program: subprocess.Popen[str]
    said: list[str]
    url: str
    code: str = ""

    def asked(self, name: str) -> str | None:
        """A parameter of the authorization URL."""
        return parse_qs(urlsplit(self.url).query).get(name, [None])[0]

    def ended(self) -> Ended:
        """How it ends."""
        out, err = self.program.communicate(timeout=240)
        return Ended(self.program.returncode, out, "".join(self.said) + err)


@contextmanager
def connecting(environ: dict[str, str], address: str, *options: str) -> Iterator[Waiting]:
    """Start it and read on until it has printed the authorization URL, on a line of its own."""
    with _started(environ, address, *options) as program:
        said = _said_until(program, _is_authorization_url)
        yield Waiting(program, said, said[-1].strip())


@contextmanager
def connecting_by_device(environ: dict[str, str], address: str, *options: str) -> Iterator[Waiting]:
    """Start it with `--device` and read on until the address and the code were printed, each on a line of its own."""
    with _started(environ, address, "--device", *options) as program:
        said = _said_until(program, _is_user_code)
        urls = [line.strip() for line in said if _is_url(line)]
        assert urls, "".join(said)
        yield Waiting(program, said, urls[0], said[-1].strip())


def connect(environ: dict[str, str], address: str, follow: Callable[[str], str], *options: str) -> dict[str, Any]:
    """Connect, with the person played by `follow`: authorization URL in, redirect URL out. Gives the account."""
    with connecting(environ, address, *options) as waiting:
        status, page = deliver(follow(waiting.url))
        ended = waiting.ended()
    assert (status, ended.status) == (200, 0), (page, ended)
    return account_of(ended)


def account_of(ended: Ended) -> dict[str, Any]:
    assert ended.status == 0, ended
    account: dict[str, Any] = json.loads(ended.out)["account"]
    return account


def shown(ended: Ended, status: int = 0) -> Any:
    """The object of `--json`: the result, or with another status the error."""
    assert ended.status == status, ended
    return json.loads(ended.out if status == 0 else ended.err.splitlines()[-1])


def token(environ: dict[str, str], account: str) -> str:
    return str(shown(process(environ, "token", account, "--json"))["access_token"])


def refresh(environ: dict[str, str], account: str) -> None:
    assert shown(process(environ, "refresh", account, "--json"))["accounts"][0]["refreshed"] is True


def disconnect(environ: dict[str, str], account: str) -> Mapping[str, Any]:
    """What `disconnect` says; nothing is left of the account."""
    said: Mapping[str, Any] = shown(process(environ, "disconnect", account, "--json"))
    assert shown(process(environ, "list", "--json"))["accounts"] == []
    return said


@contextmanager
def _started(environ: dict[str, str], address: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "gumauth", "connect", address, "--no-browser", "--json", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environ, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as program:
        try:
            yield program
        finally:
            program.kill()


def _said_until(program: subprocess.Popen[str], last: Callable[[str], bool]) -> list[str]:
    assert program.stderr
    said: list[str] = []
    for line in program.stderr:
        said.append(line)
        if last(line):
            return said
    raise AssertionError(f"it ended with status {program.wait(timeout=10)} before it asked: {''.join(said)}")


def _is_url(line: str) -> bool:
    return line.strip().startswith(("https://", "http://127.0.0.1:", "http://localhost:")) and " " not in line.strip()


def _is_authorization_url(line: str) -> bool:
    return _is_url(line) and "client_id" in parse_qs(urlsplit(line.strip()).query)


def _is_user_code(line: str) -> bool:
    code = line.strip().replace("-", "")
    return len(code) in range(6, 13) and code.isalnum() and code.isupper()
