"""A service at a host or tenant of somebody's own: the class of its facts, with both filled in.

A fact holds {host} and {tenant} where they belong: "https://{host}/oauth/{tenant}/token". The facts `host` and `tenant`
are the usual ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gumauth.oauth2.facts import Facts

PLACES = ("host", "tenant")


def wanted(provider_class: type[Any]) -> tuple[str, ...]:
    """Which of host and tenant stand in the facts of a class."""
    values = [getattr(provider_class, name, None) for name in Facts.__annotations__]
    return tuple(place for place in PLACES if any(_holds(value, f"{{{place}}}") for value in values))


def lacking(provider_class: type[Any]) -> tuple[str, ...]:
    """Which of host and tenant a person has to say, because there is no usual one."""
    return tuple(place for place in wanted(provider_class) if not getattr(provider_class, place, None))


def at(provider_class: type[Any], *, host: str | None = None, tenant: str | None = None) -> type[Any]:
    """The class with its facts for a host and a tenant; the class itself where it has neither.

    Args:
        provider_class: With names in braces in its facts.
        host: Such as "git.example.com" or "git.example.com:8443"; None for the usual one.
        tenant: None for the usual one.
    """
    usual = {"host": host or provider_class.host, "tenant": tenant or provider_class.tenant}
    values = {place: value for place, value in usual.items() if value}
    facts = {name: getattr(provider_class, name, None) for name in Facts.__annotations__}
    filled = {name: _filled(value, values) for name, value in facts.items()}
    changed = {name: value for name, value in filled.items() if value != facts[name]}
    if not changed:
        return provider_class
    own = {**changed, **values, "__module__": provider_class.__module__, "__doc__": provider_class.__doc__}
    return type(provider_class.__name__, (provider_class,), own)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """A fact with the values in place of their names, also in the texts inside of it."""
    if isinstance(value, str):
        for place, text in values.items():
            value = value.replace(f"{{{place}}}", text)
        return value
    if isinstance(value, tuple | list):
        return tuple(_filled(each, values) for each in value)
    if isinstance(value, Mapping):
        return {key: _filled(each, values) for key, each in value.items()}
    return value


def _holds(value: Any, name: str) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(each, name) for each in value.values())
    return any(_holds(each, name) for each in value) if isinstance(value, tuple | list) else name in str(value)
