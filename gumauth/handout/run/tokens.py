"""The tokens of every reference, had before anything is started. Promise H2.

Good tokens cost what `gumauth token` costs, one after the other. Where several may have to be refreshed, each is had on
a thread of its own: a command with five accounts waits for the slowest provider, not for all of them.
"""

from __future__ import annotations

from gumauth.client.context import Context
from gumauth.client.lookup import look_up
from gumauth.client.refresh.expiry import MARGIN
from gumauth.client.token import token
from gumauth.errors import GumauthError, Temporary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.handout.run.references import Reference

    Had = tuple[Account, str]


def tokens(context: Context, references: Sequence[Reference], *, min_valid: float | None) -> dict[str, Had]:
    """For what each reference wants, the account and the token, which is valid now. Secret.

    Args:
        context: Folders, clock, environment.
        references: Whose accounts' tokens are wanted.
        min_valid: Seconds for which the tokens must be good, as for `gumauth token`.

    Raises:
        GumauthError: At least one cannot be had; the message names all of these. Its code and exit status are those of
            the first that trying again does not help, or else those of the first.
    """
    wanted = {each.wanted: each for each in references}
    slow = [each for each in wanted.values() if len(wanted) > 1 and _may_be_due(context, each, min_valid or 0.0)]
    had: dict[str, Had | GumauthError] = {}
    for each in wanted.values():
        if each not in slow or len(slow) == 1:
            had[each.wanted] = _attempt(context, each, min_valid)
    if len(slow) > 1:
        had.update(_at_once(context, slow, min_valid))
    failed = {name: result for name, result in had.items() if isinstance(result, GumauthError)}
    if failed:
        raise not_had(references, failed)
    return {name: result for name, result in had.items() if not isinstance(result, GumauthError)}


def not_had(references: Sequence[Reference], failed: dict[str, GumauthError]) -> GumauthError:
    """One error for all tokens that cannot be had.

    Args:
        references: All references.
        failed: The error by what a reference wants.
    """
    named = [(each.name, failed[each.wanted]) for each in references if each.wanted in failed]
    errors = list(dict.fromkeys(error for _, error in named))
    first = next((error for error in errors if not isinstance(error, Temporary)), errors[0])
    names = ", ".join(name for name, _ in named)
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    error = GumauthError(
        f"Nothing was started: there is no token for {names}. {' '.join(error.message for error in errors)}",
        hint=" ".join(hints) or None,
    )
    error.code, error.exit_code = first.code, first.exit_code
    return error


def _may_be_due(context: Context, reference: Reference, needed: float) -> bool:
    """Whether an account may have to be refreshed, by the list of accounts; False where the list cannot say."""
    try:
        account = look_up(context, reference.account)
    except GumauthError:
        return False
    return account.expires_at is not None and account.expires_at - context.clock() < max(MARGIN, needed)


def _attempt(context: Context, reference: Reference, min_valid: float | None) -> Had | GumauthError:
    try:
        if reference.id_token:
            from gumauth.client.id_token import id_token

            found = id_token(context, reference.account, min_valid=min_valid)
            return found.account, found.value
        account, _, value = one_value(context, reference.account, min_valid=min_valid)
    except GumauthError as error:
        return error
    return account, value


def one_value(context: Context, wanted: str, *, min_valid: float | None) -> tuple[Account, Record, str]:
    """The account, its record and the value that a reference means: a token, or one value of a key. Secret.

    Args:
        context: Folders, clock, environment.
        wanted: ACCOUNT, or ACCOUNT#FIELD of a key.
        min_valid: Seconds for which a token must be good.

    Raises:
        GumauthError: As `gumauth token`.
    """
    if "#" in wanted:
        from gumauth.client.key_values import of_field

        if (found := of_field(context, wanted)) is not None:
            return found
    account, record = token(context, wanted, min_valid=min_valid)
    return account, record, record.access_token


def kept_key(account: Account, wanted: str) -> str:
    """What a file of `NAME@=` is kept fresh from: the account by its id, and the field of a key behind it.

    Args:
        account: As `one_value` has found it.
        wanted: The same reference.
    """
    return f"{account.key}#{wanted.rpartition('#')[2]}" if account.is_key and "#" in wanted else account.key


def _at_once(
    context: Context, references: Sequence[Reference], min_valid: float | None
) -> dict[str, Had | GumauthError]:
    """Each token on a thread with a context of its own; Ctrl-C waits for answers that are under way, as elsewhere."""
    import threading
    from concurrent.futures import Future

    from gumauth.client.signals import delayed

    asking = threading.Lock()
    futures: dict[str, Future[Any]] = {}
    with delayed(context.notify) as signals:
        for each in references:
            own = Context(
                context.environ, clock=context.clock, notify=context.notify, ask=_in_turn(context.ask, asking)
            )
            future: Future[Any] = Future()
            futures[each.wanted] = future
            threading.Thread(target=_settle, args=(future, own, each, min_valid), daemon=True).start()
        for future in futures.values():
            signals.wait_for(future)
    return {wanted: future.result() for wanted, future in futures.items()}


def _settle(future: Any, context: Context, reference: Reference, min_valid: float | None) -> None:
    try:
        future.set_result(_attempt(context, reference, min_valid))
    except BaseException as error:  # noqa: BLE001 - raised again where the result is read
        future.set_exception(error)


def _in_turn(ask: Callable[[str], str] | None, asking: Any) -> Callable[[str], str] | None:
    """The function that asks a person, one question at a time."""
    if ask is None:
        return None

    def asks(question: str) -> str:
        with asking:
            return ask(question)

    return asks
