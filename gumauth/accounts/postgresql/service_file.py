"""libpq's service file: parameters of a database under a name. Read here for what has to be known before connecting.

Source: PostgreSQL documentation, "The Connection Service File".
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def with_service(parameters: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an address with those of its service behind them; as they are, where the file has none.

    Args:
        parameters: Of the address.
        environ: May hold PGSERVICE, PGSERVICEFILE and PGSYSCONFDIR.
    """
    name = parameters.get("service") or environ.get("PGSERVICE")
    if not name:
        return dict(parameters)
    for path in _files(environ):
        try:
            with open(path, "rb") as file:
                found = section(file.read().decode(), name)
        except (OSError, ValueError):
            continue
        if found is not None:
            return {**found, **{key: value for key, value in parameters.items() if key != "service"}}
    return dict(parameters)


def section(text: str, name: str) -> dict[str, str] | None:
    """The parameters of one service; None where the text has none of that name, or points to a directory server."""
    found: dict[str, str] | None = None
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            if found is not None:
                return found
            found = {} if line == f"[{name}]" else None
        elif found is not None:
            key, is_pair, value = line.partition("=")
            if not is_pair:
                return None  # libpq asks a directory server (LDAP), or finds the mistake
            found.setdefault(key, value)
    return found


def _files(environ: Mapping[str, str]) -> list[str]:
    own = environ.get("PGSERVICEFILE") or os.path.join(os.path.expanduser("~"), ".pg_service.conf")
    folder = environ.get("PGSYSCONFDIR")
    return [own, *([os.path.join(folder, "pg_service.conf")] if folder else [])]
