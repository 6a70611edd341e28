"""Mail, calendars, files."""

from __future__ import annotations

from tests.providers.row import ACCESS, Row

ROWS = [
    Row(
        name="google",
        consent="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",
        scope="openid email profile",
        redirect="http://127.0.0.1/callback",
        extra={"access_type": "offline", "prompt": "consent"},
        device=("https://oauth2.googleapis.com/device/code", True),
        refreshed={"access_token": ACCESS, "expires_in": 3600, "scope": "openid", "token_type": "Bearer"},
        revoke=("POST", "https://oauth2.googleapis.com/revoke"),
        revoke_auth="none",
        nickname="https://openidconnect.googleapis.com/v1/userinfo",
        identity_paths=("sub",),
        answer={"sub": "110248495921238986420", "email": "ada@example.com", "email_verified": True, "name": "Ada"},
        person=("ada@example.com", "https://accounts.google.com 110248495921238986420"),
    ),
]
