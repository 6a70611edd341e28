"""Folders and stores as older versions of gumauth left them.

The first keyed accounts by their nickname and knew no identity; the second knew nothing of missing scopes and refusals.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from gumauth.accounts.account import Account
from gumauth.client.context import Context

ACCOUNT = (
    *("provider", "id", "nickname", "alias", "scopes", "requested_scopes", "expires_at", "refreshable"),
    *("connected_at", "refreshed_at", "state", "reason", "store", "slot", "grant", "source"),
    *("failed_at", "retry_at", "told_to_wait"),
)
RECORD = (
    *("access_token", "refresh_token", "token_type", "expires_at", "obtained_at", "generation", "grant"),
    *("token_url", "client_id", "rescue"),
)
SECOND_ACCOUNT = (*ACCOUNT[:4], "identity", "number", *ACCOUNT[4:])


def older_id(kind: str, name: str) -> str:
    return sha256(f"{kind} {name}".encode()).hexdigest()[:16]


def make_older(context: Context) -> None:
    """Write every account of this home, and its record, as version 1 had them; they are no others than before."""
    accounts = list(context.accounts.all())
    folder = Path(context.home.data) / "accounts"
    default = context.accounts.default(accounts[0].provider)
    for hint in folder.rglob("*.alias"):
        hint.unlink()
    for account in accounts:
        identifier = _make_older(context, account, folder / account.provider)
        if default is not None and default.id == account.id:
            (folder / account.provider / "default").write_text(identifier)


def _make_older(context: Context, account: Account, folder: Path) -> str:
    assert account.nickname is not None
    identifier = older_id("nickname", account.nickname)
    store = context.store(account.store)
    (folder / f"{account.id}.json").unlink()
    fields = {name: getattr(account, name) for name in ACCOUNT} | {"id": identifier}
    (folder / f"{identifier}.json").write_text(json.dumps({"version": 1, **fields}) + "\n")
    if account.alias:
        (folder / f"{older_id('alias', account.alias)}.alias").write_text(identifier)
    text = store.get(f"{account.key}/{account.slot}")
    assert text is not None
    store.delete(f"{account.key}/{account.slot}")
    kept = json.loads(text)
    record = {"version": 1, **{name: kept[name] for name in RECORD}, "account": fields}
    store.set(f"{account.provider}/{identifier}/{account.slot}", json.dumps(record))
    return identifier


def make_second(context: Context) -> None:
    """Write every account of this home, and its records, as version 2 had them."""
    for account in list(context.accounts.all()):
        path = Path(context.home.data) / "accounts" / account.provider / f"{account.id}.json"
        path.write_text(json.dumps({"version": 2, **{name: getattr(account, name) for name in SECOND_ACCOUNT}}) + "\n")
        store = context.store(account.store)
        for slot in "ab":
            text = store.get(f"{account.key}/{slot}")
            if text is None:
                continue
            kept = json.loads(text)
            within = {name: kept["account"][name] for name in SECOND_ACCOUNT}
            record = {"version": 2, **{name: kept[name] for name in RECORD}, "account": within}
            store.set(f"{account.key}/{slot}", json.dumps(record))
