"""What `gumauth link --write` runs: the program's own command, with what is configured before and after it."""

from __future__ import annotations

import os
import subprocess

from gumauth.errors import GumauthError
from gumauth.handout.recipes.quoting import shell
from gumauth.platform.child_environment import for_child
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.handout.recipes.recipe import Step

LONGEST = 60.0
"""Seconds for one call."""

SHOWN = 20
"""Lines of a program's output that are shown."""


def write(
    terminal: Terminal, steps: Sequence[Step], shows: Sequence[Step], *, environment: tuple[str, ...]
) -> dict[str, list[str]]:
    """Run the steps in their order, and say on standard error what was run and what it changed.

    Args:
        terminal: Where that is said.
        steps: What does it.
        shows: What prints the present configuration.
        environment: How the names begin of variables that the program needs.

    Returns:
        The lines of what was configured "before" and "after".

    Raises:
        GumauthError: The program is missing, fails, or does not end.
    """
    environ = for_child(terminal.environ, also=environment)
    before = _shown(shows, environ)
    for step in steps:
        said = _run(step, environ)
        if not terminal.json and not step.may_fail:
            terminal.say(f"Ran: {shell(step.argv)}")
            for line in said:
                terminal.say(f"  {line}")
    after = _shown(shows, environ)
    if not terminal.json and before and before != after:
        terminal.say(f"Before: {', '.join(before)}")
    return {"before": before, "after": after}


def _shown(shows: Sequence[Step], environ: Mapping[str, str]) -> list[str]:
    return [line or '""' for step in shows for line in _run(step, environ)]


def _run(step: Step, environ: Mapping[str, str]) -> list[str]:
    """The lines that the program printed, safe to show."""
    program = step.argv[0]
    try:
        done = subprocess.run(
            step.argv,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except FileNotFoundError:
        raise GumauthError(
            f"There is no {program} in your PATH.",
            hint="Leave --write away, and put what is printed there yourself.",
        ) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        why = "did not end within a minute" if isinstance(error, subprocess.TimeoutExpired) else _reason(error)
        raise GumauthError(f"{program} could not be used: {why}.", hint=_by_hand(step)) from None
    if done.returncode and not step.may_fail:
        said = one_line((done.stderr or done.stdout).decode(errors="replace"), 500)
        raise GumauthError(
            f"{program} ended with status {done.returncode}: {said or 'it said nothing'}", hint=_by_hand(step)
        )
    return [one_line(line, 500) for line in done.stdout.decode(errors="replace").splitlines()[:SHOWN]]


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else one_line(error)


def _by_hand(step: Step) -> str:
    return f"See what it says to `{one_line(shell(step.argv), 500)}`."
