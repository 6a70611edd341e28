"""A PostgreSQL of its own for a test: made in a temporary folder, on a free port of loopback, by an ordinary user."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gumauth.cli.check.authority import Authority

NOBODY = 65534
HOST = "localhost"
"""The name in the server's certificate."""

ADMIN = "admin"
"""A superuser, of whom nothing else here is to be taken for gumauth's."""


def programs() -> str | None:
    """The folder of the newest server's programs; None where there is none."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    return os.path.dirname(found[-1]) if found else None


def free_port() -> int:
    """A port of loopback that was free just now, of those that the kernel gives to nobody who asks for any."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def as_user(folder: Path, command: list[str]) -> list[str]:
    """The command as the user who owns the folder runs it: the server refuses to run as root."""
    if os.geteuid() != 0:
        return command
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*user, "env", f"HOME={folder}", "LC_ALL=C.UTF-8", *command]


class PostgreSQL:
    """A server.

    Args:
        folder: Owned by the user who runs it.
        settings: Lines of `postgresql.conf`.
        primary: Whose standby it is; None for a server of its own.
    """

    def __init__(self, folder: Path, *settings: str, primary: PostgreSQL | None = None) -> None:
        found = programs()
        assert found is not None
        self.folder, self.bin, self.port = folder, found, free_port()
        self.password: str = secrets.token_hex(16) if primary is None else primary.password
        self.authority = folder / "authority.pem"
        """The certificate of who signed the server's."""
        self._paused: list[int] = []
        self._run(["chmod", "700", str(folder)])
        if primary is None:
            self._write("password", self.password)
            where = ["-D", str(folder / "data"), f"--pwfile={folder / 'password'}"]
            self._run(
                [f"{found}/initdb", *where, *f"-U {ADMIN} -A scram-sha-256 --no-sync -E UTF8 --locale=C".split()],
            )
        else:
            where = ["-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(primary.port), "-U", ADMIN]
            words = [*where, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
            self._run([f"{found}/pg_basebackup", *words], PGPASSWORD=self.password)
        Authority(folder).context(HOST)
        for file in ("authority.pem", f"{HOST}.pem"):
            if os.geteuid() == 0:
                os.chown(folder / file, NOBODY, NOBODY)
        self.configure(
            "listen_addresses = '127.0.0.1'",
            f"port = {self.port}",
            f"unix_socket_directories = '{folder}'",
            "ssl = on",
            f"ssl_cert_file = '{folder}/{HOST}.pem'",
            f"ssl_key_file = '{folder}/{HOST}.pem'",
            "fsync = off",
            "max_connections = 200",
            *settings,
        )

    @classmethod
    def of_folder(cls, folder: Path) -> PostgreSQL:
        """A server that another process has started."""
        server, found = cls.__new__(cls), programs()
        assert found is not None
        server.folder, server.bin, server.authority, server._paused = folder, found, folder / "authority.pem", []
        server.password = (folder / "password").read_text()
        ports = [line for line in (folder / "data/postgresql.conf").read_text().splitlines() if line.startswith("port")]
        server.port = int(ports[-1].rpartition(" ")[2])
        return server

    def configure(self, *settings: str) -> None:
        """Add lines to `postgresql.conf`, for the next start or `reload`."""
        self._write("data/postgresql.conf", "".join(f"{line}\n" for line in settings))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._control("start")

    def stop(self, how: str = "fast") -> None:
        """Stop it; "immediate" is as if it was killed."""
        self.resume()
        self._control("stop", "-m", how)

    def restart(self, how: str = "fast") -> None:
        """Stop and start it."""
        self._control("restart", "-m", how)

    def reload(self) -> None:
        """Have it read its configuration again."""
        self._control("reload")

    def promote(self) -> None:
        """Make a standby a primary, and wait until it is one."""
        self._control("promote")

    def pause(self) -> None:
        """Stop its processes where they are: the kernel goes on to take connections and data for them."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        self._paused = [first]
        os.kill(first, signal.SIGSTOP)  # it makes no new ones then
        self._paused += [int(word) for word in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for process in self._paused[1:]:
            os.kill(process, signal.SIGSTOP)

    def resume(self) -> None:
        """Let its processes go on."""
        for process in reversed(self._paused):
            os.kill(process, signal.SIGCONT)
        self._paused = []

    def cut(self, database: str | None = None) -> int:
        """End all connections of gumauth, or those to one database; how many there were."""
        only = f"and datname = '{database}'" if database else ""
        statement = f"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gumauth' {only}"
        return len(self.ask(statement))

    @property
    def address(self) -> str:
        """For GUMAUTH_STORE, as the administrator; the password is in the password file."""
        return self.address_of(ADMIN)

    def address_of(self, role: str, database: str = "postgres") -> str:
        """For GUMAUTH_STORE, as another role."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def password_file(self, folder: Path) -> Path:
        """A password file for libpq with the password of every role, which is the same."""
        path = folder / "pgpass"
        path.write_text("".join(f"{host}:*:*:*:{self.password}\n" for host in ("127.0.0.1", HOST)))
        path.chmod(0o600)
        return path

    def ask(self, statement: str, database: str = "postgres") -> list[str]:
        """The lines that psql prints for a statement, as the administrator."""
        ended = subprocess.run(
            [f"{self.bin}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, self.address_of(ADMIN, database)],
            env={"PGPASSWORD": self.password, "LC_ALL": "C.UTF-8"},
            check=True,
            capture_output=True,
            text=True,
        )
        return ended.stdout.splitlines()

    def _control(self, *words: str) -> None:
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self._run([f"{self.bin}/pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", *words])

    def _write(self, name: str, text: str) -> None:
        self._run(["sh", "-c", f"umask 077; cat >> {self.folder / name}"], data=text)

    def _run(self, command: list[str], data: str = "", **more: str) -> None:
        done = subprocess.run(
            as_user(self.folder, command),
            env={**os.environ, **more},
            check=False,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert done.returncode == 0, done.stderr


class PgBouncer:
    """PgBouncer in transaction mode before a server: a statement gets one of a few connections, and gives it back.

    Args:
        server: Runs.
        pool: How many connections to the server there are for each role and database.
        settings: Lines of `pgbouncer.ini`.
    """

    def __init__(self, server: PostgreSQL, pool: int = 3, *settings: str) -> None:
        self._server, self.port = server, free_port()
        folder = server.folder
        name = f"pgbouncer-{self.port}"
        users, configuration = folder / f"{name}.users", folder / f"{name}.ini"
        users.write_text(f'"{ADMIN}" "{server.password}"\n')
        self.log = folder / f"{name}.log"
        configuration.write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"pool_mode = transaction\ndefault_pool_size = {pool}\nmax_client_conn = 1000\n"
            f"auth_type = scram-sha-256\nauth_file = {users}\nauth_user = {ADMIN}\n"
            "auth_query = select usename, passwd from pg_shadow where usename = $1\n"
            f"server_tls_sslmode = disable\nlogfile = {self.log}\n" + "".join(f"{line}\n" for line in settings)
        )
        for file in (users, configuration):
            file.chmod(0o600)
            if os.geteuid() == 0:
                os.chown(file, NOBODY, NOBODY)
        command = ["pgbouncer", "-q", str(configuration)]
        self._process = subprocess.Popen(as_user(folder, command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < end
            time.sleep(0.01)

    def address_of(self, role: str, database: str = "postgres") -> str:
        """For GUMAUTH_STORE, as a role."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running(*settings: str) -> Iterator[PostgreSQL]:
    """A server, for the length of a `with` block; nothing of it is left."""
    with _folder() as folder:
        server = PostgreSQL(folder, *settings)
        with _started(server):
            yield server


@contextmanager
def standby_of(primary: PostgreSQL, *settings: str) -> Iterator[PostgreSQL]:
    """A streaming replica of a running server, which can be read, for the length of a `with` block."""
    with _folder() as folder:
        server = PostgreSQL(folder, *settings, primary=primary)
        with _started(server):
            yield server


@contextmanager
def pooled(server: PostgreSQL, pool: int = 3, *settings: str) -> Iterator[PgBouncer]:
    """PgBouncer before a running server, for the length of a `with` block."""
    pooler = PgBouncer(server, pool, *settings)
    try:
        yield pooler
    finally:
        pooler.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gumauth-postgresql-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(server: PostgreSQL) -> Iterator[PostgreSQL]:
    server.start()
    try:
        yield server
    finally:
        if (server.folder / "data" / "postmaster.pid").exists():
            server.stop("immediate")
