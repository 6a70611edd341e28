"""Projects and meetings."""

from __future__ import annotations

from tests.providers.row import ACCESS, REFRESH, Row

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
    Row(
        name="asana",
        consent="https://app.asana.com/-/oauth_authorize",
        token_url="https://app.asana.com/-/oauth_token",
        scope="default",
        redirect="http://localhost:4862/callback",
        tokens={
            "access_token": ACCESS,
            "expires_in": 3600,
            "token_type": "bearer",
            "data": {"id": 4673218951, "gid": "4673218951", "name": "Greg Sanchez", "email": "gsanchez@example.com"},
            "refresh_token": REFRESH,
        },
        refreshed={"access_token": ACCESS, "expires_in": 3600, "token_type": "bearer"},
        revoke=("POST", "https://app.asana.com/-/oauth_revoke"),
        revoked={"token": REFRESH},
        nickname="https://app.asana.com/api/1.0/users/me",
        identity_paths=("data.gid",),
        answer={
            "data": {
                "gid": "4673218951",
                "resource_type": "user",
                "name": "Greg Sanchez",
                "email": "gsanchez@example.com",
                "workspaces": [{"gid": "12345", "resource_type": "workspace", "name": "Acme"}],
            }
        },
        person=("gsanchez@example.com", "4673218951"),
    ),
    Row(
        name="jira",
        consent="https://auth.atlassian.com/authorize",
        token_url="https://auth.atlassian.com/oauth/token",
        scope="read:jira-user read:jira-work read:me offline_access",
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
    Row(
        name="atlassian",
        consent="https://auth.atlassian.com/authorize",
        token_url="https://auth.atlassian.com/oauth/token",
        scope="read:me offline_access",
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
    Row(
        name="monday",
        consent="https://auth.monday.com/oauth2/authorize",
        token_url="https://auth.monday.com/oauth_ms/oauth/token",
        scope="me:read account:read boards:read",
        redirect="http://localhost:4862/callback",
        encoding="json",
        tokens={"access_token": ACCESS, "refresh_token": REFRESH, "token_type": "Bearer"},
        refreshed={"access_token": ACCESS, "refresh_token": REFRESH, "token_type": "Bearer"},
        revoke=("POST", "https://auth.monday.com/oauth_ms/oauth/revoke"),
        nickname="https://api.monday.com/v2",
        identity_paths=("data.me.id", "data.me.account.id"),
        answer={
            "data": {
                "me": {
                    "id": "4012689",
                    "email": "ada@example.com",
                    "name": "Ada",
                    "account": {"id": "16789", "slug": "acme"},
                }
            }
        },
        person=("ada@example.com at acme", "4012689 16789"),
    ),
]
