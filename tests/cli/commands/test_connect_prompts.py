"""What the wait for the browser says."""

from __future__ import annotations

import io

from gumauth.cli.browser.choice import Choice
from gumauth.cli.commands.connect_prompts import TerminalPrompts
from gumauth.cli.terminal.terminal import Terminal


def test_a_wait_for_which_no_browser_was_opened_asks_to_open_the_address_and_not_whether_a_page_is_there() -> None:
    err = io.StringIO()
    terminal = Terminal({}, io.StringIO(), io.StringIO(), err)
    TerminalPrompts(terminal, Choice(command=None, reason="--no-browser is given"), "acme").hint()
    assert err.getvalue().splitlines() == [
        "Still waiting. Open the address above yourself.",
        "Ctrl-C ends the wait.",
    ]
