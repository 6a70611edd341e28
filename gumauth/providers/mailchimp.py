"""Mailchimp."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Mailchimp(OAuth2Provider):
    """Mailchimp. Source: https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/."""

    name = "mailchimp"
    title = "Mailchimp"
    kind = "customers"
    docs_url = "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/"
    register_url = "https://admin.mailchimp.com/account/oauth2/"
    register_note = (
        "Register an app; there are no scopes, and its tokens do not end. API calls go to the api_endpoint that"
        " https://login.mailchimp.com/oauth2/metadata tells, such as https://us6.api.mailchimp.com."
    )
    authorize_url = "https://login.mailchimp.com/oauth2/authorize"
    token_url = "https://login.mailchimp.com/oauth2/token"
    redirect_host = "127.0.0.1"
    token_scheme = "OAuth"
    expects_refresh_token = False
    api_hosts = (".api.mailchimp.com",)
    nickname_url = "https://login.mailchimp.com/oauth2/metadata"
    nickname_paths = (("login.login_email", "accountname"), "login.login_email", "accountname", "login.login_name")
    identity_paths = ("login.login_id", "user_id")  # a login may have several accounts
    unverified = (
        "whether PKCE is heeded",
        "whether localhost is refused: the guide uses 127.0.0.1",
        "whether an app can revoke tokens",
    )
