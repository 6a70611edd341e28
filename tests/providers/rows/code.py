"""Code and its tools."""

from __future__ import annotations

from tests.providers.row import ACCESS, Row

ROWS = [
    Row(
        name="github",
        consent="https://github.com/login/oauth/authorize",
        token_url="https://github.com/login/oauth/access_token",
        scope="read:user user:email",
        redirect="http://127.0.0.1/callback",
        tokens={"access_token": ACCESS, "scope": "read:user,user:email", "token_type": "bearer"},
        refreshed=None,
        life=None,
        device=("https://github.com/login/device/code", False),
        revoke=("DELETE", "https://api.github.com/applications/{client_id}/token"),
        revoked={"access_token": ACCESS},
        revoke_auth="basic",
        revoke_encoding="json",
        nickname="https://api.github.com/user",
        identity_paths=("id",),
        answer={"login": "octocat", "id": 583231, "node_id": "MDQ6", "email": None, "name": "The Octocat"},
        person=("octocat", "583231"),
    ),
]
