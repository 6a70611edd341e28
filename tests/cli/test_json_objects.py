"""The objects of `--json`."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import NOW, inside, listed


def test_an_account_is_the_settled_object(environ: dict[str, str]) -> None:
    account = listed(
        environ,
        "linear",
        "ada@example.com",
        alias="work",
        scopes=("read",),
        requested_scopes=("read", "write"),
        expires_at=NOW + 60,
        connected_at=NOW - 60.5,
        refreshable=True,
    )
    ended = inside(environ, "list", "--json", clock=lambda: NOW)
    assert json.loads(ended.out) == {
        "schema_version": 1,
        "accounts": [
            {
                "provider": "linear",
                "account": "linear/work",
                "nickname": "ada@example.com",
                "alias": "work",
                "default": True,
                "state": "ok",
                "reason": None,
                "scopes": ["read"],
                "requested_scopes": ["read", "write"],
                "missing_scopes": [],
                "expires_at": "2027-01-15T08:01:00Z",
                "refresh_expires_at": None,
                "refreshable": True,
                "connected_at": "2027-01-15T07:58:59Z",
                "refreshed_at": None,
                "store": "encrypted file",
                "source": "built-in",
                "fields": None,
            }
        ],
    }
    assert account.label == "linear/work"


@pytest.mark.parametrize(
    ("kept", "ends", "shown"),
    [
        ("ok", NOW + 1, "ok"),
        ("ok", NOW, "expired"),
        ("ok", None, "ok"),
        ("reconnect", NOW - 1, "reconnect"),
        ("revoked", None, "revoked"),
        ("leaving", NOW + 1, "revoked"),
    ],
)
def test_the_state_of_an_account(environ: dict[str, str], kept: str, ends: float | None, shown: str) -> None:
    listed(environ, "linear", "ada", state=kept, expires_at=ends)
    ended = inside(environ, "list", "--json", clock=lambda: NOW)
    assert json.loads(ended.out)["accounts"][0]["state"] == shown
