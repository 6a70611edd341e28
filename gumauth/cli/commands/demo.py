"""`gumauth demo`: the whole life of an account, against a real authorization server on this machine."""

from __future__ import annotations

import sys
import tempfile

from gumauth.cli.browser import Choice, choose
from gumauth.cli.commands.demo_scenes import Stage
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.terminal.hidden_input import end_by_sigterm
from gumauth.cli.terminal.terminal import Terminal

HOUR = 3600.0
CONSENT = ("consent", "code issued", "token", "userinfo")


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Take an account through its life.

    Raises:
        GumauthError: A step failed, or the server's log does not agree with it.
    """
    end_by_sigterm()
    no_browser = arguments.flag("no_browser") or not terminal.attended or terminal.json
    browser = Choice(command=None, reason="the demo") if no_browser else choose(terminal.environ, sys.platform)
    with tempfile.TemporaryDirectory(prefix="gumauth-demo-") as folder, Stage(terminal, folder, browser) as stage:
        tell(stage)
        stage.finish()


def tell(stage: Stage) -> None:
    """The story."""
    stage.title("Connect: the consent page, the callback, the code, the tokens.")
    stage.connect()
    stage.server_saw(*CONSENT)

    stage.title("What is connected. No secret is read for this.")
    stage.run("list")
    stage.server_saw()

    stage.title("A token for a script. It is still good, so the server is not asked.")
    first = stage.token()
    stage.server_saw()

    stage.forward(HOUR, "An hour later the token has expired (the demo moves its clock and the server's).")
    stage.run("list")
    second = stage.token()
    stage.server_saw("refresh")
    stage.check(first != second, "The token that was printed is a new one.")

    stage.title("Refresh on purpose. Every refresh token is good for one use; the server gives the next one with it.")
    stage.run("refresh", stage.name)
    stage.server_saw("refresh")
    stage.check(stage.rotated(), "Every refresh token was used once; using one again would end the grant.")

    stage.title("Revoke: the grant ends at the provider, and the account stays in the list.")
    stage.run("revoke", stage.name)
    stage.server_saw("revoke", "revoke")
    stage.check(not stage.anything_active(), "None of the tokens is accepted any more.")
    stage.run("token", stage.name, status=3)
    stage.server_saw()

    stage.title("Connect again, and disconnect: revoked there, forgotten here.")
    stage.connect()
    stage.server_saw(*CONSENT)
    stage.run("disconnect", stage.name)
    stage.server_saw("revoke", "revoke")
    stage.check(not stage.anything_active(), "None of the tokens is accepted any more.")
    stage.run("list")
    stage.check(stage.nothing_kept(), "Nothing of the account is left on this machine.")
