"""The way from the person's browser to a callback on the other side of an SSH session."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SSH_PORT = 22


def ssh_forward(environ: Mapping[str, str], port: int) -> str | None:
    """The command that leads the callback here from the machine where the person's browser is.

    Args:
        environ: SSH_CONNECTION says under which address and port this machine was reached.
        port: The callback's.

    Returns:
        One line to paste there; None where this is no SSH session.
    """
    fields = environ.get("SSH_CONNECTION", "").split()
    try:
        _, _, server, server_port = fields
        address, reached_at = str(ipaddress.ip_address(server)), int(server_port)
    except ValueError:
        return None
    user = environ.get("USER") or environ.get("LOGNAME") or ""
    target = f"{user}@{address}" if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", user) else address
    other_port = f" -p {reached_at}" if reached_at != SSH_PORT else ""
    return f"ssh -N -L {port}:127.0.0.1:{port}{other_port} {target}"
