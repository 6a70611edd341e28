"""A PostgreSQL of its own for a test: made in a temporary folder, on a free port of loopback, by an ordinary user."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def programs() -> str | None:
    """The folder of the newest server's programs; None where there is none."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    return os.path.dirname(found[-1]) if found else None


def free_port() -> int:
    """A port of loopback that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgreSQL:
    """A server; `restart` and the like are those of `pg_ctl`.

    Args:
        folder: Owned by the user who runs it.
        settings: Lines of `postgresql.conf`.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        found = programs()
        assert found is not None
        self.folder, self._bin, self.port = folder, found, free_port()
        self.password = secrets.token_hex(16)
        self._as_user(["chmod", "700", str(folder)])
        word = folder / "password"
        self._as_user(["sh", "-c", f"umask 077; cat > {word}"], data=self.password.encode())
        self._as_user(
            [
                *(f"{found}/initdb", "-D", str(folder / "data"), "-U", "admin", "-A", "scram-sha-256"),
                *(f"--pwfile={word}", "--no-sync", "-E", "UTF8", "--locale=C"),
            ]
        )
        lines = [
            "listen_addresses = '127.0.0.1'",
            f"port = {self.port}",
            f"unix_socket_directories = '{folder}'",
            *settings,
        ]
        text = "".join(f"{line}\n" for line in lines)
        self._as_user(["sh", "-c", f"cat >> {folder / 'data' / 'postgresql.conf'}"], data=text.encode())

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._control("start")

    def stop(self, how: str = "fast") -> None:
        """Stop it."""
        self._control("stop", "-m", how)

    def restart(self, how: str = "fast") -> None:
        """Stop and start it."""
        self._control("restart", "-m", how)

    @property
    def address(self) -> str:
        """For GUMAUTH_STORE, as the administrator; the password is in the password file."""
        return self.address_of("admin")

    def address_of(self, role: str, database: str = "postgres") -> str:
        """For GUMAUTH_STORE, as another role."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def password_file(self, folder: Path) -> Path:
        """A password file for libpq with the password of every role, which is the same."""
        path = folder / "pgpass"
        path.write_text(f"127.0.0.1:*:*:*:{self.password}\n")
        path.chmod(0o600)
        return path

    def ask(self, statement: str) -> list[str]:
        """The lines that psql prints for a statement, as the administrator."""
        ended = subprocess.run(
            [f"{self._bin}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, self.address],
            env={"PGPASSWORD": self.password, "LC_ALL": "C.UTF-8"},
            check=True,
            capture_output=True,
            text=True,
        )
        return ended.stdout.splitlines()

    def _control(self, *words: str) -> None:
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self._as_user([f"{self._bin}/pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", *words])

    def _as_user(self, command: list[str], data: bytes | None = None) -> None:
        """Run a command as the user who owns the folder: the server refuses to run as root."""
        if os.geteuid() == 0:
            user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            command = [*user, "env", f"HOME={self.folder}", "LC_ALL=C.UTF-8", *command]
        subprocess.run(command, check=True, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def running(*settings: str) -> Iterator[PostgreSQL]:
    """A server, for the length of a `with` block; nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="gumauth-postgresql-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server = PostgreSQL(folder, "fsync = off", *settings)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
