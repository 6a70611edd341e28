"""What `gumauth doctor` says of a database and of the way to it: TLS, a pooler, and what a failover would lose."""

from __future__ import annotations

from gumauth.accounts.postgresql.address import hosts, is_here
from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gumauth.accounts.interface import Observation
    from gumauth.accounts.postgresql.connection import Connection

ASK = """
select session_user::text, pg_backend_pid(), current_setting('server_version'), current_setting('synchronous_commit'),
       current_setting('synchronous_standby_names'), pg_is_in_recovery(), (select count(*) from pg_stat_replication)
"""

NOT_IN_SENTENCES = {"off": "is off", "local": "is local"}


@frozen
class Seen:
    """What is known of a connection.

    Args:
        where: Host and port.
        is_here: Whether no other machine is asked.
        tls: The version of TLS; None without.
        mode: The `sslmode` that was used.
        user: The role that the address names.
        pid: The number of the server's process, as it was told when the connection was made.
        role: The role that the server knows.
        server_pid: The number of the server's process, as it says by itself.
        version: Of the server.
        commit: Its `synchronous_commit`.
        standbys: Its `synchronous_standby_names`.
        is_standby: Whether it is one itself.
        replicas: How many replicas follow it now.
    """

    where: str
    is_here: bool
    tls: str | None
    mode: str
    user: str
    pid: int
    role: str
    server_pid: int
    version: str
    commit: str
    standbys: str
    is_standby: bool
    replicas: int


def observe(connection: Connection, environ: Mapping[str, str]) -> Iterator[Observation]:
    """What can be said; raises as every question to the database."""
    role, server_pid, version, commit, standbys, is_standby, replicas = connection.ask(ASK)[0]
    info = connection.info
    seen = Seen(
        where=connection.where,
        is_here=all(is_here(host) for host in hosts(connection.parameters, environ)),
        tls=connection.tls,
        mode=info.dsn_parameters.get("sslmode", ""),
        user=info.user,
        pid=info.backend_pid,
        role=role,
        server_pid=server_pid,
        version=one_line(version.split(" ")[0], 40),
        commit=commit,
        standbys=standbys,
        is_standby=is_standby,
        replicas=replicas,
    )
    yield from spoken(seen)


def spoken(seen: Seen) -> Iterator[Observation]:
    """What is said of a connection. Pure."""
    for say in (_way, _tls, _pooler, _durability):
        yield from say(seen)


def _way(seen: Seen) -> Iterator[Observation]:
    yield "ok", f"The database at {seen.where} answers: PostgreSQL {seen.version}.", None
    if seen.is_standby:
        yield (
            "warn",
            "It is a standby, and can only be read.",
            "Name the primary, or both with target_session_attrs=read-write.",
        )


def _tls(seen: Seen) -> Iterator[Observation]:
    """Whether others on the way could listen, or stand in for the database. Promise T7."""
    if seen.tls is None:
        if seen.is_here:
            yield "ok", "It is asked without TLS, on this machine.", None
            return
        yield (
            "warn",
            "It is asked without TLS: who listens on the way learns which accounts are used, and can change answers.",
            _strict("sslmode=verify-full"),
        )
    elif seen.mode == "verify-full":
        yield "ok", f"It is asked by {seen.tls}, and its certificate is checked.", None
    elif seen.is_here:
        yield "ok", f"It is asked by {seen.tls}, on this machine.", None
    else:
        what = "the name in its certificate" if seen.mode == "verify-ca" else "its certificate"
        yield (
            "warn",
            f"It is asked by {seen.tls}, but {what} is not checked: sslmode={seen.mode}.",
            _strict("sslmode=verify-full, with sslrootcert= where the system does not know its issuer"),
        )


def _strict(what: str) -> str:
    return f"Take sslmode out of the address and of PGSSLMODE, or say {what}."


def _pooler(seen: Seen) -> Iterator[Observation]:
    """A pooler tells a number of its own in place of the server's process."""
    if seen.user != seen.role:
        yield (
            "warn",
            (
                f"The address says {one_line(seen.user, 80)}, and the database knows {one_line(seen.role, 80)}: a"
                " pooler in between makes one of all, and so does the log."
            ),
            "Let the pooler pass roles on, where they are to be told apart.",
        )
    elif seen.pid != seen.server_pid:
        yield "ok", "There is a pooler in between.", None


def _durability(seen: Seen) -> Iterator[Observation]:
    """What is lost when the database fails: a refresh token that was spent for it is lost with it. Promise T2."""
    if seen.commit in NOT_IN_SENTENCES:
        yield (
            "warn",
            (
                f"synchronous_commit {NOT_IN_SENTENCES[seen.commit]}: where the database fails, tokens that it has"
                " confirmed may be lost, and with them the grant."
            ),
            (
                f'Its administrator sets it for this role: `ALTER ROLE "{one_line(seen.role, 80)}" SET'
                " synchronous_commit = on;`."
            ),
        )
    elif seen.replicas and not seen.standbys:
        count = "A replica follows" if seen.replicas == 1 else f"{seen.replicas} replicas follow"
        yield (
            "warn",
            (
                f"{count}, and synchronous_standby_names is empty: a failover may lose tokens that were just stored,"
                " and with them the grant."
            ),
            "Set synchronous_standby_names, or know that such accounts may have to be connected again.",
        )
