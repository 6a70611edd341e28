"""`gumauth __gumstack`: answers what a server asks that `gumauth run --gumstack` has started.

The question is a JSON object on standard input, and the answer one on standard output. Nobody is asked anything.
"""

from __future__ import annotations

from gumauth.errors import GumauthError
from gumauth.handout import gumstack
from gumauth.platform.json import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.cli.terminal.terminal import Terminal


def answer(terminal: Terminal) -> int:
    """Print the answer: `credentials`, `usable`, or `error` with the error's code, message and hint."""
    try:
        found = _answer(loads(terminal.stdin.read()), terminal)
    except GumauthError as error:
        body = {"code": error.code, "status": error.exit_code, "message": error.message, "hint": error.hint}
        found = {"error": body}
    terminal.out(dumps(found))
    return 0


def _answer(question: dict[str, Any], terminal: Terminal) -> dict[str, Any]:
    context = terminal.context(question["env_file"])
    asked = (context, question["provider"], question["accounts"])
    if question["ask"] == "usable":
        gumstack.check(*asked)
        return {"usable": True}
    return {"credentials": gumstack.credentials(*asked)}
