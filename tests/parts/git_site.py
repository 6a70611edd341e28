"""Private git repositories over https on loopback: git's http-backend behind TLS, for who has the right password."""

from __future__ import annotations

import base64
import binascii
import os
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from gumauth.cli.check.authority import Authority
from gumauth.testing.listening import Handler, Listening
from gumauth.testing.messages import Request, Response
from tests.parts.need import need

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from pathlib import Path

NEVER_ASKS = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}


@dataclass(frozen=True)
class Visit:
    """One request: the organisation whose repository it was for, the user name that came, and the answer's status."""

    organisation: str
    username: str | None
    status: int


class GitSite:
    """A git server at `https://localhost:PORT`, from construction to `close`; a context manager.

    Args:
        folder: Where the repositories, certificates and keys are put.
        accepts: Whether a password opens the repositories of an organisation; given both.
    """

    def __init__(self, folder: Path, accepts: Callable[[str, str], bool]) -> None:
        need(programs=("git",))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._repositories, self._accepts = folder / "repositories", accepts
        authority = Authority(folder)
        self.certificate = authority.certificate
        """For `GIT_SSL_CAINFO`."""
        self.visits: list[Visit] = []
        self._listening = Listening(self._answer, _behind_tls(authority.context("localhost")))
        self.host = f"localhost:{self._listening.port}"
        """As git names it: with the port."""
        self.url = f"https://{self.host}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._listening.close()

    @property
    def environment(self) -> dict[str, str]:
        """What git needs in its environment to believe this server, and to ask nobody."""
        return {**NEVER_ASKS, "GIT_SSL_CAINFO": str(self.certificate)}

    def add(self, organisation: str, name: str) -> str:
        """A new private repository with one commit, which holds a file `README`; gives the URL to clone."""
        path = self._repositories / organisation / f"{name}.git"
        content = b"blob\nmark :1\ndata 6\nhello\n\n"
        commit = (
            b"commit refs/heads/main\ncommitter Ada <ada@example.com> 1000000000 +0000\ndata 5\nfirst\n"
            b"M 100644 :1 README\n\n"
        )
        self._git("init", "-q", "--bare", "--initial-branch=main", str(path))
        self._git("-C", str(path), "fast-import", "--quiet", stdin=content + commit)
        return f"{self.url}/{organisation}/{name}.git"

    def head(self, organisation: str, name: str) -> str:
        """The subject of the latest commit in a repository's main branch."""
        path = self._repositories / organisation / f"{name}.git"
        return self._git("-C", str(path), "log", "-1", "--format=%s", "main").decode().strip()

    def _git(self, *words: str, stdin: bytes = b"") -> bytes:
        environ = {"PATH": os.environ["PATH"], "HOME": str(self._repositories), "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run(["git", *words], env=environ, input=stdin, capture_output=True, check=True).stdout

    def _answer(self, request: Request) -> Response:
        organisation = request.path.strip("/").partition("/")[0]
        username, password = _basic(request.headers.get("authorization", ""))
        if password is not None and self._accepts(organisation, password):
            response = self._backend(request, username or "")
        else:
            response = Response(status=401, headers={"WWW-Authenticate": 'Basic realm="git site"'})
        self.visits.append(Visit(organisation, username, response.status))
        return response

    def _backend(self, request: Request, username: str) -> Response:
        """What git's CGI program answers. Source: RFC 3875 §4.1 and §6."""
        done = subprocess.run(
            ["git", "http-backend"],
            env=_variables(request, str(self._repositories), username),
            input=request.body,
            capture_output=True,
            check=True,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200 OK").split()[0])
        return Response(status=status, headers=headers, body=body)


def _variables(request: Request, root: str, username: str) -> Mapping[str, str]:
    variables = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": root,
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": root,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": request.path,
        "QUERY_STRING": request.target.partition("?")[2],
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "REMOTE_USER": username or "somebody",
        "REMOTE_ADDR": "127.0.0.1",
    }
    for name in ("content-encoding", "git-protocol"):
        if name in request.headers:
            variables["HTTP_" + name.upper().replace("-", "_")] = request.headers[name]
    return variables


def _basic(header: str) -> tuple[str | None, str | None]:
    """The user name and password of an Authorization header. Source: RFC 7617 §2."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        username, colon, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return (username, password) if colon else (None, None)


def _behind_tls(context: ssl.SSLContext) -> type[Handler]:
    class Secure(Handler):
        """Speaks TLS with each connection, in the connection's own thread."""

        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            try:
                self.request.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # git closed it first
            self.request.close()

    return Secure
