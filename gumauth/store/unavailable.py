"""The error for a keyring that fails: where a record is remembered to be in it, it names what answers instead."""

from __future__ import annotations

from gumauth.errors import OtherStore
from gumauth.store.failures import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.errors import StoreError
    from gumauth.store.failures import Kind
    from gumauth.store.interface import Run


ABSENT: tuple[Kind, ...] = ("no bus", "no keyring")


def unavailable(run: Run, name: str, kind: Kind, detail: str = "", *, remembered: bool) -> StoreError:
    """The error.

    Args:
        run: The run.
        name: The store's.
        kind: What went wrong.
        detail: As `failures.failure` takes it.
        remembered: Whether an account says that its record is there.
    """
    if remembered and kind in ABSENT:
        from gumauth.store.selection import answering

        other = answering(run)
        if other not in (None, name):
            return OtherStore(
                f"The record is in {name}, but only {other} answers here.",
                hint=f"Start {name}, or connect the account again to keep it in {other}.",
            )
    return failure(kind, name, detail)
