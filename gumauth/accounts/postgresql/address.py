"""The address of a database, as GUMAUTH_STORE has it: a libpq URI, in which no password may stand. Promise T7.

Source: PostgreSQL documentation, "Connection Strings" and "SSL Support".
"""

from __future__ import annotations

from gumauth.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMES = ("postgresql://", "postgres://")
STRICT = ("verify-full", "verify-ca")
MODES = ("disable", "allow", "prefer", "require", *STRICT)


def is_address(value: str) -> bool:
    """Whether a value of GUMAUTH_STORE is the address of a database."""
    return value.startswith(SCHEMES)


def check_address(parameters: Mapping[str, str], said: str) -> None:
    """Stop at an address with a password in it, which would stand in environments and logs.

    Args:
        parameters: Of the address, as libpq reads it.
        said: Where the address was said.

    Raises:
        StoreError: There is one.
    """
    if parameters.get("password") or parameters.get("sslpassword"):
        raise StoreError(
            f"{said} has a password in it, which every process here could read.",
            hint="Take it out, and write it into ~/.pgpass or a service file, or set PGPASSFILE or PGPASSWORD; or use a"
            " client certificate.",
        )


def tls_mode(parameters: Mapping[str, str], environ: Mapping[str, str]) -> str | None:
    """The `sslmode` to be added; None where the address or the environment says one, or no other machine is asked.

    libpq's own usual mode, "prefer", goes on without TLS where somebody on the way takes it out.

    Args:
        parameters: Of the address, as libpq reads it.
        environ: May hold libpq's variables.
    """
    said = parameters.get("sslmode") or environ.get("PGSSLMODE") or ""
    if said or parameters.get("service") or environ.get("PGSERVICE"):
        return None
    return None if all(is_here(host) for host in hosts(parameters, environ)) else "verify-full"


def trust(parameters: Mapping[str, str], environ: Mapping[str, str], *, has_own: bool) -> str | None:
    """The `sslrootcert` to be added: the system's certificates, where nothing else is said; None for libpq's own file.

    Args:
        parameters: Of the address.
        environ: May hold libpq's variables.
        has_own: Whether `~/.postgresql/root.crt` is there.
    """
    if parameters.get("sslrootcert") or environ.get("PGSSLROOTCERT") or has_own:
        return None
    return "system"


def hosts(parameters: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    """The hosts that libpq asks; "" is the socket of this machine."""
    said = parameters.get("hostaddr") or parameters.get("host") or environ.get("PGHOST") or ""
    return said.split(",")


def is_here(host: str) -> bool:
    """Whether a host is this machine: a socket, or a loopback address."""
    return not host or host[0] in "/@" or host == "localhost" or host == "::1" or host.startswith("127.")


def shown(parameters: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """Host and port for a sentence, never the address itself."""
    ports = (parameters.get("port") or environ.get("PGPORT") or "5432").split(",")
    names = [host or "this machine's socket" for host in hosts(parameters, environ)]
    pairs = [f"{name}:{ports[min(at, len(ports) - 1)]}" for at, name in enumerate(names)]
    return " and ".join(pairs)
