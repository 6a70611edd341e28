"""Failed refreshes, noted in the account, so that no loop and no program asks a provider again and again.

A passing failure is noted for half a minute, or for as long as the provider has asked. A refusal that trying again
does not mend is noted until something changes that the refusal may lie in: asked at every `token`, a provider that does
not know the client any more would be asked by every program that needs a token, all day. Promises R7 and Y10.
"""

from __future__ import annotations

import os

from gumauth.client.lookup import connect_command
from gumauth.errors import EnvironmentFault, GumauthError, Temporary, TokenEndpointError
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context

PASSING, REFUSED = 30.0, 3600.0
"""Seconds for which a passing failure and a refusal are noted; what was mended at the provider cannot be seen here."""

FORCED_WAIT, LONGEST_WAIT = 60.0, 3600.0
"""Seconds for which a provider's own Retry-After is respected: by an explicit refresh, and by everything else.

An older gumauth noted up to a day.
"""


def noted_failure(context: Context, account: Account, record: Record, *, by_person: bool) -> GumauthError | None:
    """Why the provider is not asked again so soon; None where it is asked.

    Args:
        context: Folders, clock, environment.
        account: The account as it is listed.
        record: Its present record.
        by_person: Whether a person refreshes by hand. A person asks in spite of a refusal, and of a failure unless the
            provider itself has asked for a wait.
    """
    failure = _passing(account, context.clock(), by_person=by_person)
    return failure if failure is not None or by_person else _refusal(context, account, record)


def is_noted(account: Account, now: float) -> bool:
    """Whether a failed refresh is noted, whatever has been mended since: nothing but the account is looked at."""
    if account.refused_at is not None and 0 <= now - account.refused_at < REFUSED:
        return True
    return _passing(account, now, by_person=False) is not None


def with_failure(context: Context, account: Account, record: Record, error: GumauthError) -> Account:
    """The account with a failed refresh noted; the same account where the failure lies on this machine."""
    if isinstance(error, EnvironmentFault) or not isinstance(error, Temporary | TokenEndpointError):
        return account
    now, noted = context.clock(), replace(account, reason=one_line(error.message))
    if not isinstance(error, Temporary):
        cause = _cause(context, account, record)
        return replace(noted, refused_at=now, refused_as=cause, failed_at=None, retry_at=None)
    seconds = _seconds(error.retry_after)
    until = now + (PASSING if seconds is None else seconds)
    told = seconds is not None
    return replace(noted, failed_at=now, retry_at=until, told_to_wait=told, refused_at=None, refused_as=None)


def _seconds(asked: object) -> float | None:
    """How long a provider asks to wait, whose file may say anything; None where that means nothing."""
    return min(asked, LONGEST_WAIT) if isinstance(asked, int | float) and asked >= 0 else None


def _passing(account: Account, now: float, *, by_person: bool) -> Temporary | None:
    """The failure of a moment ago. A person waits only for what the provider has asked for, and for a minute at most.

    Anything between here and the provider can ask for a wait, and one that is too long ends a session.
    """
    failed_at, retry_at = account.failed_at, account.retry_at
    if failed_at is None or retry_at is None:
        return None
    asked = min(retry_at, failed_at + (FORCED_WAIT if by_person else LONGEST_WAIT))
    asked = asked if account.told_to_wait else failed_at
    until = asked if by_person else max(asked, failed_at + PASSING)
    if not failed_at <= now < until:
        return None
    return Temporary(
        f"Refreshing {account.label} failed {now - failed_at:.0f} s ago: {account.reason or 'it could not be reached'}",
        hint=f"Try again in {-int((now - until) // 1)} s.",
        retry_after=until - now,
        account=account.label,
    )


def _refusal(context: Context, account: Account, record: Record) -> TokenEndpointError | None:
    """The refusal of before, where the provider would refuse the same again."""
    if account.refused_at is None:
        return None
    ago = context.clock() - account.refused_at
    if not 0 <= ago < REFUSED or account.refused_as != _cause(context, account, record):
        return None
    return TokenEndpointError(
        f"Refreshing {account.label} was refused {ago:.0f} s ago: {account.reason or 'it was not said why.'}",
        hint=f"Mend that, then run `gumauth refresh {account.argument}`: the provider is not asked before."
        f" Or connect again: `{connect_command(context, account)}`.",
        account=account.label,
    )


def _cause(context: Context, account: Account, record: Record) -> str:
    """A hash of what a refusal may lie in: the client's credentials, the provider and its variables, the token.

    The hash stands in the list of accounts, which is no place for secrets: its key is one that only the store knows.
    """
    import hmac

    from gumauth import __version__
    from gumauth.client import credentials
    from gumauth.platform.digest import sha256
    from gumauth.platform.json import dumps
    from gumauth.registry.lookup import client_place

    try:
        place = client_place(account.source, account.provider)
        found = credentials.find(context, account.provider, issuer=place)
    except GumauthError:
        found = None
    client = (found.client_id, found.client_secret) if found else ()
    beginning = credentials.variables(account.provider)[0].removesuffix("CLIENT_ID")
    settings = sorted(pair for pair in context.environ.items() if pair[0].startswith(beginning))
    lies_in = dumps([__version__, account.source, _provider(account.source), *client, settings])
    return hmac.new((record.refresh_token or record.access_token).encode(), lies_in.encode(), sha256).hexdigest()[:32]


def _provider(source: str) -> str:
    """A text that changes with the provider: with its file and the files beside it, or with the installed version."""
    from gumauth.registry import lookup
    from gumauth.registry.variant import is_variant

    if lookup.is_url(source) or is_variant(source):
        return ""
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
    """Name, time and size of each module that a provider's file may import."""
    with os.scandir(folder) as entries:
        states = [(each.name, each.stat()) for each in entries if each.name.endswith(".py") and each.is_file()]
    return sorted(f"{name} {state.st_mtime_ns} {state.st_size}" for name, state in states)
