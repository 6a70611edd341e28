"""What to run where an account is not there: a new connect, or what was meant."""

from __future__ import annotations

from difflib import get_close_matches

from gumauth import registry
from gumauth.accounts import is_name, split_reference
from gumauth.context import Context
from gumauth.references import alike


def instead(context: Context, reference: str) -> str:
    """A hint for a reference that names no account."""
    provider, rest = split_reference(reference)
    accounts = list(context.accounts.all())
    connected = {account.provider for account in accounts}
    known = connected | {listed.name for listed in registry.names()}
    if provider not in known:
        near = get_close_matches(provider, known, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        return f"{meant}`gumauth providers` lists what can be connected by name, `gumauth list` what is."
    if rest and (called := alike(rest, [account for account in accounts if account.provider == provider])):
        return (
            f"Did you mean {' or '.join(account.label for account in called)}? `gumauth list` shows what is connected."
        )
    alias = f" --as {rest}" if rest and is_name(rest.lower()) else ""
    hint = f"Run `gumauth connect {provider}{alias}`"
    return f"{hint}, or see in `gumauth list` what is." if provider in connected else f"{hint}."
