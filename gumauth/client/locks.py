"""The lock under which one account is changed."""

from __future__ import annotations

import os

from gumauth.context import Context
from gumauth.lock import Lock

PATIENCE = 45.0
"""Seconds to wait for another process: one refresh at its deadline (30 s) and a slow keyring after it."""


def account_lock(context: Context, key: str, timeout: float = PATIENCE) -> Lock:
    """The lock of the account `<provider>/<id>`; refresh, connect, revoke and disconnect all take it.

    Not for reading: a record is replaced in one step, so a reader sees the old one or the new one.
    """
    name = key.replace("/", ".")
    return Lock(os.path.join(context.home.state, "locks", f"{name}.lock"), timeout=timeout, what=key.split("/")[0])
