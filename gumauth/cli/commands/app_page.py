"""The page where an app is registered, opened for a person who sits in front of this machine."""

from __future__ import annotations

import sys

from gumauth.cli.browser import Choice, choose, open_url, where_nobody_looks
from gumauth.cli.terminal import questions
from gumauth.cli.terminal.terminal import Terminal
from gumauth.errors import GumauthError
from gumauth.oauth2.urls import safe_url


def ask_client_id(terminal: Terminal, page: str, *, may_open: bool) -> str:
    """The client id that the person types; Enter alone opens the page first, where there is a browser for it.

    Args:
        terminal: Where the person is.
        page: Where an app is registered; empty where that is not known.
        may_open: Whether a browser may be opened.
    """
    browser = _browser(terminal, page) if may_open else None
    if browser is None:
        return questions.typed(terminal, "Client id")
    entered = questions.typed(terminal, "Client id (Enter opens that page)")
    if entered.strip():
        return entered
    if not open_url(browser, page, terminal.environ):
        terminal.say("The browser could not be started; open the address above yourself.")
    return questions.typed(terminal, "Client id")


def _browser(terminal: Terminal, page: str) -> Choice | None:
    """The browser that would open a page of a provider's; None over SSH, in CI, and for what is not https."""
    try:
        is_https = safe_url(page).startswith("https://")
    except GumauthError:
        return None
    if not is_https or where_nobody_looks(terminal.environ):
        return None
    browser = choose(terminal.environ, sys.platform)
    return None if browser.command is None else browser
