"""`gumauth providers https://…`: what an address would connect, asked there, without connecting it."""

from __future__ import annotations

from gumauth.cli.setup_instructions import print_row
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.connect.authorization_code import redirect_of
from gumauth.client.context import Context
from gumauth.client.discovery.find import Wishes, find
from gumauth.client.discovery.resolve import resolved
from gumauth.client.discovery.service_client import ServiceClient
from gumauth.client.registered_clients import is_noted
from gumauth.oauth2.discovery.service import Service

CLIENTS: dict[str | None, str] = {
    "prepared": "yours, which the environment or `gumauth setup` holds",
    "document": "the client metadata document that GUMAUTH_CLIENT_METADATA_URL names",
    "registration": "registered by the first connect",
    "registered": "registered already",
    None: "an app that you register there",
}


def show(terminal: Terminal, context: Context, url: str, name: str | None = None) -> None:
    """Print what is found at an address.

    Args:
        terminal: Where it is printed.
        context: Environment and accounts.
        url: As the person typed it, or as an account remembers it.
        name: The provider's name, where it is known; None for the host.

    Raises:
        GumauthError: As `find`.
    """
    found = find(context, url, Wishes(name=name))
    service = found.service
    way: str | None = next(iter(ServiceClient(context, service, say=terminal.say).ways), None)
    is_kept = way == "registration" and is_noted(context, service.issuer)
    redirect = redirect_of(resolved(service).traits).registered
    for notice in found.notices:
        terminal.say(notice)
    if terminal.json:
        terminal.answer(provider=_object(service, way, redirect))
        return
    refreshes = not service.grant_types or "refresh_token" in service.grant_types
    for label, value in (
        ("Provider", service.name),
        ("Resource", (service.resource or service.url) if service.has_resource else "-"),
        ("Calls itself", service.resource_name or "-"),
        ("Issuer", service.issuer),
        ("Client", CLIENTS["registered" if is_kept else way]),
        ("Scopes", " ".join(service.scopes) or "none in particular"),
        ("Redirect URI", redirect),
        ("Refresh", "yes" if refreshes else "no: every token takes a new connect"),
        ("Without a browser", "--device" if service.device_url else "--no-browser, and paste"),
        ("Documentation", service.documentation or "-"),
    ):
        print_row(terminal, label, value)
    terminal.say(f"Run `gumauth connect {name or resolved(service).argument}`.")


def _object(service: Service, way: str | None, redirect: str) -> dict[str, object]:
    return {
        "name": service.name,
        "title": service.shown,
        "source": service.url,
        "resource": service.resource,
        "issuer": service.issuer,
        "client": way,
        "scopes": list(service.scopes),
        "redirect_uri": redirect,
        "device": service.device_url is not None,
        "docs_url": service.documentation or None,
    }
