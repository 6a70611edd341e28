"""`gumauth doctor`: prints what will not work, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from gumauth.accounts.account import is_name
from gumauth.cli.commands.doctor_checks import (
    OF_THE_ACCOUNTS,
    OF_THE_MACHINE,
    accounts,
    of_credentials,
    providers,
)
from gumauth.cli.commands.doctor_finding import Finding, failure, named
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.provider_argument import find_provider, split_account
from gumauth.cli.terminal.formatting import number
from gumauth.cli.terminal.terminal import Terminal, harmless
from gumauth.client.context import Context
from gumauth.client.lookup import look_up
from gumauth.errors import GumauthError, HomeError
from gumauth.handout.recipes.short_environment import Advice
from gumauth.platform.files import working_folder
from gumauth.platform.text import one_line
from gumauth.registry import facts_check

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}

SHOWN = 2000
"""Characters of a message or hint at most."""

NARROW = 60
"""Below this width the later lines of a finding are indented less."""


def run(arguments: Arguments, terminal: Terminal) -> int:
    """Run the checks and print their findings; the exit status is 1 if something will not work."""
    provider = arguments.maybe("provider")
    context = _context(terminal, arguments.maybe("env_file"), is_of_all=provider is None)
    found: list[Finding] = []
    for finding in _all(context) if provider is None else _of_provider(context, provider):
        found.append(finding)
        if not terminal.json:
            _show(terminal, finding)
    failed = sum(finding.status == "fail" for finding in found)
    odd = sum(finding.status == "warn" for finding in found)
    if terminal.json:
        terminal.answer(ok=not failed, checks=[_object(finding) for finding in found])
    else:
        terminal.out(terminal.folded(verdict(failed, odd, of=provider), stream=terminal.stdout))
    return 1 if failed else 0


def _context(terminal: Terminal, env_file: str | None, *, is_of_all: bool) -> Context:
    """The context; for all checks without a `settings.toml` that cannot be used, which one of them tells.

    Raises:
        HomeError: There is no data folder that only this user can write.
    """
    try:
        return terminal.context(env_file)
    except HomeError:
        if not is_of_all:
            raise
        return terminal.context(env_file, reads_settings=False)


def _all(context: Context) -> Iterator[Finding]:
    for name, check in OF_THE_MACHINE.items():
        yield from named(name, check(context))
    try:
        yield from _of_accounts(context)
    except GumauthError as error:
        yield from named("account", iter([failure(error)]))


def _of_provider(context: Context, given: str) -> Iterator[Finding]:
    """The findings about a provider's accounts, or the account that is named; without accounts, about the provider.

    Raises:
        NotConnected: There is no such account.
    """
    name, account = split_account(given, working_folder())
    listed = list(context.accounts.all(name)) if is_name(name) and account is None else []
    if account is not None:
        listed = [look_up(context, given)]
    if listed or context.accounts.unreadable:
        yield from named("account", accounts(context, listed))
        yield from named("provider", providers(context, listed))
    else:
        resolved = find_provider(context, given, working_folder())
        facts_check.check(resolved)
        yield from named("provider", iter([of_credentials(context, resolved.name, resolved.traits.secret)]))


def _of_accounts(context: Context) -> Iterator[Finding]:
    listed = list(context.accounts.all())
    for name, check in OF_THE_ACCOUNTS.items():
        yield from named(name, check(context, listed))


def verdict(failed: int, odd: int, of: str | None = None) -> str:
    """The last line.

    Args:
        failed: The number of things that will not work.
        odd: The number of things that work, and should be looked at.
        of: The provider, if only one was checked.
    """
    to_look_at = f"; {number(odd)} {'thing' if odd == 1 else 'things'} to look at" if odd else ""
    if not failed:
        return f"Everything that {'gumauth' if of is None else one_line(of)} needs works{to_look_at}."
    return f"{number(failed).capitalize()} {'thing' if failed == 1 else 'things'} will not work{to_look_at}."


def _object(finding: Finding) -> dict[str, str | None]:
    return {
        "check": finding.check,
        "status": finding.status,
        "message": one_line(finding.message, SHOWN),
        "hint": one_line(finding.hint, SHOWN) if finding.hint else None,
    }


def _show(terminal: Terminal, finding: Finding) -> None:
    mark, colour = MARKS[finding.status]
    indent = " " * (12 if (terminal.width(terminal.stdout) or 80) >= NARROW else 4)
    said = f"{finding.check:<9} {one_line(finding.message, SHOWN)}"
    folded = terminal.folded(said, indent=indent, taken=2, stream=terminal.stdout)
    terminal.out(f"{terminal.paint(colour, mark, terminal.stdout)} {folded}")
    for advice in finding.advice or ([Advice(text=finding.hint)] if finding.hint else []):
        text = f"→ {one_line(advice.text, SHOWN)}{':' if advice.lines else ''}"
        terminal.out(indent + terminal.folded(text, indent=indent, taken=len(indent), stream=terminal.stdout))
        for line in advice.lines:
            terminal.out(f"{indent}  {harmless(line)}")  # whole, so that it can be copied
    terminal.stdout.flush()
