"""The attributes that describe a service, with the usual case as their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

AuthMethod = Literal["body", "basic", "none"]
"""Client authentication: id and secret in the body or by HTTP Basic, or the id alone. Source: RFC 6749 §2.3."""

Kind = Literal["code", "cloud", "work", "documents", "mail", "customers", "money", "media", "people", "identity"]
"""A group of services."""

KINDS: dict[Kind, str] = {
    "code": "Code and its tools",
    "cloud": "Clouds and data",
    "work": "Projects and meetings",
    "documents": "Documents and design",
    "mail": "Mail, calendars, files",
    "customers": "Customers and support",
    "money": "Money and shops",
    "media": "Music, video, sport",
    "people": "Messages and networks",
    "identity": "Sign-in of your own",
}
"""A group of services → its heading, in the order in which they are shown."""


class Facts:
    """The facts of a service that follows the standard, as attributes.

    Where a service differs from the usual, an attribute says so; its default is the usual case.

    The service:
        name: As in `AuthProvider`; the client's id and secret are read from NAME_CLIENT_ID and NAME_CLIENT_SECRET.
        title: The name for people; empty for `name`.
        kind: The group of services, of `KINDS`, in which `gumauth providers` shows it; empty for none.
        host: What {host} stands for in the facts, unless `--host` says otherwise; None where everybody has a host of
            their own. "https://{host}/token" has it; `gumauth.registry.places` fills it in.
        host_note: What to give for `--host`: "the domain of your organization, such as acme.okta.com".
        host_domain: Added to a `--host` without a dot: with "okta.com", acme stands for acme.okta.com.
        tenant: What {tenant} stands for in the facts, unless `--tenant` says otherwise; None where everybody has one of
            their own.
        tenant_note: What to give for `--tenant`.
        mcp_url: The service's public MCP server, which can be connected by this address without an app.
        token_variables: The environment variables from which the service's own tools take a token.
        unverified: What of these facts could not be confirmed, a clause each, which is shown to whoever connects.
        docs_url: The page that describes the service's OAuth.
        register_url: The page where a person registers an app.
        register_note: Advice for that page, in sentences: which kind of client to make, what to tick, which field is
            missing.
        register_redirect: Whether that page has a field for the redirect URI.

    The authorization request:
        authorize_url: https; a query in it is kept. A service with a `device_url` may have none.
        scopes: The usual ones; an object may be given others.
        scope_separator: Between scopes.
        scope_param: The parameter that holds the scopes.
        scope_names: For scopes that the token response names differently: the requested name, and the other name.
        unechoed_scopes: Scopes that the token response never names; those of OpenID need not be listed.
        authorize_params: Further parameters.
        resource: The protected resource that tokens are for (RFC 8707), sent with every request that can bring tokens;
            None where the service has none.
        par_url: Where the request is pushed to first (RFC 9126), so that the browser gets only a reference; None where
            the request stands in the URL.
        client_id_param: The parameter that holds the client's id, here and in token requests.
        nonce: Whether a fresh `nonce` goes with every request; the id_token has to hold it then.
        pkce: False only where the service is known to fail with PKCE.
        challenge_encoding: Of the challenge's hash: "base64url" (RFC 7636), or "hex".
        issuer: The callback's `iss` (RFC 9207); None where the issuer is not known.
        issuer_required: Whether a callback without `iss` is refused.
        response_mode: "form_post" asks for a callback that the browser posts as a form, "query" for one in the address.
            None asks for neither, and takes the address.
        redirect_host: "localhost" or "127.0.0.1", as the service requires.
        redirect_ports: Tried in turn; empty where the service takes any port.
        redirect_path: Of the callback.
        redirect_tls: Whether the service refuses http also for loopback, so that the callback is https.
        callback_extras: Parameters of the callback that calls need beside the token; `gumauth token --json` shows them.

    Token requests:
        token_url: https.
        former_token_urls: Token endpoints that the service had before; their refresh tokens go to the present one.
        device_url: The device authorization endpoint (RFC 8628); None where the service has no device grant.
        device_token_url: Where a device code is traded for tokens; None for the `token_url`.
        device_scope_param: The parameter that holds the scopes of a device, in the request for a code and in its polls;
            None where the request alone has them, in `scope_param`.
        device_public: Whether the device grant wants the client's id alone, also where other requests want a secret; a
            refresh sends the secret where there is one.
        refresh_url: For refresh tokens; None for the `token_url`.
        client_auth: The method of client authentication: "body", "basic", or "none" for the id alone.
        public_client: Whether a client without a secret works.
        basic_raw: Whether Basic holds id and secret as they are, not form-encoded.
        basic_empty_secret: Whether a client without a secret uses Basic with an empty secret.
        client_id_in_body: Whether the body holds the client's id beside Basic.
        token_encoding: Of the body: "form" or "json".
        token_headers: Of the request.
        token_params: Further members of the request for a code, and of a client's request on its own behalf.
        refresh_params: Further members of the request for a refresh token.
        tokens_path: Dotted path of the object with the tokens in the response; empty for the whole response.
        token_types: In lower case, the types that are presented with `token_scheme`.
        token_scheme: The word before the token in an Authorization header.
        assumed_lifetime: Seconds that an access token lives where the response has no end of it; None where such a
            token does not end.
        token_extras: Dotted paths of values in the response that calls need beside the token; `gumauth token --json`
            shows them.
        upgrade_url: Where a code's access token is traded for one that lives longer, by GET; None where none is.
        upgrade_params: The query of that request; may hold {access_token}, {client_id} and {client_secret}.
        expects_refresh_token: Whether a refresh token comes; if none does, the person is told when connecting.

    Error responses, in any case of letters, beside the usual words:
        dead_errors: For a dead grant, so that the account has to be connected again: error codes, or parts of the
            reason. No word that the service uses for anything else too.
        denied_errors: For a person's refusal: error codes.
        device_pending: For a person who has not entered a device's code yet: error codes, or whole reasons.

    Using the token:
        token_header: The header that carries the token: `token_scheme` stands before it in "Authorization" alone.
        api_hosts: The hosts of the API that take the access token, beside those of the endpoints and the hosts below
            that of `nickname_url`; ".example.com" stands for example.com and all hosts below it. `gumauth.Auth` sends
            the token to no others.
        git_hosts: The hosts of its git repositories, over https, that take the access token as a password. An entry
            stands for the usual port alone, or for its own port ("git.example.com:8443"); ".example.com" stands for
            all hosts below example.com too. Plain http is for loopback alone, in so many words:
            "http://localhost:8080".
        git_username: The user name that goes with it, where the person's URL names none.

    Ending a grant:
        revoke_url: None where the service cannot revoke; may hold {client_id}.
        revoke_method: Of HTTP.
        revoke_auth: "client" for `client_auth`, "basic", "bearer" for the token itself, or "none".
        revoke_encoding: Of the body: "form" or "json".
        revoke_fields: The body's member for each kind of token that can be revoked; empty for no member.
        revoke_headers: Further headers; may hold {client_id} and {client_secret}.
        revoke_params: Further members of the body; may hold {client_id} and {client_secret}.
        revoke_gone: Error codes of a revocation that say that the token was dead already. After any other error,
            `nickname_url` is asked with the token.
        separate_grants: Whether every connect gives a grant of its own, so that ending an older grant leaves newer
            grants alive. True only where that is proved: many services keep one grant for a person and an app.

    The account:
        nickname_url: Asked with the access token; None where there is no such URL.
        nickname_method: Of HTTP.
        nickname_headers: Besides the token's; may hold {client_id}.
        nickname_body: Sent as JSON.
        nickname_paths: Dotted paths in the response, tried in turn; two paths in a tuple make a nickname of two fields,
            "ada@example.com at acme".
        identity_url: Asked for the identity; None where the response of `nickname_url` holds it.
        identity_paths: Dotted paths of values that, taken together, never change and that no two accounts share: the
            person's id, and the workspace's where an account is a person in a workspace. ("sub",) is also read from an
            id_token; where a value is missing in the response, the nickname replaces the identity.
    """

    title: ClassVar[str] = ""
    kind: ClassVar[Kind | Literal[""]] = ""
    host: ClassVar[str | None] = None
    host_note: ClassVar[str] = ""
    host_domain: ClassVar[str] = ""
    tenant: ClassVar[str | None] = None
    tenant_note: ClassVar[str] = ""
    mcp_url: ClassVar[str | None] = None
    token_variables: ClassVar[tuple[str, ...]] = ()
    unverified: ClassVar[tuple[str, ...]] = ()
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
    resource: str | None = None
    par_url: str | None = None
    client_id_param: str = "client_id"
    nonce: bool = False
    pkce: bool = True
    challenge_encoding: Literal["base64url", "hex"] = "base64url"
    issuer: str | None = None
    issuer_required: bool = False
    response_mode: Literal["query", "form_post"] | None = None
    redirect_host: str = "localhost"
    redirect_ports: tuple[int, ...] = (4862,)
    redirect_path: str = "/callback"
    redirect_tls: bool = False
    callback_extras: tuple[str, ...] = ()

    token_url: str
    former_token_urls: tuple[str, ...] = ()
    device_url: str | None = None
    device_token_url: str | None = None
    device_scope_param: str | None = None
    device_public: bool = False
    refresh_url: str | None = None
    client_auth: AuthMethod = "body"
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
    assumed_lifetime: int | None = None
    token_extras: tuple[str, ...] = ()
    upgrade_url: str | None = None
    upgrade_params: Mapping[str, str] = {}
    expects_refresh_token: bool = True

    dead_errors: tuple[str, ...] = ()
    denied_errors: tuple[str, ...] = ()
    device_pending: tuple[str, ...] = ()

    token_header: str = "Authorization"
    api_hosts: tuple[str, ...] = ()
    git_hosts: tuple[str, ...] = ()
    git_username: str = "oauth2"

    revoke_url: str | None = None
    revoke_method: str = "POST"
    revoke_auth: Literal["client", "basic", "bearer", "none"] = "client"
    revoke_encoding: Literal["form", "json"] = "form"
    revoke_fields: Mapping[str, str] = {"refresh_token": "token", "access_token": "token"}
    revoke_headers: Mapping[str, str] = {}
    revoke_params: Mapping[str, str] = {}
    revoke_gone: tuple[str, ...] = ("token_expired", "token_revoked")
    separate_grants: bool = False

    nickname_url: str | None = None
    nickname_method: str = "GET"
    nickname_headers: Mapping[str, str] = {"Accept": "application/json"}
    nickname_body: Mapping[str, Any] | None = None
    nickname_paths: tuple[str | tuple[str, str], ...] = ("email",)
    identity_url: str | None = None
    identity_paths: tuple[str, ...] = ("sub",)
