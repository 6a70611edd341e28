"""The list of `gumauth providers`: grouped by kind, one line each, or those in which a word occurs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gumauth.cli.commands.providers_words import words_of
from gumauth.cli.terminal.formatting import counted
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.provider_sources import Sources
from gumauth.oauth2.facts import KINDS
from gumauth.platform.text import one_line
from gumauth.registry import lookup
from gumauth.registry.told import Told, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.terminal.tables import Row

PLACES = {"environment": "in the environment", "stored": "stored", "registered": "registered", None: "-"}
OTHERS = "From elsewhere"
"""The heading of providers that gumauth does not bring."""

HEADINGS = {str(kind): heading for kind, heading in KINDS.items()}


@dataclass(frozen=True)
class Line:
    """A provider in the list.

    Args:
        name: What people type.
        source: Where its class comes from, as accounts remember it.
        facts: What its file says, for a built-in service.
        accounts: How many are connected.
    """

    name: str
    source: str
    facts: Told
    accounts: int

    @property
    def heading(self) -> str:
        """What stands above the line, with others of its kind."""
        return HEADINGS.get(self.facts.kind, OTHERS)

    def has(self, word: str) -> bool:
        """Whether a word occurs in what the list says or begins one about the service, in any case of letters."""
        word, about = word.casefold(), words_of(self.name) if self.source == lookup.BUILT_IN else ""
        begins = any(each.startswith(word) for each in f"{self.facts.kind} {about}".split())
        return begins or word in f"{self.name} {self.facts.title} {self.heading}".casefold()


def lines(context: Context) -> list[Line]:
    """Every provider that can be connected by name, in the order of their kinds. None is imported."""
    accounts = list(context.accounts.all())
    connected: dict[str, int] = {}
    for account in accounts:
        connected[account.provider] = connected.get(account.provider, 0) + 1
    sources = Sources(context.accounts, accounts)
    listed = {one.name: one.source for one in lookup.names()}
    elsewhere = {a.provider: a.source for a in accounts if a.provider not in listed and not a.is_key}
    found = [
        Line(
            name,
            sources.meant(name) or source,
            told(name) if source == lookup.BUILT_IN else Told(),
            connected.get(name, 0),
        )
        for name, source in sorted({**listed, **elsewhere}.items())
    ]
    order = [*KINDS.values(), OTHERS]
    return sorted(found, key=lambda line: order.index(line.heading))


def show(terminal: Terminal, context: Context, shown: Sequence[Line]) -> None:
    """Print the list."""
    if terminal.json:
        terminal.answer(
            providers=[
                {
                    "name": line.name,
                    "source": line.source,
                    "title": line.facts.title or None,
                    "kind": line.facts.kind or None,
                }
                for line in shown
            ]
        )
        return
    from gumauth.cli.terminal.styled import styled
    from gumauth.cli.terminal.tables import Column, print_rows

    def row(line: Line) -> Row:
        built_in = line.source == lookup.BUILT_IN
        return (
            styled(line.name, "bold"),
            styled(line.facts.title) if built_in else styled(one_line(line.source), "dim"),
            styled(counted(line.accounts, "account") if line.accounts else "-"),
            styled(PLACES[credentials.place(context, line.name)]),
        )

    rows: list[Row] = []
    for heading in dict.fromkeys(line.heading for line in shown):
        blank = (styled(""), styled(""), styled(""), styled(""))
        rows += [blank] if rows else []
        rows += [(styled(heading, "dim"), *blank[1:]), *(row(line) for line in shown if line.heading == heading)]
    columns = [Column(title="Provider"), Column(title="Service", goes=1, least=12)]
    print_rows(terminal, [*columns, Column(title="Connected", goes=2), Column(title="Credentials", goes=3)], rows)
    terminal.say(
        "Run `gumauth providers NAME` for how to connect one, or `gumauth providers WORD` to search. A file such as"
        " ./auth.py and the address of an MCP server can be connected too."
    )


def matching(every: Iterable[Line], word: str) -> list[Line]:
    """The lines in which a word occurs."""
    return [line for line in every if line.has(word)]
