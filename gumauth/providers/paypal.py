"""PayPal."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class PayPal(OAuth2Provider):
    """PayPal, with Log in with PayPal.

    Source: https://developer.paypal.com/docs/log-in-with-paypal/integrate/,
    https://developer.paypal.com/docs/log-in-with-paypal/integrate/build-button,
    https://developer.paypal.com/docs/api/identity/v1/.
    """

    name = "paypal"
    title = "PayPal"
    kind = "money"
    host = "paypal.com"
    host_note = "sandbox.paypal.com for the sandbox"
    docs_url = "https://developer.paypal.com/docs/log-in-with-paypal/integrate/"
    register_url = "https://developer.paypal.com/dashboard/applications"
    register_note = (
        "Choose a live app, or one of the sandbox, and tick Log in with PayPal among its features; in its advanced"
        " settings enter the return URL and tick the email address. PayPal reviews a live app before it works."
    )
    authorize_url = "https://www.{host}/signin/authorize"
    token_url = "https://api-m.{host}/v1/oauth2/token"
    scopes = ("openid", "email")
    authorize_params = {"flowEntry": "static"}
    client_auth = "basic"
    redirect_host = "127.0.0.1"
    api_hosts = ("api.{host}",)
    nickname_url = "https://api-m.{host}/v1/identity/oauth2/userinfo?schema=paypalv1.1"
    nickname_paths = ("emails.0.value", "name")
    identity_paths = ("user_id",)
    unverified = (
        "whether a return URL on this machine is accepted, and which of http, https, localhost and 127.0.0.1",
        "whether PKCE is heeded",
        "how long a refresh token lives",
        "whether an app can revoke tokens",
    )
