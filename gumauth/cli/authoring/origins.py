"""Drafts of what is known already: a provider's class of facts, or a service that was discovered. Pure."""

from __future__ import annotations

import inspect
import re
from typing import Any
from urllib.parse import urlsplit

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.literals import text_literal
from gumauth.errors import ProviderCodeError, UsageError
from gumauth.oauth2.discovered import DiscoveredProvider
from gumauth.oauth2.discovery.choices import auth_method
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.provider import OAuth2Provider
from gumauth.platform.text import one_line
from gumauth.registry import facts_check

OF_PLACES = ("host", "host_note", "host_domain", "tenant", "tenant_note")
"""Facts about places that a service may have; a file is for one place."""

USERINFO_NAMES = DiscoveredProvider.nickname_paths
"""Where the nickname stands in a response from userinfo. Source: OpenID Connect Core §5.1."""

OPENID = "openid"


def of_class(name: str, provider_class: type[Any]) -> Draft:
    """The draft with the facts of a provider's class.

    Args:
        name: Of the new provider.
        provider_class: Without names in braces in its facts.

    Raises:
        UsageError: The class is no class of facts, or has code of its own, which facts do not say.
    """
    if not issubclass(provider_class, OAuth2Provider) or _own_code(provider_class):
        raise UsageError(
            f"{one_line(provider_class.__name__)} has code of its own, which cannot be written as facts.",
            hint="Give --from an address, or a service that `gumauth providers` lists as built-in.",
        )
    usual = {fact: getattr(Facts, fact, None) for fact in Facts.__annotations__ if fact not in OF_PLACES}
    values = {fact: getattr(provider_class, fact, None) for fact in usual}
    doc = inspect.cleandoc(provider_class.__doc__ or "")
    return checked(
        Draft(
            name=name,
            facts={fact: value for fact, value in values.items() if value is not None and value != usual[fact]},
            about=re.split(r"\. |\.?\n|\.$", doc)[0],
            pages=tuple(re.findall(r"https://[^\s,]+[^\s,.]", doc)),
        )
    )


def _own_code(provider_class: type[Any]) -> bool:
    """Whether a class, or one between it and `OAuth2Provider`, has more than facts."""
    own = provider_class.__mro__[: provider_class.__mro__.index(OAuth2Provider)]
    names = {name for each in own for name in vars(each) if not name.startswith("__")}
    return not names <= {"name", "_abc_impl", *Facts.__annotations__} or any("__init__" in vars(each) for each in own)


def of_service(name: str, service: Service) -> Draft:
    """The draft of a service that was discovered at its address.

    Args:
        name: Of the new provider.
        service: What its address told.

    Raises:
        ProviderCodeError: What it told cannot work.
    """
    # Userinfo answers no token without that scope, which not every server knows: OpenID Connect Core §5.3.
    has_userinfo = service.userinfo_url is not None and OPENID in service.scopes
    facts: dict[str, Any] = {
        "title": one_line(service.resource_name, 80),
        "docs_url": service.documentation,
        "mcp_url": service.url if service.has_resource else None,
        "authorize_url": service.authorize_url,
        "token_url": service.token_url,
        "device_url": service.device_url,
        "par_url": service.par_url,
        "scopes": service.scopes,
        "authorize_params": {"prompt": "consent"} if {OPENID, "offline_access"} <= {*service.scopes} else {},
        "resource": service.resource,
        "issuer": service.issuer,
        "issuer_required": service.sends_issuer,
        "client_auth": auth_method(service.auth_methods or None, has_secret=True) or "body",
        "public_client": not service.auth_methods or "none" in service.auth_methods,
        "expects_refresh_token": not service.grant_types or "refresh_token" in service.grant_types,
        "api_hosts": (urlsplit(service.url).hostname or "",) if service.has_resource else (),
        "revoke_url": service.revoke_url,
        "nickname_url": service.userinfo_url if has_userinfo else None,
        "nickname_paths": USERINFO_NAMES if has_userinfo else Facts.nickname_paths,
    }
    return checked(
        Draft(
            name=name,
            facts={fact: value for fact, value in facts.items() if value and value != getattr(Facts, fact, None)}
            | ({} if facts["expects_refresh_token"] else {"expects_refresh_token": False}),
            about=service.resource_name or name,
            pages=tuple(page for page in (service.documentation, service.url) if page),
            notes=() if has_userinfo else (_without_nickname(service),),
        )
    )


NO_NICKNAME = (
    "Nothing tells whose account a token is for: set `nickname_url` and `nickname_paths` if the service has an address"
    " for that."
)


def _without_nickname(service: Service) -> str:
    if service.userinfo_url is None:
        return NO_NICKNAME
    return (
        "Nothing tells whose account a token is for, unless the service knows the scope `openid`: then add it to"
        f" `scopes`, and `nickname_url = {text_literal(one_line(service.userinfo_url, 300))}`."
    )


def checked(draft: Draft) -> Draft:
    """The same draft.

    Raises:
        ProviderCodeError: Its facts cannot work.
    """
    wrong = facts_check.faults(type("Drafted", (OAuth2Provider,), {"name": draft.name, **draft.facts}))
    if wrong:
        raise ProviderCodeError(
            f"The facts of {draft.name} cannot work: {one_line('; '.join(wrong), 400)}.",
            hint=f"Run `gumauth new {draft.name}` on a terminal, which asks for each.",
        )
    return draft
