"""Token responses of endpoints and of provider files, read tolerantly and checked. Pure. Source: RFC 6749 §5."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from gumauth.errors import ProviderCodeError, TokenEndpointError
from gumauth.oauth2 import token_lifetime
from gumauth.oauth2.access_token import BEARER
from gumauth.oauth2.error_members import members_of
from gumauth.oauth2.error_response import error_of, is_error_response
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.response import Response, at
from gumauth.oauth2.traits import traits_of
from gumauth.platform.text import one_line, short, without_secrets
from gumauth.provider import TokenResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    TokenFault = Literal["missing", "not text", "longer than 1 MiB", "not printable ASCII"]

MOST_SCOPES = 2000
"""Scopes of an account that are kept; no service has as many, and every account's file holds the list."""

LONGEST_EXTRA = 2000
"""Characters of a value that calls need beside the token."""

LONGEST_TOKEN = 1 << 20
"""Characters of a token: as many as a whole response may have."""

MEMBERS = (
    *("access_token", "refresh_token", "expires_in", "expires_at", "expires", "token_type", "scope"),
    *("refresh_token_expires_in", "refresh_token_expires_at", "id_token"),
)
"""The attributes that are read of an object that a provider's method returned."""

REFRESH_LIVES = ("refresh_token_", "refresh_", "x_refresh_token_")
"""Prefixes of `expires_in` for the refresh token: of GitHub and LinkedIn; of Keycloak and TikTok; of Intuit."""


@dataclass
class ParsedTokens(TokenResponse):
    """A token response, with members beyond the public ones.

    Args:
        expires_at: The end of the access token in seconds since 1970, where the provider gives a time.
        refresh_token_expires_in: Seconds from now that the refresh token lives, where the provider says.
        refresh_token_expires_at: The end of the refresh token in seconds since 1970, where the provider says.
        extras: Values that calls need beside the token; perhaps secret.
        warnings: Sentences about odd members.
        id_token: Secret.
    """

    expires_at: float | None = None
    refresh_token_expires_in: int | None = None
    refresh_token_expires_at: float | None = None
    extras: dict[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()
    id_token: object = field(default=None, repr=False)


def parse(response: Response, facts: Facts, *, speaker: str, secrets: Collection[str] = ()) -> ParsedTokens:
    """The tokens in a token response. Promise F9.

    Args:
        response: The token endpoint's.
        facts: How the service differs: `tokens_path`, `token_types`, `token_scheme`, `assumed_lifetime`,
            `token_extras`, its errors.
        speaker: The endpoint, to begin a sentence with: "Linear's token endpoint".
        secrets: The code or tokens that were sent, which an error does not repeat.

    Raises:
        InvalidGrant: The code or refresh token is dead.
        Temporary: The server is in trouble, or a captive portal answered.
        TokenEndpointError: An error response, or no token response.

    Source: RFC 6749 §5.1, and the ways in which services differ from it.
    """
    fields = response.fields(facts.tokens_path) or response.fields()
    fault = token_fault(fields.get("access_token"))
    # WeChat and Feishu send errors with status 200 and without a member `error`.
    if is_error_response(response) or (fault == "missing" and members_of(response).reason):
        raise error_of(response, speaker=speaker, secrets=secrets, traits=traits_of(facts))
    if fault:
        raise TokenEndpointError(f"{speaker} gave no access token: it is {fault}.")
    presented = dict.fromkeys(facts.token_types, facts.token_scheme)
    tokens = _read(fields, secrets, presented)
    if str(fields.get("token_type") or "bearer").lower() not in presented:
        raise TokenEndpointError(
            f"{speaker} gave a token of the type {short(tokens.token_type, ())}, which is not a bearer token."
        )
    tokens.token_type = facts.token_scheme
    if tokens.expires_in is None and tokens.expires_at is None:
        tokens.expires_in = facts.assumed_lifetime
    data = response.data()
    tokens.extras = printable_extras({path: at(data, path) for path in facts.token_extras})
    return tokens


def checked(
    response: object, *, method: str, source: str, now: float, secrets: Collection[str] = (), scheme: str = "Bearer"
) -> tuple[ParsedTokens, list[str]]:
    """The tokens that a provider's method returned, and sentences about odd members. Promises F9, P4.

    Args:
        response: A TokenResponse of gumauth or of Gumstack, or any object with the same attributes.
        method: "exchange" or "refresh".
        source: The provider's: a file, "built-in", a distribution.
        now: Seconds since 1970 in UTC, when the tokens were asked for: `expires_in` counts from there.
        secrets: The method's arguments, which no public member may repeat.
        scheme: The provider's word before the token.

    Raises:
        ProviderCodeError: `response` has no `access_token`, or an unusable one.
    """
    fields = {name: _attribute(response, name) for name in MEMBERS}
    if fields["access_token"] is ABSENT:
        kind = "nothing" if response is None else f"a {type(response).__name__}"
        raise ProviderCodeError(
            f"`{method}` of {source} returned {kind} instead of a TokenResponse.",
            hint="It should return `gumauth.TokenResponse(access_token=…)`, with what else the provider gave.",
        )
    fields = {name: None if value is ABSENT else value for name, value in fields.items()}
    if fault := token_fault(fields["access_token"]):
        raise ProviderCodeError(f"`{method}` of {source} returned an access token that is {fault}.")
    tokens = _read(fields, secrets, {**dict.fromkeys(BEARER, "Bearer"), scheme.lower(): scheme})
    tokens.expires_in, odd = token_lifetime.settle(tokens.expires_in, tokens.expires_at, now)
    left, _ = token_lifetime.settle(tokens.refresh_token_expires_in, tokens.refresh_token_expires_at, now)
    tokens.refresh_token_expires_at = None if left is None else now + left
    own = [tokens.access_token, tokens.refresh_token or "", one_line(tokens.id_token, LONGEST_TOKEN)]
    tokens.extras = printable_extras(_attribute(response, "extras"), [*secrets, *own])
    before = response.warnings if isinstance(response, ParsedTokens) else ()
    return tokens, [*before, *tokens.warnings, *([odd] if odd else [])]


def printable_extras(values: object, secrets: Collection[str] = ()) -> dict[str, str]:
    """The values beside the token that can be kept and printed, by name: short printable texts and whole numbers.

    Args:
        values: A mapping, as the provider sent it.
        secrets: The code and the tokens, which are left out whatever the facts name.

    Source: Salesforce's `instance_url` and Pipedrive's `api_domain` in the token response, Intuit's `realmId` in the
        callback.
    """
    if not isinstance(values, dict):
        return {}
    texts = {name: _printable(value) for name, value in values.items() if isinstance(name, str) and name.isprintable()}
    return {name: text for name, text in texts.items() if text is not None and text not in secrets}


def _printable(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and abs(value) >= 10**LONGEST_EXTRA:
        return None
    text = str(value)
    return text if 0 < len(text) <= LONGEST_EXTRA and text.isprintable() else None


ABSENT = object()


def _attribute(response: object, name: str) -> Any:
    """An attribute of a foreign object; None where reading the attribute raises an error."""
    try:
        return getattr(response, name, ABSENT)
    except Exception:  # noqa: BLE001 - foreign
        return None


def scopes_of(scope: str | None) -> tuple[str, ...]:
    """The scopes in a `scope` member: separated by spaces, or by commas as GitHub does; each in printable text."""
    words = (one_line(word) for word in islice((scope or "").replace(",", " ").split(), MOST_SCOPES))
    return tuple(dict.fromkeys(word for word in words if word))


def token_fault(token: object) -> TokenFault | None:
    """Why a value is no token that a header can carry, in words; None where it is one.

    Source: RFC 6749 appendix A.12: printable ASCII.
    """
    if token is None or token == "":
        return "missing"
    if not isinstance(token, str):
        return "not text"
    if len(token) > LONGEST_TOKEN:
        return "longer than 1 MiB"
    return None if token.isascii() and token.isprintable() else "not printable ASCII"


def _read(fields: dict[str, Any], secrets: Collection[str], presented: Mapping[str, str]) -> ParsedTokens:
    """The tokens; the other members repeat neither the tokens nor the secrets that were sent."""
    own = [fields.get(name) for name in ("access_token", "refresh_token", "id_token")]
    secrets = [*secrets, *(token for token in own if isinstance(token, str))]
    life = token_lifetime.read(fields, secrets)
    refresh_life = token_lifetime.read_any(fields, REFRESH_LIVES)
    token_type, odd_type = _token_type(fields.get("token_type"), secrets, presented)
    refresh_token, odd_refresh = _refresh_token(fields.get("refresh_token"))
    scope, odd_scope = _scope(fields.get("scope"), secrets)
    return ParsedTokens(
        access_token=fields["access_token"],
        refresh_token=refresh_token,
        expires_in=life.seconds,
        expires_at=life.instant,
        refresh_token_expires_in=refresh_life.seconds,
        refresh_token_expires_at=refresh_life.instant,
        token_type=token_type,
        scope=scope,
        id_token=fields.get("id_token") or None,  # Mattermost sends an empty one
        warnings=tuple(odd for odd in (life.odd, odd_type, odd_refresh, odd_scope) if odd),
    )


def _token_type(value: object, secrets: Collection[str], presented: Mapping[str, str]) -> tuple[str, str | None]:
    """The word before the token, "Bearer" in the spelling of RFC 6750, and a sentence where it is an unknown one."""
    if value is None or value == "":
        return "Bearer", None
    if isinstance(value, str) and (known := presented.get(value.lower())) is not None:
        return known, None
    shown = one_line(without_secrets(one_line(value), secrets), 40)
    return shown, f"The provider calls the token's type {short(value, secrets)}, not Bearer."


def _refresh_token(value: object) -> tuple[str | None, str | None]:
    fault = token_fault(value)
    if fault is None:
        return str(value), None
    return None, None if fault == "missing" else f"The refresh token is {fault} and was not kept."


def _scope(value: object, secrets: Collection[str]) -> tuple[str | None, str | None]:
    """The scopes without secrets, which the account's list would show, and a sentence where there was a secret."""
    if isinstance(value, list | tuple):  # Twitch; Linear for old applications
        value = " ".join(word for word in value if isinstance(word, str))
    if not isinstance(value, str):
        return None, None
    scopes = scopes_of(value)
    shown = without_secrets("\n".join(scopes), secrets).split("\n")
    harmless = [scope for scope, left in zip(scopes, shown, strict=False) if scope == left]
    odd = "The provider repeats a secret among the scopes; it was left out." if len(harmless) < len(scopes) else None
    return " ".join(harmless) or None, odd
