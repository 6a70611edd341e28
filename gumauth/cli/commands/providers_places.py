"""`gumauth providers okta`: what a service needs that has no usual host or tenant, in place of URLs with holes."""

from __future__ import annotations

from gumauth.cli.setup_instructions import print_row
from gumauth.cli.terminal.terminal import Terminal
from gumauth.platform.text import one_line
from gumauth.registry.places import lacking
from gumauth.registry.resolved import ResolvedProvider


def show_needs(terminal: Terminal, resolved: ResolvedProvider) -> None:
    """Print what a service needs to be connected.

    Args:
        terminal: Where it is printed.
        resolved: A built-in service, with names in braces in its facts.
    """
    traits, needs = resolved.traits, lacking(resolved.provider_class)
    title = one_line(traits.title) or resolved.name
    notes = {"host": one_line(traits.host_note), "tenant": one_line(traits.tenant_note)}
    docs = one_line(traits.docs_url, 2000)
    if terminal.json:
        terminal.answer(
            provider={
                "name": resolved.name,
                "title": title,
                "source": resolved.source,
                "docs_url": docs or None,
                "host": traits.host,
                "tenant": traits.tenant,
                "needs": list(needs),
            }
        )
        return
    print_row(terminal, "Provider", f"{title} ({resolved.name}), {resolved.source}")
    for place in needs:
        print_row(terminal, place.capitalize(), f"{notes[place] or 'one of your own'} (--{place} {place.upper()})")
    print_row(terminal, "Documentation", docs or "-")
    options = " ".join(f"--{place} {place.upper()}" for place in needs)
    terminal.say(
        f"Run `gumauth providers {resolved.name} {options}` for where to register an app there, then"
        f" `gumauth connect {resolved.name} {options}`."
    )
