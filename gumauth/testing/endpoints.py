"""The server's endpoints: each makes a response, and writes its decision into the log."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gumauth.testing import consent
from gumauth.testing.clients import Client, authenticate
from gumauth.testing.identity import claims_of, login_of, userinfo_of
from gumauth.testing.messages import OAuthError, Request, Response, error_response, json_response

if TYPE_CHECKING:
    from gumauth.testing.grants import Grants
    from gumauth.testing.id_token import IdTokens
    from gumauth.testing.issued import AuthorizationRequest, Family, Login, Tokens
    from gumauth.testing.log import Kind, Log
    from gumauth.testing.settings import Settings


class Endpoints:
    """Answers requests by the rules of RFC 6749, 7636 and 7009.

    Args:
        grants: The codes and tokens that were issued.
        log: Receives the decisions.
        issuer: The server's own URL.
        settings: Read for every request.
        id_tokens: Signs the ID tokens of token responses.
    """

    def __init__(self, grants: Grants, log: Log, issuer: str, settings: Settings, id_tokens: IdTokens) -> None:
        self._grants, self._log, self.issuer = grants, log, issuer
        self._settings, self._id_tokens = settings, id_tokens
        self.clients: dict[str, Client] = {}
        self._pending: dict[str, AuthorizationRequest] = {}
        self._lock = threading.Lock()

    def authorize(self, request: Request) -> Response:
        """The consent page; a redirect with an error; or, for an unknown client or redirect URI, an error page."""
        try:
            query = self._with_client_id(request.query())
            client, redirect_uri = consent.client_of(query, self.clients)
        except OAuthError as error:
            self._log.note("authorize", "refused", reason=error.description)
            return consent.error_page(error)
        try:
            asked = consent.authorization_request(query, client)
        except OAuthError as error:
            self._log.note("authorize", "refused", reason=error.description, client_id=client.client_id)
            found = {"error": error.code, "error_description": error.description, "state": query.get("state", "")}
            return self._back(redirect_uri, found)
        self._log.note(
            "authorize", "ok", client_id=asked.client_id, redirect_uri=asked.redirect_uri, scopes=asked.scopes
        )
        consent_id = secrets.token_urlsafe(16)
        with self._lock:
            self._pending[consent_id] = asked
        return consent.page(asked, consent_id, self._settings.person)

    def decide(self, request: Request) -> Response:
        """The redirect back to the client after a click on Allow or Deny."""
        try:
            consent_id, allowed, typed = consent.decision_of(request)
            with self._lock:
                asked = self._pending.pop(consent_id, None)
            if asked is None:
                raise OAuthError("invalid_request", "this page was answered before")
        except OAuthError as error:
            self._log.note("consent", "refused", reason=error.description)
            return consent.error_page(error)
        if not allowed:
            self._log.note("denied", "ok", client_id=asked.client_id)
            words = {"error": "access_denied", "error_description": "The person said no"}
            return self._back(asked.redirect_uri, {**words, "state": asked.state})
        login = self._login(typed)
        self._log.note("consent", "ok", client_id=asked.client_id, person=login.person, workspace=login.workspace)
        code = self._grants.issue_code(asked, login)
        self._log.note("code issued", "ok", client_id=asked.client_id, redirect_uri=asked.redirect_uri)
        return self._back(asked.redirect_uri, {**self._settings.callback_extras, "code": code, "state": asked.state})

    def _login(self, typed: str) -> Login:
        if "/" in typed:
            self._settings.send_workspace = True
        return login_of(typed, self._settings)

    def _back(self, redirect_uri: str, parameters: dict[str, str]) -> Response:
        # RFC 9207 §2: the issuer goes with errors too.
        issuer = {"iss": self.issuer} if self._settings.send_issuer else {}
        return consent.back(redirect_uri, {**parameters, **issuer})

    def token(self, request: Request) -> Response:
        """A token response (RFC 6749 §5.1) or an error (§5.2), for a code or a refresh token."""
        kind: Kind = "token"
        client = None
        try:
            form = self._form(request)
            kind = "refresh" if form.get("grant_type") == "refresh_token" else "token"
            client = authenticate(self.clients, request.headers.get("authorization"), form)
            tokens = self._trade(form, client)
        except OAuthError as error:
            kind = "reuse" if error.reuse else kind
            name = client.client_id if client else None
            self._log.note(kind, "refused", reason=error.description, client_id=name)
            return error_response(error)
        self._log.note(kind, "ok", client_id=client.client_id, family=tokens.family.number)
        return json_response(self._token_fields(tokens))

    def _trade(self, form: dict[str, str], client: Client) -> Tokens:
        grant_type = form.get("grant_type")
        if grant_type == "authorization_code":
            uri, verifier = form.get("redirect_uri", ""), form.get("code_verifier")
            return self._grants.redeem(form.get("code", ""), client.client_id, uri, verifier)
        if grant_type == "refresh_token":
            scopes = tuple(form.get("scope", "").split())
            return self._grants.refresh(form.get("refresh_token", ""), client.client_id, scopes)
        raise OAuthError("unsupported_grant_type", f"the grant type {grant_type!r} is not supported")

    def _token_fields(self, tokens: Tokens) -> dict[str, object]:
        fields: dict[str, object] = {
            "access_token": tokens.access,
            **self._settings.token_extras,
            "token_type": self._settings.token_type,
            **self._expiry(),
            "scope": " ".join(tokens.family.scopes),
        }
        if tokens.refresh is not None:
            fields["refresh_token"] = tokens.refresh
        if self._settings.send_id_token:
            claims = claims_of(tokens.family, self._settings)
            fields["id_token"] = self._id_tokens.make(tokens.family.client_id, claims)
        return fields

    def _expiry(self) -> dict[str, object]:
        lives, ends = self._grants.access_lifetime, self._grants.ends_at()
        written = f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%dT%H:%M:%SZ}"
        said: dict[str, object] = {"expires_in": lives, "expires_at": int(ends), "expires": written}
        return {name: said[name] for name in self._settings.send_expiry}

    def _form(self, request: Request) -> dict[str, str]:
        if request.method != "POST":
            raise OAuthError("invalid_request", "only POST is answered here", status=405)
        if "?" in request.target:
            raise OAuthError("invalid_request", "secrets do not belong into a URL")
        return self._with_client_id(request.form(self._settings.token_encoding))

    def _with_client_id(self, parameters: dict[str, str]) -> dict[str, str]:
        """The parameters of a request, with the client's id under its usual name alone."""
        name = self._settings.client_id_name
        if name == "client_id":
            return parameters
        if "client_id" in parameters:
            raise OAuthError("invalid_request", f"a client's id is called {name!r} here")
        return {**parameters, "client_id": parameters.get(name, "")}

    def revoke(self, request: Request) -> Response:
        """Status 200 whether or not there was such a token (RFC 7009 §2.2), 400 for a kind that stays (§2.2.1)."""
        try:
            form = self._form(request)
            client = authenticate(self.clients, request.headers.get("authorization"), form)
            if not form.get("token"):
                raise OAuthError("invalid_request", "there is no token")
        except OAuthError as error:
            self._log.note("revoke", "refused", reason=error.description)
            return error_response(error)
        return self._take_back(form["token"], client.client_id)

    def _take_back(self, token: str, client_id: str) -> Response:
        kind = self._grants.kind_of(token)
        family = self._grants.owner_of(token, client_id)
        number = family.number if family else None
        try:
            self._grants.revoke(token, client_id)
        except OAuthError as error:
            reason = error.description
            self._log.note("revoke", "refused", reason=reason, client_id=client_id, family=number, token=kind)
            return error_response(error)
        self._log.note("revoke", "ok", client_id=client_id, family=number, token=kind)
        return Response(headers={"Cache-Control": "no-store"})

    def userinfo(self, request: Request) -> Response:
        """The person who consented, for an active access token in the Authorization header (RFC 6750 §2.1 and §3)."""
        family = self._bearer(request)
        if family is None:
            self._log.note("userinfo", "refused", reason="no good access token")
            answer = json_response({"error": "invalid_token"}, status=401)
            headers = {**answer.headers, "WWW-Authenticate": 'Bearer error="invalid_token"'}
            return Response(status=401, headers=headers, body=answer.body)
        self._log.note("userinfo", "ok", client_id=family.client_id, family=family.number)
        return json_response(userinfo_of(family, self._settings))

    def _bearer(self, request: Request) -> Family | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._grants.family_of(token) if scheme.lower() == self._settings.token_scheme.lower() else None
