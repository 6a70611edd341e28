"""Revoking and disconnecting an account by its reference, as the commands do."""

from __future__ import annotations

from gumauth.client import revoke as rules
from gumauth.client.context import Context
from gumauth.client.revoke import Outcome, find_one


def revoke(context: Context, reference: str) -> Outcome:
    """End the grant of the account that a reference names."""
    return rules.revoke(context, find_one(context, reference))


def disconnect(context: Context, reference: str, *, keep_grant: bool = False) -> Outcome:
    """End the grant of the account that a reference names, and forget the account."""
    return rules.disconnect(context, find_one(context, reference), keep_grant=keep_grant)
