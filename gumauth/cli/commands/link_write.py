"""What `gumauth link --write` runs: the program's own command, with what is configured before and after it."""

from __future__ import annotations

import os
import subprocess

from gumauth.errors import GumauthError
from gumauth.handout.recipes.quoting import shell
from gumauth.handout.recipes.recipe import Step
from gumauth.platform.child_environment import for_child
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.handout.recipes.recipe import Recipe, Wanted

LONGEST = 60.0
"""Seconds for one call."""

SHOWN = 20
"""Lines of a program's output that are shown."""


def write(terminal: Terminal, recipe: Recipe, wanted: Wanted) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """Run the steps of a recipe in their order, and say on standard error what was run and what it changed.

    Args:
        terminal: Where that is said.
        recipe: Of a program with a command of its own.
        wanted: What the recipe is made from.

    Returns:
        The lines of what was configured "before" and "after", and sentences about what is in the way.

    Raises:
        GumauthError: The program is missing, fails, or does not end; or it has an entry of the same name that is not
            gumauth's.
    """
    environ = for_child(terminal.environ, also=recipe.environment)
    before = _configured(recipe, wanted, environ)
    steps = recipe.steps(wanted) if recipe.steps is not None else ()
    for step in steps:
        said = _run(step, environ)
        if not terminal.json and not step.may_fail:
            terminal.say(f"Ran: {shell(step.argv)}")
            for line in said[:SHOWN]:
                terminal.say(f"  {line}")
    after = _configured(recipe, wanted, environ)
    if not terminal.json and before and before != after:
        terminal.say(f"Before: {', '.join(before)}")
    return {"before": before, "after": after}, _in_the_way(recipe, wanted, environ)


def _configured(recipe: Recipe, wanted: Wanted, environ: Mapping[str, str]) -> list[str]:
    """The lines of what is configured now and may be replaced.

    Raises:
        GumauthError: There is an entry of the same name that is not gumauth's.
    """
    shows = recipe.shows(wanted) if recipe.shows is not None else ()
    shown = [line or '""' for step in shows for line in _run(step, environ)]
    if recipe.present is None:
        return shown[:SHOWN]
    present = recipe.present(wanted)
    lines = _run(Step(argv=present.show, may_fail=True), environ, folder=os.sep, both=present.on_stderr)
    entry = [line.strip() for line in lines if present.part(line)]
    if entry and not present.is_ours(entry):
        raise GumauthError(
            f"{recipe.title} has an entry {wanted.name} already, which gumauth did not make; it was left as it is.",
            hint=f"Remove it by `{shell(present.remove)}`, and run this again.",
        )
    return entry[:SHOWN]


def _in_the_way(recipe: Recipe, wanted: Wanted, environ: Mapping[str, str]) -> tuple[str, ...]:
    if recipe.listing is None:
        return ()
    listing = recipe.listing(wanted)
    return listing.judge(_run(Step(argv=listing.argv, may_fail=True), environ, folder=os.sep))


def _run(step: Step, environ: Mapping[str, str], *, folder: str | None = None, both: bool = False) -> list[str]:
    """The lines that the program printed, safe to show.

    Args:
        step: What is run. Where it may fail and does, nothing that it printed counts.
        environ: Its variables.
        folder: Where it runs; None for the present folder.
        both: Whether the lines of standard error count too: some programs answer there.

    Raises:
        GumauthError: It is missing, fails and may not, or does not end.
    """
    program = step.argv[0]
    try:
        done = subprocess.run(
            step.argv,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
            cwd=folder,
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
    if done.returncode:
        return []
    printed = done.stdout + (done.stderr if both else b"")
    return [one_line(line, 500) for line in printed.decode(errors="replace").splitlines()]


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else one_line(error)


def _by_hand(step: Step) -> str:
    return f"See what it says to `{one_line(shell(step.argv), 500)}`."
