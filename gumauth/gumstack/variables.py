"""The variables that a server gets from `gumauth run --gumstack`. No secret is in them."""

from __future__ import annotations

import os

from gumauth.gumstack.in_server.process import VARIABLE
from gumauth.platform import interpreter
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

STARTUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup")
PATH = "PYTHONPATH"

GUMAUTH = "import sys; from gumauth.__main__ import main; sys.exit(main())"


def for_server(variables: Mapping[str, str], accounts: Sequence[str], env_file: str | None) -> dict[str, str]:
    """The variables of a command, with those by which gumauth's `mcp.gumstack` is in its Python processes.

    Args:
        variables: Those that the command would have else. Secret.
        accounts: The keys of the accounts that the person named.
        env_file: The path of the file with client credentials; None without one. A pipe cannot be read again.
    """
    file = os.path.abspath(env_file) if env_file and os.path.isfile(env_file) else None
    places = [STARTUP, *(each for each in variables.get(PATH, "").split(os.pathsep) if each and each != STARTUP)]
    known = {**in_this_process(), "accounts": list(accounts), "env_file": file}
    return {**variables, PATH: os.pathsep.join(places), VARIABLE: dumps(known)}


def in_this_process() -> dict[str, Any]:
    """How gumauth is asked by a server that runs in this process, or in one that this process starts."""
    return {"command": interpreter.command(GUMAUTH), "accounts": [], "env_file": None}
