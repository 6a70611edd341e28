"""`gumauth link`: shows how a program asks gumauth for its token from now on, and does it with `--write`."""

from __future__ import annotations

import sys

from gumauth.cli.terminal.terminal import harmless, write
from gumauth.client.lookup import look_up
from gumauth.errors import UsageError
from gumauth.handout.recipes import own_path
from gumauth.handout.recipes.judging import wanted
from gumauth.handout.recipes.recipe import TERMINAL
from gumauth.handout.recipes.short_environment import Advice, advice, lost
from gumauth.handout.recipes.table import RECIPES
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from gumauth.accounts.account import Account
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.handout.recipes.recipe import Recipe, Step


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Print the recipe of a program, or carry it out; without a program, list all."""
    program = arguments.maybe("program")
    if program is None:
        _list(arguments, terminal)
        return
    recipe, reference = _recipe(program), arguments.maybe("account")
    if reference is None:
        raise UsageError(
            f"`gumauth link {program}` needs the account whose token {recipe.title} is to use.",
            hint=f"Write `gumauth link {program} ACCOUNT`; `gumauth list` shows the accounts.",
        )
    context = terminal.context()
    account = look_up(context, reference)
    gumauth = own_path.words(sys.argv[0], sys.executable, terminal.environ)
    facts = wanted(context, recipe, account, gumauth=gumauth, typed=reference, url=arguments.maybe("url"))
    text, now = recipe.text(facts), recipe.notes(facts)
    then = (*(Advice(text=note) for note in recipe.then(facts)), *_lost(recipe, terminal.environ))
    notes = (*now, *(each.sentence for each in then))
    steps = recipe.steps(facts) if recipe.steps is not None else None
    if not arguments.flag("write"):
        if terminal.json:
            _answer(terminal, recipe, account, text=text, notes=notes, steps=steps, written=False)
        else:
            _print(terminal, recipe, text=text, now=now, then=then)
        return
    if steps is None:
        raise UsageError(
            f"{recipe.title} has no command of its own for --write.",
            hint=f"Put what `gumauth link {program} {account.argument}` prints into {recipe.place}.",
        )
    from gumauth.cli.commands.link_write import write

    done, in_the_way = write(terminal, recipe, facts)
    if terminal.json:
        notes = (*notes, *in_the_way)
        _answer(terminal, recipe, account, text=text, notes=notes, steps=steps, written=True, **done)
        return
    terminal.done(f"{recipe.title} asks gumauth for the token of {account.label} from now on.")
    for note in in_the_way:
        terminal.say(note)
    _say(terminal, then)


def _recipe(program: str) -> Recipe:
    if program in RECIPES:
        return RECIPES[program]
    from difflib import get_close_matches

    near = get_close_matches(program.lower(), list(RECIPES), 1)
    meant = f"Did you mean `gumauth link {near[0]}`? " if near else ""
    raise UsageError(
        f"gumauth has no recipe for {one_line(program)!r}.",
        hint=f"{meant}`gumauth link` lists the programs; `stdio` is for any other MCP client.",
    )


def _lost(recipe: Recipe, environ: Mapping[str, str]) -> tuple[Advice, ...]:
    """What to do about gumauth's own variables, which a program that starts gumauth need not have."""
    if recipe.is_line:
        return ()
    missing = lost(environ)
    if not missing:
        return ()
    without = f"A program that has not the shell's variables starts gumauth without {', '.join(missing)}."
    return (Advice(text=without), *advice(environ, missing))


def _print(terminal: Terminal, recipe: Recipe, *, text: str, now: Sequence[str], then: Sequence[Advice]) -> None:
    """The text on standard output; on standard error where it goes, whether --write does that, and what is left."""
    verb = "Run this in" if recipe.place == TERMINAL else "Put this into"
    terminal.say(f"{verb} {recipe.place}:")
    terminal.out(text)
    for note in now:
        terminal.say(note)
    if recipe.steps is not None:
        terminal.say("With --write, gumauth does that.")
    _say(terminal, then)


def _say(terminal: Terminal, then: Sequence[Advice]) -> None:
    for each in then:
        terminal.say(f"{each.text}:" if each.lines else each.text)
        for line in each.lines:
            write(terminal.stderr, f"  {harmless(line)}\n")  # whole, so that it can be copied


def _answer(
    terminal: Terminal,
    recipe: Recipe,
    account: Account,
    *,
    text: str,
    notes: Sequence[str],
    steps: Sequence[Step] | None,
    written: bool,
    **more: Any,
) -> None:
    terminal.answer(
        program=recipe.program,
        account=account.label,
        place=recipe.place,
        text=text,
        notes=list(notes),
        commands=None if steps is None else [list(step.argv) for step in steps],
        written=written,
        **more,
    )


def _list(arguments: Arguments, terminal: Terminal) -> None:
    if arguments.flag("write") or arguments.maybe("url") is not None:
        raise UsageError(
            "--write and --url belong to a program and an account.", hint="Write `gumauth link PROGRAM ACCOUNT`."
        )
    if terminal.json:
        terminal.answer(
            programs=[
                {
                    "program": recipe.program,
                    "title": recipe.title,
                    "place": recipe.place,
                    "write": recipe.steps is not None,
                }
                for recipe in RECIPES.values()
            ]
        )
        return
    from gumauth.cli.terminal.styled import styled
    from gumauth.cli.terminal.tables import Column, print_rows

    rows = [
        (
            styled(recipe.program, "bold"),
            styled(recipe.title),
            styled("yes" if recipe.steps is not None else "-"),
            styled(recipe.place, "dim"),
        )
        for recipe in RECIPES.values()
    ]
    columns = [Column(title="Program"), Column(title="What it is"), Column(title="--write", goes=1)]
    print_rows(terminal, [*columns, Column(title="Where", goes=2, least=16)], rows)
    terminal.say("Run `gumauth link PROGRAM ACCOUNT` for what to put there.")
