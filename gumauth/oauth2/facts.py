"""What there is to know of a service that follows the standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

Method = Literal["body", "basic", "none"]
"""How a client authenticates: its credentials in the body, by HTTP Basic, or its id alone. Source: RFC 6749 §2.3."""


class Facts:
    """A service that follows the standard, described by facts.

    A habit that one service has is an attribute here, with the usual case as its default.

    The service:
        name: As in `AuthProvider`; the client's id and secret are read from NAME_CLIENT_ID and NAME_CLIENT_SECRET.
        title: What people call it; the name where it is empty.
        docs_url: Where it describes its OAuth.
        register_url: Where a person registers an app.
        register_note: What there is to know on that page, in sentences: which kind of client to make, what to tick,
            what there is no field for.
        register_redirect: Whether that page has a field for the redirect URI.

    Asking for consent:
        authorize_url: https; a query in it is kept.
        scopes: Asked for; an object may be given others.
        scope_separator: Between them.
        scope_param: The parameter that holds them.
        scope_names: What the service calls a scope in its answer, where that is not what it is asked by.
        unechoed_scopes: What it grants and does not name in its answer; those of OpenID are known by themselves.
        authorize_params: Further parameters.
        client_id_param: What the service calls the client's id, here and when asking for tokens.
        nonce: Whether a fresh `nonce` goes with every request; the id_token has to hold it then.
        pkce: False only where the service is known to break on it.
        issuer: What the callback's `iss` has to be (RFC 9207); None where it is not known.
        issuer_required: Whether a callback without `iss` is refused.
        response_mode: How the answer comes to the callback, and is asked for: "form_post" as a form that the browser
            posts, "query" in the address. None asks for neither, and takes the address.
        redirect_host: "localhost" or "127.0.0.1", as the service insists.
        redirect_ports: Tried in turn; empty where the service takes any port.
        redirect_path: Of the callback.
        callback_extras: Parameters of the callback that calls need beside the token; `gumauth token --json` shows them.

    Asking for tokens:
        token_url: https.
        refresh_url: Where it is not the `token_url`.
        client_auth: "body", "basic", or "none": the id alone.
        public_client: Whether it works without a secret.
        basic_raw: Whether Basic wants id and secret as they are, not form-encoded.
        basic_empty_secret: Whether a client without a secret uses Basic, with an empty one.
        client_id_in_body: Whether the client's id stands in the body too, beside Basic.
        token_encoding: "form" or "json".
        token_headers: Of the request.
        token_params: Further members of the request for a code.
        refresh_params: Further members of the request for a refresh token.
        tokens_path: Dotted path of the object with the tokens in the answer; empty for the whole.
        token_types: In lower case, those that are presented as bearer tokens.
        token_scheme: The word before the token in an Authorization header.
        token_extras: Dotted paths of what calls need beside the token in the answer; `gumauth token --json` shows it.
        expects_refresh_token: Whether one comes; if it then does not, the person is told when connecting.

    Being refused, in any case of letters, beside the usual words:
        dead_errors: What it calls a dead grant, so that the account has to be connected again: error codes, or parts
            of the reason. Not a word that it says of anything else too.
        denied_errors: What it calls a person's no: error codes.

    Using it:
        api_hosts: The hosts of its API that take the access token, beside those of the endpoints and what is below that
            of `nickname_url`; ".example.com" stands for example.com and all below it. `gumauth.Auth` sends the token to
            no others.

    Ending a grant:
        revoke_url: None where there is no way; may hold {client_id}.
        revoke_method: Of HTTP.
        revoke_auth: "client" for `client_auth`, "basic", "bearer" for the token itself, or "none".
        revoke_encoding: "form" or "json".
        revoke_fields: The body's member for each kind of token that can be revoked; empty for no member.
        revoke_gone: Error codes of a refused revocation that say that the token was dead already. After any other
            refusal the token itself is asked, at `nickname_url`.
        separate_grants: Whether every connect gives a grant of its own, so that ending an older one leaves the newer
            ones alive. True only where that is proved: many services keep one grant for a person and an app.

    Whose account it is:
        nickname_url: Asked with the access token; None where there is none to ask.
        nickname_method: Of HTTP.
        nickname_headers: Besides Authorization.
        nickname_body: Sent as JSON.
        nickname_paths: Dotted paths into the answer, tried in turn; two in a tuple make a nickname of two fields,
            "ada@example.com at acme".
        identity_url: Asked for the identity; None where the answer to the nickname holds it.
        identity_paths: Dotted paths of what, taken together, never changes and no two accounts share: the person's id,
            and the workspace's where an account is a person in a workspace. ("sub",) is also read from an id_token;
            where the answer does not have them all, the nickname stands for the identity.
    """

    title: ClassVar[str] = ""
    docs_url: ClassVar[str] = ""
    register_url: ClassVar[str] = ""
    register_note: ClassVar[str] = ""
    register_redirect: ClassVar[bool] = True

    authorize_url: str
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    scope_param: str = "scope"
    scope_names: Mapping[str, str] = {}
    unechoed_scopes: tuple[str, ...] = ()
    authorize_params: Mapping[str, str] = {}
    client_id_param: str = "client_id"
    nonce: bool = False
    pkce: bool = True
    issuer: str | None = None
    issuer_required: bool = False
    response_mode: Literal["query", "form_post"] | None = None
    redirect_host: str = "localhost"
    redirect_ports: tuple[int, ...] = (4862,)
    redirect_path: str = "/callback"
    callback_extras: tuple[str, ...] = ()

    token_url: str
    refresh_url: str | None = None
    client_auth: Method = "body"
    public_client: bool = False
    basic_raw: bool = False
    basic_empty_secret: bool = False
    client_id_in_body: bool = False
    token_encoding: Literal["form", "json"] = "form"
    token_headers: Mapping[str, str] = {"Accept": "application/json"}
    token_params: Mapping[str, str] = {}
    refresh_params: Mapping[str, str] = {}
    tokens_path: str = ""
    token_types: tuple[str, ...] = ("bearer",)
    token_scheme: str = "Bearer"
    token_extras: tuple[str, ...] = ()
    expects_refresh_token: bool = True

    dead_errors: tuple[str, ...] = ()
    denied_errors: tuple[str, ...] = ()

    api_hosts: tuple[str, ...] = ()

    revoke_url: str | None = None
    revoke_method: str = "POST"
    revoke_auth: Literal["client", "basic", "bearer", "none"] = "client"
    revoke_encoding: Literal["form", "json"] = "form"
    revoke_fields: Mapping[str, str] = {"refresh_token": "token", "access_token": "token"}
    revoke_gone: tuple[str, ...] = ("token_expired", "token_revoked")
    separate_grants: bool = False

    nickname_url: str | None = None
    nickname_method: str = "GET"
    nickname_headers: Mapping[str, str] = {"Accept": "application/json"}
    nickname_body: Mapping[str, Any] | None = None
    nickname_paths: tuple[str | tuple[str, str], ...] = ("email",)
    identity_url: str | None = None
    identity_paths: tuple[str, ...] = ("sub",)
