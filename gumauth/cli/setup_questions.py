"""Asks for the client id and secret of a person's own app, checks them, and keeps them. Promise S3."""

from __future__ import annotations

import sys
from typing import NoReturn

from gumauth.cli.browser.choice import Choice, choose, where_nobody_looks
from gumauth.cli.browser.launch import open_url
from gumauth.cli.setup_instructions import SetupInstructions, instructions_for, print_registration
from gumauth.cli.terminal.questions import typed, unlock
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.errors import GumauthError, UsageError
from gumauth.oauth2.urls import safe_url
from gumauth.registry.lookup import file_in, is_path
from gumauth.registry.resolved import ResolvedProvider
from gumauth.store.open import probe, store_label

LONGEST = 4096
"""Characters of a client id or secret at most; known services use fewer than 200."""


def ask_and_keep(
    context: Context,
    resolved: ResolvedProvider,
    terminal: Terminal,
    known_id: str | None = None,
    *,
    may_open: bool = True,
) -> str:
    """Print where to register an app, ask for the client id and secret, and keep them; gives the store's name.

    Args:
        context: The store.
        resolved: The provider.
        terminal: Where the person is asked.
        known_id: The client id, if it is not to be asked for.
        may_open: Whether the page where an app is registered may be opened in the browser.

    Raises:
        UsageError: Nobody can be asked, or an answer cannot be a client id or secret.
        StoreError: The store cannot keep them.
    """
    facts = instructions_for(resolved)
    if not terminal.attended:
        raise UsageError(
            "There is no terminal on which the client id and secret could be asked for.",
            hint=f"Pipe them, one line each, into `gumauth setup {resolved.argument} -`.",
        )
    unlock(context)
    probe(context.store())  # before the person registers an app and types the secret: promise K4
    print_registration(terminal, facts)
    client_id = known_id or _ask_client_id(terminal, facts.register_url or facts.docs_url, may_open=may_open)
    if not credentials.without_blanks(client_id):
        _no_id(facts)
    store = keep(terminal, context, facts, client_id, _ask_client_secret(terminal, facts))
    terminal.say(f"Kept in {store_label(store)}.")
    return store


def _ask_client_id(terminal: Terminal, page: str, *, may_open: bool) -> str:
    """The client id that the person types. Enter alone opens the page first, if a browser can open it.

    Args:
        terminal: Where the person is asked.
        page: The page where an app is registered; "" where the page is not known.
        may_open: Whether a browser may be opened.
    """
    browser = _browser(terminal, page) if may_open else None
    if browser is None:
        return typed(terminal, "Client id")
    entered = typed(terminal, "Client id (Enter opens that page)")
    if entered.strip():
        return entered
    if not open_url(browser, page, terminal.environ):
        terminal.say("The browser could not be started; open the address above yourself.")
    return typed(terminal, "Client id")


def _ask_client_secret(terminal: Terminal, facts: SetupInstructions) -> str:
    """The client secret that the person types; "" without a question where the provider's apps have none."""
    if facts.secret == "none":
        return ""
    for_devices = ", or Enter for --device alone" if facts.device_public else ""
    optional = for_devices if facts.secret_needed else ", or Enter if the app has none"
    return terminal.ask(f"Client secret (not shown{optional})")


def _browser(terminal: Terminal, page: str) -> Choice | None:
    """The browser that would open a page; None over SSH, in CI, without a browser, or where the page is not https."""
    try:
        is_https = safe_url(page).startswith("https://")
    except GumauthError:
        return None
    if not is_https or where_nobody_looks(terminal.environ):
        return None
    browser = choose(terminal.environ, sys.platform)
    return None if browser.command is None else browser


def keep(terminal: Terminal, context: Context, facts: SetupInstructions, client_id: str, secret: str) -> str:
    """Check a client id and secret, and keep them; gives the store's name.

    Args:
        terminal: Where a person is told what was mended.
        context: The store.
        facts: The provider.
        client_id: Public; blanks around it are taken off.
        secret: Secret; "" for an app that has none. Blanks around it are taken off.

    Raises:
        UsageError: The client id or the client secret is missing, too long, or has control characters in it.
        StoreError: The store cannot keep them.
    """
    client_id, secret = (
        _without_blanks(terminal, what, value) for what, value in (("client id", client_id), ("client secret", secret))
    )
    for what, value in (("client id", client_id), ("client secret", secret)):
        if len(value) > LONGEST or not value.isprintable():
            raise UsageError(f"That cannot be a {what}: it is too long, or has control characters in it.")
    if not client_id:
        _no_id(facts)
    if not secret and facts.secret_needed and not facts.device_public:
        raise UsageError(
            f"{facts.title} needs a client secret, and none was given.",
            hint=f"Run `gumauth setup {facts.argument}` again"
            + (", or set `public_client = True` in its class." if is_path(facts.source) else "."),
        )
    file = file_in(facts.source)
    return credentials.save(context, facts.name, client_id, secret or None, file=file, issuer=facts.issuer)


def _without_blanks(terminal: Terminal, what: str, value: str) -> str:
    meant = credentials.without_blanks(value)
    if meant and meant != value:
        terminal.say(f"Blanks around the {what} were taken off.")
    return meant


def _no_id(facts: SetupInstructions) -> NoReturn:
    raise UsageError("The client id is empty.", hint=f"Run `gumauth setup {facts.argument}` again.")
