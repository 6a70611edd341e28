"""The address of a database, as GUMAUTH_STORE has it: a libpq URI, in which no password may stand. Promise T7.

Source: PostgreSQL documentation, "Connection Strings" and "SSL Support".
"""

from __future__ import annotations

from gumauth.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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


def checked_hosts(parameters: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """What is added to an address that several machines stand behind: which of them may be written to.

    Args:
        parameters: Of the address, with those of its service.
        environ: May hold libpq's variables.
    """
    if "target_session_attrs" in parameters or environ.get("PGTARGETSESSIONATTRS"):
        return {}
    return {"target_session_attrs": "read-write"} if len(hosts(parameters, environ)) > 1 else {}


def tls(
    parameters: Mapping[str, str], environ: Mapping[str, str], *, is_there: Callable[[str], bool]
) -> dict[str, str]:
    """What is added to an address for TLS: that it is used and checked beyond this machine, and whom it trusts.

    libpq's own usual mode, "prefer", goes on without TLS where somebody on the way takes it out. What the address, the
    service file or the environment says of `sslmode` is left as it is. The system's certificates are named as a file:
    libpq's "system" means those of the OpenSSL that is built into the driver, which knows no file of any system.

    Args:
        parameters: Of the address, with those of its service.
        environ: May hold libpq's variables.
        is_there: Whether there is such a file.
    """
    mode = parameters.get("sslmode") or environ.get("PGSSLMODE")
    added = {}
    is_elsewhere = bool(parameters.get("service")) and not any(parameters.get(name) for name in ("host", "hostaddr"))
    if not mode and (is_elsewhere or not all(is_here(host) for host in hosts(parameters, environ))):
        mode = added["sslmode"] = "verify-full"
    trusted = parameters.get("sslrootcert") or environ.get("PGSSLROOTCERT") or ""
    has_own = not trusted and is_there("~/.postgresql/root.crt")
    if mode == "verify-full" and trusted in ("", "system") and not has_own:
        added["sslrootcert"] = system_certificates(environ, is_there)
    return added


BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems have their certificates: Debian, Fedora, openSUSE, and Alpine, macOS and the BSDs."""


def system_certificates(environ: Mapping[str, str], is_there: Callable[[str], bool]) -> str:
    """The file of the system's certificates; "system", which libpq knows too, where none is found."""
    said = environ.get("SSL_CERT_FILE")
    return said or next((path for path in BUNDLES if is_there(path)), "system")


def connect_seconds(parameters: Mapping[str, str], environ: Mapping[str, str], usual: float) -> float:
    """Seconds for one host to take a connection, as the address or the environment says."""
    said = parameters.get("connect_timeout") or environ.get("PGCONNECT_TIMEOUT") or ""
    return float(said) if said.isdecimal() and int(said) > 0 else usual


def hosts(parameters: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    """The hosts that libpq asks; "" is the socket of this machine."""
    said = parameters.get("hostaddr") or environ.get("PGHOSTADDR") or parameters.get("host") or environ.get("PGHOST")
    return (said or "").split(",")


def is_here(host: str) -> bool:
    """Whether a host is this machine: a socket, or a loopback address."""
    if not host or host.startswith(("/", "@")) or host in ("localhost", "::1"):
        return True
    return host.startswith("127.") and host.replace(".", "").isdecimal()  # 127.example.com is another machine


def one_by_one(parameters: Mapping[str, str], environ: Mapping[str, str]) -> list[dict[str, str]]:
    """The parameters for each host of an address: each has a deadline of its own so."""
    names = hosts(parameters, environ)
    if len(names) == 1:
        return [dict(parameters)]
    ports = (parameters.get("port") or environ.get("PGPORT") or "").split(",")
    key = "hostaddr" if parameters.get("hostaddr") or environ.get("PGHOSTADDR") else "host"
    named = (parameters.get("host") or environ.get("PGHOST") or "").split(",")
    several = []
    for at, name in enumerate(names):
        own = {**parameters, key: name}
        if len(named) == len(names):
            own["host"] = named[at]  # the name of its certificate
        if ports != [""]:
            own["port"] = ports[min(at, len(ports) - 1)]  # "" is the usual one, as it is to libpq
        several.append(own)
    return several


def shown(parameters: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """Host and port for a sentence, never the address itself."""
    if parameters.get("service"):
        return f"the service {parameters['service']}"  # whose file is not to be read here
    ports = (parameters.get("port") or environ.get("PGPORT") or "").split(",")
    names = [host or "this machine's socket" for host in hosts(parameters, environ)]
    pairs = [f"{name}:{ports[min(at, len(ports) - 1)] or '5432'}" for at, name in enumerate(names)]
    return " and ".join(pairs)
