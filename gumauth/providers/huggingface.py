"""Hugging Face."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class HuggingFace(OAuth2Provider):
    """Hugging Face.

    Source: https://huggingface.co/docs/hub/oauth, https://huggingface.co/.well-known/openid-configuration,
    https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables,
    https://github.com/huggingface/hub-docs/issues/2680, https://github.com/huggingface/hub-docs/pull/2211.
    """

    name = "huggingface"
    title = "Hugging Face"
    kind = "code"
    mcp_url = "https://huggingface.co/mcp?login"
    token_variables = ("HF_TOKEN",)
    docs_url = "https://huggingface.co/docs/hub/oauth"
    register_url = "https://huggingface.co/settings/applications/new"
    register_note = (
        "Tick the scopes that are asked for: openid and profile, and for example inference-api. An app without a"
        " client secret (a public app) works too. Only --device brings a refresh token."
    )
    authorize_url = "https://huggingface.co/oauth/authorize"
    token_url = "https://huggingface.co/oauth/token"
    device_url = "https://huggingface.co/oauth/device"
    scopes = ("openid", "profile")
    client_auth = "basic"
    client_id_in_body = True
    public_client = True
    redirect_ports = ()
    expects_refresh_token = False
    nickname_url = "https://huggingface.co/oauth/userinfo"
    nickname_paths = ("preferred_username", "email", "name")
    identity_paths = ("sub",)
    unverified = ("whether tokens can be revoked by a request",)
