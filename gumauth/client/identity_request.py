"""Whose account a token belongs to, as its provider says: its nickname and its identity. Promises I1 and I8."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from gumauth.accounts.account import CLIENT_CREDENTIALS, Account
from gumauth.accounts.interface import LockedAccount
from gumauth.client.binding import client_id_of
from gumauth.client.context import Context
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import GumauthError, HomeError, NicknameError
from gumauth.oauth2.identity import LONGEST, NONE, identity_of
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method, Traits

PATIENCE = 5.0
"""Seconds for asking again whose an account is, while a fresh token waits to be handed out."""


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose account it is.

    Args:
        nickname: The name that is shown; None where the provider tells none, or could not be asked.
        identity: The identity; "" where the provider tells none, None where it could not be asked.
        notices: Sentences about the provider's answer, for the person.
    """

    nickname: str | None = None
    identity: str | None = None
    notices: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything tells this account from another."""
        return bool(self.nickname or self.identity)


UNASKED = Whose()
"""The provider was not asked, or did not answer."""


def read_nickname(value: object, method: str = "get_nickname") -> tuple[str | None, tuple[str, ...]]:
    """The value that `get_nickname` returned as one printable line or None, and a sentence where it is no text."""
    if value is None or value == "":
        return None, ()
    if not isinstance(value, str):
        return None, (f"`{method}` returned {type(value).__name__} instead of a string.",)
    return one_line(value) or None, ()


def read_identity(value: object) -> tuple[str, tuple[str, ...]]:
    """The value that `get_identity` returned as an identity, and a sentence where it can be none."""
    if value is None or value == NONE:
        return NONE, ()
    if isinstance(value, str) and value.isprintable() and len(value) <= LONGEST:
        return value, ()
    identity = NONE if isinstance(value, str) else identity_of([value])
    odd = f"`get_identity` returned {'what cannot be one' if isinstance(value, str) else type(value).__name__}"
    return (identity, ()) if identity else (NONE, (f"{odd}, so the nickname stands for the identity.",))


def unknown(shown: str, error: GumauthError) -> str:
    """The sentence for a provider that did not say whose account it is."""
    return error.message if isinstance(error, NicknameError) else NicknameError.because(shown, error).message


def ask(calls: ProviderCalls, access_token: str) -> Whose:
    """Whose account a token belongs to, within `PATIENCE` or little more. A failure leaves a field at None.

    Args:
        calls: The provider.
        access_token: Secret.
    """
    end = time.monotonic() + PATIENCE
    nickname = _quietly(calls, "get_nickname", access_token, end)
    told = _quietly(calls, "get_identity", access_token, end) if calls.traits.has("get_identity") else nickname
    identity: str | None = None
    if told is not FAILED:
        identity = read_identity(told)[0] if calls.traits.has("get_identity") else NONE
    return Whose(nickname=None if nickname is FAILED else read_nickname(nickname)[0], identity=identity)


def whose_client(traits: Traits, client_id: str) -> Whose:
    """Whose account a client's own is: it is told apart by the client's id and by the issuer, or the token endpoint.

    The provider is not asked: a token without a person answers for nobody.
    """
    where = traits.issuer or traits.token_endpoint or ""
    return Whose(nickname=one_line(client_id) or None, identity=identity_of([CLIENT_CREDENTIALS, where, client_id]))


def is_unknown(account: Account) -> bool:
    """Whether nobody has been able to ask yet whose an account is."""
    return account.identity is None


def learn(
    context: Context, locked: LockedAccount, calls: ProviderCalls, account: Account, access_token: str
) -> Account:
    """The account with its nickname and identity, for which the provider is asked; a failure leaves it as it is.

    Args:
        context: For the names of the other accounts.
        locked: The account, to list it again.
        calls: The account's provider.
        account: As it is listed.
        access_token: One that has life. Secret.
    """
    if account.is_of_client:
        answer = whose_client(calls.traits, client_id_of(calls) or "")
    elif account.nickname and not calls.traits.has("get_identity"):
        answer = Whose(identity=NONE)
    else:
        answer = ask(calls, access_token)
    known = replace(account, identity=answer.identity, nickname=account.nickname or answer.nickname)
    if known == account:
        return account
    try:
        if known.nickname != account.nickname and account.number is None:  # else the number stays its name
            known = context.accounts.named(known)
        locked.mark(known)
    except HomeError:
        return account
    return known


FAILED = object()


def _quietly(calls: ProviderCalls, method: Method, access_token: str, end: float) -> Any:
    try:
        return calls.wait(method, calls.start(method, access_token), seconds=max(end - time.monotonic(), PATIENCE / 5))
    except GumauthError:
        return FAILED
