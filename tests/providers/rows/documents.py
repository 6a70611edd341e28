"""Documents and design."""

from __future__ import annotations

from tests.providers.row import REFRESH, Row

ROWS = [
    Row(
        name="confluence",
        consent="https://auth.atlassian.com/authorize",
        token_url="https://auth.atlassian.com/oauth/token",
        scope="read:confluence-user read:me offline_access",
        redirect="http://localhost:4862/callback",
        extra={"audience": "api.atlassian.com", "prompt": "consent"},
        encoding="json",
        revoke=("POST", "https://auth.atlassian.com/oauth/revoke"),
        revoked={"token": REFRESH},
        nickname="https://api.atlassian.com/me",
        identity_paths=("account_id",),
        answer={"account_type": "atlassian", "account_id": "112233aa", "email": "mia@example.com", "name": "Mia"},
        person=("mia@example.com", "112233aa"),
    ),
]
