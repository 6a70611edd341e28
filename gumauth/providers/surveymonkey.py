"""SurveyMonkey."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class SurveyMonkey(OAuth2Provider):
    """SurveyMonkey.

    Source: https://api.surveymonkey.com/v3/docs#authentication, https://github.com/amareshsm/survey-monkey-oauth.
    """

    name = "surveymonkey"
    title = "SurveyMonkey"
    kind = "documents"
    host = "api.surveymonkey.com"
    host_note = "the API's host for an account of another data center, such as api.eu.surveymonkey.com"
    docs_url = "https://api.surveymonkey.com/v3/docs#authentication"
    register_url = "https://developer.surveymonkey.com/apps/"
    register_note = (
        "Make a private app for accounts of your own team. Enter the redirect URI among its settings; the scopes are"
        " those that are ticked there (View Users and so on), and none are sent. API calls go to the access_url that"
        " came with the token."
    )
    authorize_url = "https://api.surveymonkey.com/oauth/authorize"
    token_url = "https://api.surveymonkey.com/oauth/token"
    expects_refresh_token = False  # tokens do not expire
    token_extras = ("access_url",)
    api_hosts = (".surveymonkey.com", ".surveymonkey.ca")  # the region of Canada has another domain
    nickname_url = "https://{host}/v3/users/me"
    nickname_paths = ("email", "username")
    identity_paths = ("id",)
    unverified = (
        "whether http://localhost is still accepted: public clients from some years ago use it",
        "whether PKCE is heeded",
        "whether accounts of other data centers are asked for consent at another host",
    )
