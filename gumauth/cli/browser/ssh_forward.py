"""The SSH command that leads a browser on the person's machine to the callback on this machine. Promise B3."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SSH_PORT = 22

NAMES = ("SUDO_USER", "USER", "LOGNAME")
"""Variables with the name of the user who logged in, the best first: under sudo, USER is root."""


def _of_the_system() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):  # Windows; a user without a name, as in a container
        return ""


def ssh_forward(
    environ: Mapping[str, str], port: int, *, system_user: Callable[[], str] = _of_the_system
) -> str | None:
    """The command that forwards the callback's port from the machine where the person's browser runs.

    Args:
        environ: The environment variables; SSH_CONNECTION holds the address and port of this machine.
        port: The callback's port.
        system_user: Gives the name of this process's user if no variable does.

    Returns:
        One line to run on that machine; None outside an SSH session.
    """
    fields = environ.get("SSH_CONNECTION", "").split()
    try:
        _, _, server, server_port = fields
        address, reached_at = str(ipaddress.ip_address(server)), int(server_port)
    except ValueError:
        return None
    user = next((environ[name] for name in NAMES if environ.get(name)), None) or system_user()
    target = f"{user}@{address}" if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", user) else address
    other_port = f" -p {reached_at}" if reached_at != SSH_PORT else ""
    return f"ssh -N -L {port}:127.0.0.1:{port}{other_port} {target}"
