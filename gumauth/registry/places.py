"""A service at a host or tenant of somebody's own: the class of its facts, with both filled in.

A fact holds {host} and {tenant} where they belong: "https://{host}/oauth/{tenant}/token". The facts `host` and `tenant`
are the usual ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gumauth.oauth2.facts import Facts
from gumauth.registry.variant import PLAIN, Variant

PLACES = ("host", "tenant")


def wanted(provider_class: type[Any]) -> tuple[str, ...]:
    """Which of host and tenant stand in the facts of a class."""
    values = [getattr(provider_class, name, None) for name in Facts.__annotations__]
    return tuple(place for place in PLACES if any(_holds(value, f"{{{place}}}") for value in values))


def lacking(provider_class: type[Any]) -> tuple[str, ...]:
    """Which of host and tenant a person has to say, because there is no usual one."""
    return tuple(place for place in wanted(provider_class) if not getattr(provider_class, place, None))


def at(
    provider_class: type[Any], *, host: str | None = None, tenant: str | None = None, name: str | None = None
) -> type[Any]:
    """The class with its facts for a host and a tenant; the class itself where nothing of it changes.

    Args:
        provider_class: With names in braces in its facts.
        host: Such as "git.example.com:8443", or "http://localhost:3000" for a service on this machine without TLS; None
            for the usual one.
        tenant: None for the usual one.
        name: The provider's name, where it is not the service's own.
    """
    host, tenant = host or provider_class.host, tenant or provider_class.tenant
    facts: dict[str, Any] = {fact: getattr(provider_class, fact, None) for fact in Facts.__annotations__}
    filled = {fact: _filled(value, _texts(fact, host, tenant)) for fact, value in facts.items()}
    if host and host != provider_class.host:
        filled |= {fact: _of_host(facts[fact], filled[fact], host) for fact in ("api_hosts", "git_hosts")}
    own = {fact: value for fact, value in filled.items() if value != facts[fact]}
    if name is not None and name != provider_class.name:
        own["name"] = name
    if not own:
        return provider_class
    places = {"host": host and host.removeprefix(PLAIN), "tenant": tenant}
    said = {"__module__": provider_class.__module__, "__doc__": provider_class.__doc__}
    return type(provider_class.__name__, (provider_class,), {**own, **places, **said})


def simplest(variant: Variant, provider_class: type[Any]) -> Variant:
    """The variant without what is the usual case: two ways to write one place are one source.

    Args:
        variant: As typed.
        provider_class: With names in braces in its facts.
    """
    name = None if variant.name == name_of(variant, provider_class) else variant.name
    host = None if variant.host == provider_class.host else variant.host
    tenant = None if variant.tenant == provider_class.tenant else variant.tenant
    if name is not None and host is None and tenant is None:
        return variant  # the usual place under another name is written with its place
    return Variant(service=variant.service, host=host, tenant=tenant, name=name)


def name_of(variant: Variant, provider_class: type[Any]) -> str | None:
    """The name of the provider at a place, as services that are found by their address are named: the host.

    A tenant belongs to the name where there is no usual one. None where all this makes no name.

    Args:
        variant: The place; the name in it is not looked at.
        provider_class: With names in braces in its facts.
    """
    from gumauth.accounts.account import is_name
    from gumauth.oauth2.discovery import addresses

    name: str | None = variant.service
    if variant.host not in (None, provider_class.host):
        name = addresses.name_of(url_of(variant.host or ""))
    if name is not None and variant.tenant is not None and provider_class.tenant is None:
        name = f"{name}.{variant.tenant.lower()}"
    return name if is_name(name) and not str(name).endswith(".py") else None


def client_place(variant: Variant, provider_class: type[Any]) -> str | None:
    """The words of the place at which alone the client credentials of a name are used; None for the usual place.

    A tenant belongs to it where there is no usual one.
    """
    name = variant.name or name_of(variant, provider_class)
    if name == variant.service:
        return None
    tenant = variant.tenant if provider_class.tenant is None else None
    return Variant(service=variant.service, host=variant.host, tenant=tenant).source


def has_usual_name(variant: Variant, provider_class: type[Any]) -> bool:
    """Whether a place has its service's own name by right: the client of that name is used there."""
    is_usual_host = variant.host in (None, provider_class.host)
    is_usual_tenant = variant.tenant is None or provider_class.tenant is not None
    return variant.name == variant.service and is_usual_host and is_usual_tenant


def is_trusted(host: str, provider_class: type[Any]) -> bool:
    """Whether tokens may go to a host of somebody's own: to any that issues them, else to the service's own alone.

    Args:
        host: As `gumauth.registry.variant.read_host` gives it.
        provider_class: With names in braces in its facts.
    """
    from gumauth.oauth2.http.destination import is_among, written

    usual = provider_class.host
    if usual is None or "{host}" in provider_class.token_url:
        return True
    domain = ".".join(usual.split(".")[-2:])
    return is_among(_name_in(host), [f".{domain}", *map(written, provider_class.api_hosts)])


def url_of(host: str) -> str:
    """The URL of a host as `gumauth.registry.variant.read_host` gives it."""
    return host if host.startswith(PLAIN) else f"https://{host}"


def _texts(fact: str, host: str | None, tenant: str | None) -> dict[str, str]:
    """What stands for each name in braces in a fact: in URLs, in hosts of git, and in hosts of an API."""
    texts = {"{tenant}": tenant} if tenant else {}
    if not host:
        return texts
    authority = host.removeprefix(PLAIN)
    if fact == "git_hosts":
        return {"{host}": host, **texts}
    if fact == "api_hosts":
        return {"{host}": _name_in(host), **texts}
    return {"https://{host}": url_of(host), "{host}": authority, **texts}


def _name_in(host: str) -> str:
    """The host without its port."""
    from gumauth.oauth2.discovery.addresses import parse

    return parse(url_of(host)).host


def _of_host(facts: tuple[str, ...], filled: tuple[str, ...], host: str) -> tuple[str, ...]:
    """The hosts that take the tokens of a host of somebody's own: not those of the usual one. Promise S7.

    Args:
        facts: Hosts, with names in braces.
        filled: The same with the host in place.
        host: Another than the usual one; what it is itself below is for it too.
    """
    from gumauth.oauth2.http.destination import is_among, written

    name = _name_in(host)
    pairs = zip(facts, filled, strict=True)
    return tuple(entry for fact, entry in pairs if "{host}" in fact or is_among(name, [written(entry)]))


def _filled(value: Any, texts: Mapping[str, str]) -> Any:
    """A fact with the texts in place of their names, also in what is inside of it."""
    if isinstance(value, str):
        for name, text in texts.items():
            value = value.replace(name, text)
        return value
    if isinstance(value, tuple | list):
        return tuple(_filled(each, texts) for each in value)
    if isinstance(value, Mapping):
        return {key: _filled(each, texts) for key, each in value.items()}
    return value


def _holds(value: Any, name: str) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(each, name) for each in value.values())
    return any(_holds(each, name) for each in value) if isinstance(value, tuple | list) else name in str(value)
