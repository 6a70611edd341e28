"""What a provider says beyond the contract: each attribute, its default and its kind, in one table.

The contract (`gumauth.provider.AuthProvider`) requires a name and five methods. A provider may have any attribute of
`gumauth.oauth2.facts.Facts`, and methods of `OAuth2Provider`, whether its class inherits from these or not: a provider
file for Gumstack may have `api_hosts` alone. This module stands in oauth2/ because `error_of`, `own_hosts`, the
client and the command line read the same attributes. `gumauth.registry.facts_check` refuses facts that cannot work. In
a class without facts, a tuple, mapping or URL of a wrong kind counts as absent, any other value is taken as a text or
as true or false, and a redirect URI of a wrong kind is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from gumauth.errors import ProviderCodeError
from gumauth.oauth2.facts import Facts
from gumauth.platform.frozen import frozen
from gumauth.provider import AuthProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from gumauth.errors import ClientSecret
    from gumauth.oauth2.discovery.service import Service

    # fmt: off
    Method = Literal[
        "__init__", "client_id", "get_url", "exchange", "refresh", "get_nickname", "get_identity", "is_active",
        "revoke", "revoke_token", "push_request", "request_token", "authorize_device", "exchange_device",
        "warm",
    ]
    # fmt: on

T = TypeVar("T")

ENDPOINTS = (
    "authorize_url", "token_url", "refresh_url", "revoke_url", "nickname_url", "identity_url", "device_url",
    "device_token_url", "par_url", "upgrade_url",
)  # fmt: skip

OPENID = frozenset({"openid", "offline_access", "profile", "email", "address", "phone"})
"""The scopes of OpenID Connect: they are about a person. Source: OpenID Connect Core §3.1.2.1, §5.4 and §11."""

SEVERAL = (tuple, list, set, frozenset)


class _Trait(Generic[T]):
    """One attribute of a provider. Each access reads the attribute anew, because an object may compute or change it.

    Args:
        read: Turns whatever the provider has into a value of the attribute's kind.
        default: The value of a provider without the attribute; `Facts` stands for the default in `Facts`.
    """

    def __init__(self, read: Callable[[Any], T], default: object = Facts) -> None:
        self._read, self._default = read, default

    def __set_name__(self, _owner: type[Traits], name: str) -> None:
        self._name = name
        if self._default is Facts:
            self._default = getattr(Facts, name)

    def __get__(self, traits: Traits, _owner: type[Traits]) -> T:
        return self._read(getattr(traits.provider, self._name, self._default))


def _as_is(value: Any) -> Any:
    return value


def _service(value: Any) -> Service | None:
    return value  # type: ignore[no-any-return]


def _text(value: object) -> str:
    return str(value or "")


def _url(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> tuple[str, ...]:
    """The texts in a tuple, list or set. A single text counts as absent, not as a tuple of its letters."""
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, SEVERAL) else ()


def _names(value: object) -> tuple[str, ...]:
    """The names in a tuple or list; a set, which has no order, counts as absent."""
    return tuple(map(str, value)) if isinstance(value, tuple | list) else ()


def _hosts(value: object) -> tuple[str, ...]:
    """A single host, or the hosts in a tuple or list: a value of another kind lets no token out."""
    return (value,) if isinstance(value, str) else _texts(value) if isinstance(value, tuple | list) else ()


def _scopes(value: object) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, tuple | list) else None


def _mapping(value: object) -> Mapping[str, str]:
    return value if isinstance(value, Mapping) else {}


def _bool_or_none(value: object) -> bool | None:
    return None if value is None else bool(value)


def _redirect_text(value: object) -> str:
    return value if isinstance(value, str) else _refuse_redirect()


def _ports(value: object) -> tuple[int, ...]:
    is_right = isinstance(value, tuple | list) and all(isinstance(port, int) for port in value)
    return tuple(value) if is_right else _refuse_redirect()  # type: ignore[arg-type]


def _redirect_switch(value: object) -> bool:
    return value if isinstance(value, bool) else _refuse_redirect()


def _refuse_redirect() -> Any:
    raise ProviderCodeError(
        "`redirect_host` and `redirect_path` of a provider are texts, `redirect_ports` are numbers in a tuple, and"
        " `redirect_tls` is True or False.",
        hint="Mend them in the provider's file, as in `redirect_ports = (4862,)`.",
    )


@frozen
class Traits:
    """What a provider says of its service; the docstring of `Facts` describes the attributes.

    Args:
        provider: A provider's class or object.

    Raises:
        ProviderCodeError: One of the attributes of the redirect URI, when read, is of a wrong kind.
    """

    provider: object

    discovered = _Trait(_service, default=None)
    """What is known of a service that was connected by its address; None for every other provider."""

    title = _Trait(_text)
    kind = _Trait(_text)
    host = _Trait(_url)
    host_note = _Trait(_text)
    host_domain = _Trait(_text)
    tenant = _Trait(_url)
    tenant_note = _Trait(_text)
    mcp_url = _Trait(_url)
    token_variables = _Trait(_texts)
    unverified = _Trait(_texts)
    docs_url = _Trait(_text)
    register_url = _Trait(_text)
    register_note = _Trait(_text)
    register_redirect = _Trait(bool)

    scopes = _Trait(_scopes, default=None)
    """None where the provider decides its scopes itself."""

    scope_param = _Trait(str)
    scope_names = _Trait(_mapping)
    unechoed_scopes = _Trait(_texts)
    client_id_param = _Trait(str)
    issuer = _Trait(_as_is)
    issuer_required = _Trait(bool)
    response_mode = _Trait(_as_is)
    redirect_host = _Trait(_redirect_text)
    redirect_ports = _Trait(_ports)
    redirect_path = _Trait(_redirect_text)
    redirect_tls = _Trait(_redirect_switch)
    callback_extras = _Trait(_names)

    client_auth = _Trait(_as_is)
    public_client = _Trait(bool, default=True)
    token_scheme = _Trait(str)
    token_header = _Trait(str)
    token_extras = _Trait(_names)
    expects_refresh_token = _Trait(_bool_or_none, default=None)
    """None where the provider does not say."""

    dead_errors = _Trait(_texts)
    denied_errors = _Trait(_texts)
    api_hosts = _Trait(_hosts)
    git_hosts = _Trait(_hosts)
    git_username = _Trait(str, default="oauth2")
    separate_grants = _Trait(bool)

    authorize_url = _Trait(_url, default=None)
    token_url = _Trait(_url, default=None)
    refresh_url = _Trait(_url)
    former_token_urls = _Trait(_texts)
    device_url = _Trait(_url)
    device_token_url = _Trait(_url)
    device_public = _Trait(bool)
    par_url = _Trait(_url)
    upgrade_url = _Trait(_url)
    revoke_url = _Trait(_url)
    nickname_url = _Trait(_url)
    identity_url = _Trait(_url)

    @property
    def token_endpoint(self) -> str | None:
        """The URL that refresh tokens are sent to; None for a provider that keeps this to itself."""
        return self.refresh_url or self.token_url

    def takes_tokens_of(self, token_url: str | None) -> bool:
        """Whether tokens that were issued at this endpoint may be sent to the present one. Promises F12, D9."""
        return token_url in (None, self.token_endpoint, *self.former_token_urls)

    @property
    def client_scopes(self) -> tuple[str, ...]:
        """The scopes that a client asks for on its own behalf: those that need no person.

        Without `openid` the others of its scopes may mean anything, but for `offline_access`.
        """
        scopes = self.scopes or ()
        personal = OPENID if "openid" in scopes else {"offline_access"}
        return tuple(scope for scope in scopes if scope not in personal)

    @property
    def secret(self) -> ClientSecret:
        """Whether the provider says that its clients have a secret, may have one, or have none."""
        if self.client_auth == "none":
            return "none"
        return "optional" if self.public_client else "needed"

    @property
    def needs_secret(self) -> bool:
        """Whether the provider says that its client has a secret."""
        return self.secret == "needed"

    @property
    def knows_devices_alone(self) -> bool:
        """Whether the service has a device grant, and no page for consent, so that there is no redirect URI."""
        return self.device_url is not None and self.authorize_url is None and self.token_url is not None

    def has(self, method: Method) -> bool:
        """Whether the provider has a method that the contract does not require."""
        return callable(getattr(self.provider, method, None))

    @property
    def revokes(self) -> bool:
        """Whether a provider object's own `revoke` does anything: the contract's default only returns True."""
        method = getattr(type(self.provider), "revoke", None)
        return method is not None and not method.__qualname__.startswith(f"{AuthProvider.__name__}.")


def traits_of(provider: object) -> Traits:
    """What a provider's class or object says of its service."""
    return Traits(provider=provider)


UNKNOWN = traits_of(None)
"""The traits of a provider that says nothing: every attribute has its default."""
