"""A refusal that trying again does not mend, remembered until something changes that it may lie in.

Asked again at every `token`, a provider that does not know the client any more would be asked by every program that
needs a token, all day.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from gumauth import __version__
from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.lookup import connect_command
from gumauth.errors import GumauthError, TokenEndpointError
from gumauth.platform.frozen import replace
from gumauth.platform.json import dumps
from gumauth.platform.text import one_line
from gumauth.registry import lookup

REMEMBERED = 3600.0
"""Seconds; what was mended at the provider cannot be seen from here."""


def note(context: Context, account: Account, record: Record, error: TokenEndpointError) -> Account:
    """The account with a refusal noted, and what it may lie in."""
    return replace(
        account,
        refused_at=context.clock(),
        refused_as=cause(context, account, record),
        reason=one_line(error.message),
        failed_at=None,
        retry_at=None,
    )


def remembered(context: Context, account: Account, record: Record) -> TokenEndpointError | None:
    """The refusal of before, where the provider would refuse the same again; None where it has to be asked."""
    if account.refused_at is None:
        return None
    ago = context.clock() - account.refused_at
    if not 0 <= ago < REMEMBERED or account.refused_as != cause(context, account, record):
        return None
    return TokenEndpointError(
        f"Refreshing {account.label} was refused {ago:.0f} s ago: {account.reason or 'it was not said why.'}",
        hint=f"Mend that, then run `gumauth refresh {account.argument}`: the provider is not asked before."
        f" Or connect again: `{connect_command(context, account)}`.",
        account=account.label,
    )


def cause(context: Context, account: Account, record: Record) -> str:
    """A hash of what a refusal may lie in: the client's credentials, the provider and its variables, the refresh token.

    It stands in the list of accounts, which is no place for secrets: the key is one that only the store knows.
    """
    try:
        found = credentials.find(context, account.provider)
    except GumauthError:
        found = None
    client = (found.client_id, found.client_secret) if found else ()
    beginning = credentials.variables(account.provider)[0].removesuffix("CLIENT_ID")
    settings = sorted(pair for pair in context.environ.items() if pair[0].startswith(beginning))
    lies_in = dumps([__version__, account.source, _provider(account.source), *client, settings])
    return hmac.new((record.refresh_token or "").encode(), lies_in.encode(), sha256).hexdigest()[:32]


def _provider(source: str) -> str:
    """What tells a provider from an earlier one: its file and those beside it, or the version that is installed."""
    if os.sep in source:
        path = lookup.split_path(source)[0]
        try:
            return f"{lookup.fingerprint(path)} {_beside(os.path.dirname(path))}"
        except (GumauthError, OSError):
            return ""  # whoever asks is told why
    from importlib.metadata import PackageNotFoundError, version

    try:
        return "" if source == lookup.BUILT_IN else version(source)
    except PackageNotFoundError:
        return ""


def _beside(folder: str) -> list[str]:
    """What shows a change of the modules that a file may import."""
    with os.scandir(folder) as entries:
        states = [(each.name, each.stat()) for each in entries if each.name.endswith(".py") and each.is_file()]
    return sorted(f"{name} {state.st_mtime_ns} {state.st_size}" for name, state in states)
