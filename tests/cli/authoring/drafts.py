"""Drafts for tests: of built-in services, of a service with an address, and of answers."""

from __future__ import annotations

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.origins import of_class, of_service
from gumauth.oauth2.discovery.service import Service
from gumauth.registry import lookup
from gumauth.registry.places import at, lacking

HABITS = ("github", "keycloak", "microsoft", "notion", "reddit", "shopify", "slack", "tiktok", "x")
"""Built-in services that differ from one another in what is written for them."""


def built_in(service: str, name: str | None = None) -> Draft:
    """The draft of a built-in service at its usual place, or at acme's."""
    provider = lookup.built_in(service).provider_class
    places = lacking(provider)
    host, tenant = ("acme.example.com" if "host" in places else None), ("acme" if "tenant" in places else None)
    return of_class(name or service, at(provider, host=host, tenant=tenant))


def mcp_server(name: str = "notes", *, tells_names: bool = True) -> Draft:
    """The draft of an MCP server whose issuer has everything, but perhaps no userinfo."""
    return of_service(
        name,
        Service(
            name=name,
            url="https://mcp.notes.example/mcp",
            resource="https://mcp.notes.example/mcp",
            resource_name="Notes",
            has_resource=True,
            issuer="https://login.notes.example",
            authorize_url="https://login.notes.example/authorize?tenant=acme",
            token_url="https://login.notes.example/token",
            revoke_url="https://login.notes.example/revoke",
            userinfo_url="https://login.notes.example/userinfo" if tells_names else None,
            scopes=("openid", "offline_access", "notes:read"),
            auth_methods=("client_secret_basic", "none"),
            grant_types=("authorization_code", "refresh_token"),
            sends_issuer=True,
            documentation="https://notes.example/docs",
        ),
    )


def answered(name: str = "my-tool") -> Draft:
    """The draft of somebody's answers."""
    facts = {
        "authorize_url": "https://tool.example/oauth/authorize",
        "token_url": "https://tool.example/oauth/token",
        "scopes": ("read", "write"),
        "nickname_url": "https://tool.example/api/me",
        "nickname_paths": ("data.user.email", "data.user.login"),
    }
    return Draft(name=name, facts=facts, about=name)
