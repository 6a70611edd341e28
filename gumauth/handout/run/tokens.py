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

    Had = tuple[Account, Record]


def tokens(context: Context, references: Sequence[Reference], *, min_valid: float | None) -> dict[str, Had]:
    """For each account, as the references write it, the account with a record whose token is valid now.

    Args:
        context: Folders, clock, environment.
        references: Whose accounts' tokens are wanted.
        min_valid: Seconds for which the tokens must be good, as for `gumauth token`.

    Raises:
        GumauthError: At least one cannot be had; the message names all of these. Its code and exit status are those of
            the first that trying again does not help, or else those of the first.
    """
    names = list(dict.fromkeys(each.account for each in references))
    slow = [name for name in names if _may_be_due(context, name, min_valid or 0.0)] if len(names) > 1 else []
    had: dict[str, Had | GumauthError] = {}
    for name in names:
        if name not in slow or len(slow) == 1:
            had[name] = _attempt(context, name, min_valid)
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
        failed: The error by account, as the references write it.
    """
    named = [(each.name, failed[each.account]) for each in references if each.account in failed]
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


def _may_be_due(context: Context, name: str, needed: float) -> bool:
    """Whether an account's token may have to be refreshed, by the list of accounts; False where the list cannot say."""
    try:
        account = look_up(context, name)
    except GumauthError:
        return False
    return account.expires_at is not None and account.expires_at - context.clock() < max(MARGIN, needed)


def _attempt(context: Context, name: str, min_valid: float | None) -> Had | GumauthError:
    try:
        return token(context, name, min_valid=min_valid)
    except GumauthError as error:
        return error


def _at_once(context: Context, names: Sequence[str], min_valid: float | None) -> dict[str, Had | GumauthError]:
    """Each token on a thread with a context of its own; Ctrl-C waits for answers that are under way, as elsewhere."""
    import threading
    from concurrent.futures import Future

    from gumauth.client.signals import delayed

    asking = threading.Lock()
    futures: dict[str, Future[Any]] = {}
    with delayed(context.notify) as signals:
        for name in names:
            own = Context(
                context.environ, clock=context.clock, notify=context.notify, ask=_in_turn(context.ask, asking)
            )
            future: Future[Any] = Future()
            futures[name] = future
            threading.Thread(target=_settle, args=(future, own, name, min_valid), daemon=True).start()
        for future in futures.values():
            signals.wait_for(future)
    return {name: future.result() for name, future in futures.items()}


def _settle(future: Any, context: Context, name: str, min_valid: float | None) -> None:
    try:
        future.set_result(_attempt(context, name, min_valid))
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
