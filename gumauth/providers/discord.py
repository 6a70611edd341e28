"""Discord."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Discord(OAuth2Provider):
    """Discord.

    Source: https://docs.discord.com/developers/topics/oauth2,
    https://discord.com/.well-known/oauth-authorization-server,
    https://docs.discord.com/developers/discord-social-sdk/development-guides/account-linking-with-discord,
    https://docs.discord.com/developers/resources/user#get-current-user,
    https://docs.discord.com/developers/discord-social-sdk/development-guides/account-linking-on-consoles.
    """

    name = "discord"
    title = "Discord"
    kind = "people"
    docs_url = "https://docs.discord.com/developers/topics/oauth2"
    register_url = "https://discord.com/developers/applications"
    register_note = (
        "The redirect URI and the client id are on the page OAuth2 of the app. With Public Client turned on there the"
        " client secret may be left out."
    )
    authorize_url = "https://discord.com/oauth2/authorize"
    token_url = "https://discord.com/api/oauth2/token"
    scopes = ("identify", "email")
    public_client = True
    issuer = "https://discord.com"
    redirect_host = "127.0.0.1"
    revoke_url = "https://discord.com/api/oauth2/token/revoke"
    nickname_url = "https://discord.com/api/users/@me"
    nickname_paths = ("username", "global_name", "email")
    identity_paths = ("id",)  # a user name may change
    unverified = ("whether any app may use the device grant, which the Social SDK has for consoles",)
