"""Handing out an account's OpenID id_token that is good now. A good one costs what a good access token costs."""

from __future__ import annotations

from gumauth.client.lookup import check_usable, connect_command, find
from gumauth.client.refresh.expiry import ahead_margin, can_refresh, is_doubtful, is_nearly_due, margin
from gumauth.errors import GumauthError, ReconnectNeeded
from gumauth.oauth2.jwt import claims_of, life_of
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context

OPENID = "openid"
"""The scope that asks for an id_token. Source: OpenID Connect Core §3.1.2.1."""


@frozen
class IdToken:
    """An account's id_token. Times are seconds since 1970 in UTC, by the provider's clock.

    Args:
        account: Whose it is.
        value: Secret.
        issuer: Its `iss`.
        audience: Its `aud`: the client, and perhaps others.
        made: Its `iat`.
        ends: Its `exp`.
    """

    account: Account
    value: str
    issuer: str
    audience: tuple[str, ...]
    made: float
    ends: float

    _secret = ("value",)

    def due_at(self, min_valid: float | None) -> float:
        """From when on it is due, by the margin of access tokens. Promise R4."""
        return self.ends - margin(self.ends - self.made, min_valid)


def id_token(context: Context, reference: str, *, min_valid: float | None = None) -> IdToken:
    """The id_token of an account, valid now, refreshed first if it is due.

    Where it is nearly due as the access token is, another process is left behind that refreshes both. Promise H8.

    Args:
        context: Folders, clock, environment.
        reference: PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME.
        min_valid: Seconds for which it must be good, as for `gumauth.client.token.token`.

    Raises:
        NotConnected: There is no such account.
        ReconnectNeeded: It has no id_token, or a new one comes only with a new connect.
        Temporary: It has ended, and could not be refreshed this time.
        StoreError: The record cannot be read.
    """
    found = id_token_if_any(context, reference, min_valid=min_valid)
    if found is None:
        raise _lacking(context, find(context, reference))
    return found


def id_token_if_any(context: Context, reference: str, *, min_valid: float | None = None) -> IdToken | None:
    """The id_token of an account as `id_token` gives it; None where the provider gave none.

    Raises:
        GumauthError: As `id_token`.
    """
    account = find(context, reference)
    check_usable(context, account)
    record = context.accounts.read(account)
    found, now = _read(account, record), context.clock()
    if found is None:
        return None
    is_due, is_doubted = now > found.due_at(min_valid), is_doubtful(record, now)
    # Where a refresh since it became due has left it as it is, the provider gives one at a connect only.
    may_be_renewed = record.obtained_at < found.due_at(min_valid) or is_doubted
    if (is_due or is_doubted) and may_be_renewed and can_refresh(account, record):
        return _refreshed(context, found, record, min_valid)
    if now > found.ends - ahead_margin(found.ends - found.made) and is_nearly_due(record, now):
        from gumauth.client.refresh import ahead

        ahead.start(context, account, record)
    return _with_life(context, found, min_valid)


def _read(account: Account, record: Record) -> IdToken | None:
    """The id_token in a record; None where there is none."""
    claims = claims_of(record.id_token)
    life, audience = life_of(claims), claims.get("aud")
    if record.id_token is None or life is None:
        return None
    return IdToken(
        account=account,
        value=record.id_token,
        issuer=str(claims.get("iss")),
        audience=tuple(map(str, audience if isinstance(audience, list) else [audience])),
        made=life[0],
        ends=life[1],
    )


def _refreshed(context: Context, found: IdToken, record: Record, min_valid: float | None) -> IdToken:
    """The id_token after a refresh; the present one, where that has life and the refresh fails for a passing reason."""
    from gumauth.client.refresh.refresh import SURVIVABLE, refresh_account

    try:
        account, record = refresh_account(context, found.account, force=True, unless=record.access_token)
    except SURVIVABLE as error:
        if found.ends <= context.clock():
            raise
        context.notify(f"{error.message} The id_token that is there is still good and is used.")
        return found
    another = _read(account, record)
    if another is None:  # another process has connected the account anew meanwhile
        raise _lacking(context, account)
    return _with_life(context, another, min_valid)


def _with_life(context: Context, found: IdToken, min_valid: float | None) -> IdToken:
    """The id_token, while it has life.

    Raises:
        ReconnectNeeded: It has none left.
    """
    now, label = context.clock(), found.account.label
    if found.ends <= now:
        raise ReconnectNeeded(
            f"The id_token of {label} has ended, and its provider gives a new one only when it is connected.",
            command=connect_command(context, found.account),
            account=label,
        )
    if now > found.due_at(None):
        context.notify(f"The id_token of {label} ends soon, and its provider gives a new one only at a connect.")
    elif min_valid and found.ends - found.made <= min_valid:
        lifetime = f"{found.ends - found.made:.0f} s"
        context.notify(f"An id_token of {label} lives for {lifetime} only, and cannot be good for as long as asked.")
    return found


def _lacking(context: Context, account: Account) -> GumauthError:
    """The error for an account without an id_token."""
    if account.is_key:
        return GumauthError(
            f"{account.label} is a key: it has no id_token.",
            hint="Connect a person's account, without --key.",
            account=account.label,
        )
    if account.is_of_client:
        return GumauthError(
            f"{account.label} is the client's own account: an id_token is about a person, and there is none.",
            hint="Connect a person's account, without --client-credentials.",
            account=account.label,
        )
    command = connect_command(context, account)
    if OPENID in account.scopes:
        why = "none came when it was connected, or an older gumauth connected it"
    else:
        why, command = "it was connected without the scope `openid`", f"{command} --add-scope {OPENID}"
    return ReconnectNeeded(f"{account.label} has no id_token: {why}.", command=command, account=account.label)
