"""Projects and meetings."""

from __future__ import annotations

from tests.providers.row import REFRESH, Row

ROWS = [
    Row(
        name="linear",
        consent="https://linear.app/oauth/authorize",
        token_url="https://api.linear.app/oauth/token",
        scope="read",
        redirect="http://localhost:4862/callback",
        extra={"prompt": "consent"},
        secretless=True,
        revoke=("POST", "https://api.linear.app/oauth/revoke"),
        revoked={"refresh_token": REFRESH},
        nickname="https://api.linear.app/graphql",
        identity_paths=("data.viewer.id", "data.organization.id"),
        answer={
            "data": {
                "viewer": {"id": "f3a8-1", "email": "ada@example.com", "name": "Ada"},
                "organization": {"id": "0c44-9", "urlKey": "acme"},
            }
        },
        person=("ada@example.com at acme", "f3a8-1 0c44-9"),
    ),
]
