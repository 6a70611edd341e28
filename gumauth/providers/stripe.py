"""Stripe."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Stripe(OAuth2Provider):
    """Stripe, with Connect.

    Source: https://docs.stripe.com/connect/oauth-reference, https://docs.stripe.com/connect/oauth-standard-accounts,
    https://docs.stripe.com/api/accounts/retrieve, https://docs.stripe.com/mcp, https://docs.stripe.com/cli.
    """

    name = "stripe"
    title = "Stripe"
    kind = "money"
    docs_url = "https://docs.stripe.com/connect/oauth-reference"
    register_url = "https://dashboard.stripe.com/settings/connect/onboarding-options/oauth"
    register_note = (
        "Enable OAuth for standard accounts on this page, which shows the client id (ca_…) and takes the redirect URI;"
        " there is one id for tests and one for live use. The client secret is the platform's secret API key (sk_…) of"
        " the same mode. To end a grant, remove the app in the settings of the connected account."
    )
    mcp_url = "https://mcp.stripe.com"
    token_variables = ("STRIPE_API_KEY",)
    authorize_url = "https://connect.stripe.com/oauth/authorize"
    token_url = "https://connect.stripe.com/oauth/token"
    scopes = ("read_write",)
    redirect_tls = True  # live use wants it, tests take it
    token_extras = ("stripe_user_id",)
    api_hosts = ("api.stripe.com", "files.stripe.com")
    nickname_url = "https://api.stripe.com/v1/account"
    nickname_paths = ("settings.dashboard.display_name", "email", "id")
    identity_paths = ("id",)
    unverified = (
        "whether live use accepts an address of this machine",
        "whether a token request with a PKCE verifier is accepted",
    )
