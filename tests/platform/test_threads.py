"""Several accounts at once in one program: what its threads share."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.client.provider_calls.environment import overlay
from gumauth.client.provider_calls.variables import for_methods
from gumauth.handout import python
from gumauth.platform.child_environment import for_child

SECONDS = 0.5


@contextmanager
def hasty() -> Iterator[None]:
    """Threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def together(*actions: Callable[[], object]) -> list[str]:
    """Do all of these over and over at once, in haste; what they raised.

    The haste begins when all have started: two threads that start at once can both install coverage's trace function,
    which the interpreter refuses.
    """
    raised: list[str] = []
    started = threading.Barrier(len(actions) + 1)
    end = time.monotonic() + SECONDS

    def repeat(action: Callable[[], object]) -> None:
        started.wait()
        try:
            while time.monotonic() < end:
                action()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            raised.append(repr(error))

    threads = [threading.Thread(target=repeat, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    started.wait()
    with hasty():
        for thread in threads:
            thread.join()
    return raised


def test_what_one_providers_method_borrows_does_not_disturb_another(tmp_path: Path) -> None:
    context = Context({**os.environ, "GUMAUTH_HOME": str(tmp_path)})
    context.environ = os.environ
    variables = {f"ACME{number}_CLIENT_ID": "id" for number in range(20)}
    before = dict(os.environ)

    def lay_over() -> None:
        with overlay(variables):
            pass

    assert together(lay_over, lambda: for_methods(context, "linear", None), lambda: for_child(os.environ)) == []
    assert dict(os.environ) == before


def test_tokens_are_forgotten_while_others_are_put_in() -> None:
    record = Record(access_token="token", account={})
    account = Account(provider="acme", id="0" * 16)
    cached = python.CachedToken(account=account, record=record, scheme=record.scheme, since=0.0, until=0.0)

    def put() -> None:
        for number in range(50):
            python._cache[python._key(f"acme/{number}")] = cached

    def forget() -> None:
        for number in range(50):
            python.forget(f"acme/{number}")

    assert together(put, forget, forget, lambda: python.drop("token")) == []
    python._cache.clear()
