"""Whether the facts of a provider's class can work, checked before the browser opens. Pure. Promise F6."""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from gumauth.errors import ProviderCodeError
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.traits import ENDPOINTS
from gumauth.oauth2.urls import is_private
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider

REQUIRED = ("authorize_url", "token_url")
WITH_DEVICES = ("token_url",)
"""The facts that are required, and those of a service with a `device_url`, which may have no page for consent."""

FILLED = {"revoke_url": frozenset({"client_id"})}
"""The names in braces that an endpoint may hold: a request fills them in."""

ELSEWHERE = ("redirect_host", "redirect_ports", "redirect_path", "redirect_tls")
"""Facts that `gumauth.oauth2.traits` checks when the redirect URI is made of them."""


def check(resolved: ResolvedProvider, provider: object | None = None) -> None:
    """Stop at a provider that cannot work.

    Args:
        resolved: Holds the class.
        provider: An object of the class, which may have facts of its own; None to check the class alone.

    Raises:
        ProviderCodeError: A fact is missing or of a wrong kind.
    """
    wrong = faults(resolved.provider_class, provider)
    if wrong:
        raise ProviderCodeError(
            f"The facts of {resolved.name} cannot work: {'; '.join(wrong)}.",
            hint=f"Mend {'it' if len(wrong) == 1 else 'them'} in {one_line(resolved.origin, 500)}.",
        )


def faults(provider_class: type[Any], provider: object | None = None) -> list[str]:
    """The faults of a class's facts, each as a clause; none for a class that does not inherit from `Facts`."""
    if not issubclass(provider_class, Facts):
        return []
    kinds = _kinds()
    computed = {name for name in kinds if hasattr(getattr(provider_class, name, None), "__get__")}
    of: Any = provider_class if provider is None else provider
    values = {name: getattr(of, name, None) for name in kinds if name not in computed and name not in ELSEWHERE}
    may_come = provider is None and provider_class.__init__ is not Facts.__init__
    required = WITH_DEVICES if values.get("device_url", "computed") else REQUIRED
    missing = [] if may_come else [f"it has no `{name}`" for name in required if not values.get(name, "computed")]
    return [*missing, *_of_endpoints(values), *_of_resource(values.get("resource")), *_of_kinds(values, kinds)]


def _of_endpoints(values: Mapping[str, object]) -> Iterator[str]:
    for name in ENDPOINTS:
        value = values.get(name)
        if value and (fault := url_fault(value, FILLED.get(name, frozenset()))):
            yield f"`{name}` {fault}"


def url_fault(url: object, filled: frozenset[str] = frozenset()) -> str | None:
    """Why a value can be no endpoint, as a clause; None where it can.

    Args:
        url: The value.
        filled: The names in braces that it may hold.
    """
    if not isinstance(url, str):
        return f"is {_called(url)}, not a URL"
    if unfilled := set(re.findall(r"\{(\w*)\}", url)) - filled:
        return f"still has {{{min(unfilled)}}} in it"
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not url.isprintable() or " " in url:
        return f"({one_line(url, 100)}) is no URL"
    if not is_private(parts.scheme, parts.hostname or ""):
        return f"({one_line(url, 100)}) is not https, so nothing secret is sent there"
    if "@" in parts.netloc:
        return "carries a login"
    return "has a fragment (#), which is never sent" if parts.fragment else None


def _of_resource(value: object) -> Iterator[str]:
    """The fault of the resource that tokens are asked for: an absolute URI without a fragment. Source: RFC 8707 §2."""
    if value is None:
        return
    try:
        parts = urlsplit(value) if isinstance(value, str) and value.isprintable() and " " not in value else None
    except ValueError:
        parts = None
    if parts is None or not parts.scheme:
        yield f"`resource` ({one_line(str(value), 100)}) is no absolute URI"
    elif "#" in str(value):
        yield "`resource` has a fragment (#), which RFC 8707 forbids"


@functools.cache
def _kinds() -> dict[str, Any]:
    return typing.get_type_hints(Facts)


def _of_kinds(values: Mapping[str, object], kinds: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if value is not None and name not in ENDPOINTS and (fault := _of_kind(value, kinds[name])):
            yield f"`{name}` {fault}"


def _of_kind(value: object, kind: Any) -> str | None:
    """The fault of a value that is not of its kind; a text in place of a tuple is a forgotten comma."""
    options = _options(kind)
    if options and value not in options:
        return f"is {value!r:.60}, and can be {' or '.join(map(repr, options))}"
    origins = {typing.get_origin(each) or each for each in (kind, *typing.get_args(kind))}
    if typing.get_origin(kind) is tuple:
        if isinstance(value, tuple | list):
            return None
        shown = f"({value!r:.60},)" if isinstance(value, str | int) else "a tuple"
        return f"is {_called(value)}, not a tuple: write {shown}"
    if Mapping in origins and not isinstance(value, Mapping):
        return f"is {_called(value)}, not a dictionary"
    return f"is {_called(value)}, not a text" if kind is str and not isinstance(value, str) else None


def _options(kind: Any) -> tuple[object, ...]:
    """The possible values of a fact; empty where any value of its type is possible."""
    for each in (kind, *typing.get_args(kind)):
        if typing.get_origin(each) is Literal:
            return typing.get_args(each)
    return ()


def _called(value: object) -> str:
    return {"str": "a text", "int": "a number", "NoneType": "None"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
