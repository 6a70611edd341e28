"""`gumauth demo`: the whole life of an account, against a real authorization server on this machine."""

from __future__ import annotations

import sys
import tempfile

from gumauth.cli.browser.choice import Choice, choose
from gumauth.cli.commands.demo_scenes import Scenes
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.terminal.hidden_input import end_by_sigterm
from gumauth.cli.terminal.terminal import Terminal

HOUR = 3600.0
CONSENT = ("consent", "code issued", "token", "userinfo")


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Take an account through its whole life, and compare every step with the server's log.

    Raises:
        GumauthError: A step failed, or the server's log differs.
    """
    end_by_sigterm()
    no_browser = arguments.flag("no_browser") or not terminal.can_ask
    browser = Choice(command=None, reason="the demo") if no_browser else choose(terminal.environ, sys.platform)
    with tempfile.TemporaryDirectory(prefix="gumauth-demo-") as folder, Scenes(terminal, folder, browser) as scenes:
        play(scenes)
        scenes.finish()


def play(scenes: Scenes) -> None:
    """Play the scenes in their order."""
    scenes.title("Connect: the consent page, the callback, the code, the tokens.")
    scenes.connect()
    scenes.server_saw(*CONSENT)

    scenes.title("What is connected. No secret is read for this.")
    scenes.run("list")
    scenes.server_saw()

    scenes.title("A token for a script. It is still good, so the server is not asked.")
    first = scenes.token()
    scenes.server_saw()

    scenes.forward(HOUR, "An hour later the token has expired (the demo moves its clock and the server's).")
    scenes.run("list")
    second = scenes.token()
    scenes.server_saw("refresh")
    scenes.check(first != second, "The token that was printed is a new one.")

    scenes.title("Refresh on purpose. Every refresh token is good for one use; the server gives the next one with it.")
    scenes.run("refresh", scenes.name)
    scenes.server_saw("refresh")
    scenes.check(scenes.rotated(), "Every refresh token was used once; using one again would end the grant.")

    scenes.title("Revoke: the grant ends at the provider, and the account stays in the list.")
    scenes.run("revoke", scenes.name)
    scenes.server_saw("revoke", "revoke")
    scenes.check(not scenes.anything_active(), "None of the tokens is accepted any more.")
    scenes.run("token", scenes.name, status=3)
    scenes.server_saw()

    scenes.title("Connect again, and disconnect: revoked there, forgotten here.")
    scenes.connect()
    scenes.server_saw(*CONSENT)
    scenes.run("disconnect", scenes.name)
    scenes.server_saw("revoke", "revoke")
    scenes.check(not scenes.anything_active(), "None of the tokens is accepted any more.")
    scenes.run("list")
    scenes.check(scenes.nothing_kept(), "Nothing of the account is left on this machine.")
