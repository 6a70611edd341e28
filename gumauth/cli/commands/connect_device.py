"""`gumauth connect --device`: where the flow is used, and what it shows. Source: RFC 8628 §3.3 and §5.4."""

from __future__ import annotations

from collections.abc import Sequence

from gumauth.cli.browser.choice import Choice
from gumauth.cli.browser.launch import open_url
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.terminal.qr_code import drawn
from gumauth.cli.terminal.terminal import Terminal, write
from gumauth.errors import UsageError
from gumauth.oauth2.device import DeviceAuthorization
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider

LINES = 18
"""Of a window, for everything but the QR code."""


def is_by_device(arguments: Arguments, resolved: ResolvedProvider) -> bool:
    """Whether an account is connected by a code: as the command says, or because the service knows nothing else.

    Raises:
        UsageError: The service has no device grant, or another option contradicts.
    """
    asked, traits = arguments.flag("device"), resolved.traits
    if asked and traits.device_url is None:
        raise UsageError(
            f"{resolved.name} has no device grant, so --device cannot be used with it.",
            hint=f"Run `gumauth connect {resolved.argument} --no-browser`: it prints an address to open anywhere, and"
            " takes the address where the browser ends.",
        )
    if not asked and not traits.knows_devices_alone:
        return False
    if arguments.port("port") is not None:
        raise UsageError(
            f"{resolved.name} is connected by a code, and nothing listens on a port.",
            hint=f"Run `gumauth connect {resolved.argument} --device` without --port.",
        )
    return True


def show(
    terminal: Terminal, browser: Choice, authorization: DeviceAuthorization, *, shown: str, scopes: Sequence[str]
) -> None:
    """Show the code and where to enter it, and open the address that has the code in it, if there is one. Promise V2.

    Args:
        terminal: Standard error shows it.
        browser: Opens the address; a choice without a command opens nothing.
        authorization: Address and code are printed as they are.
        shown: What people call the provider; foreign text.
        scopes: Asked for; foreign text.
    """
    complete = authorization.verification_uri_complete
    what = f" ({', '.join(map(one_line, scopes))})" if scopes else ""
    terminal.say(f"To connect {one_line(shown)}{what}, open this address on any device:")
    _alone(terminal, authorization.verification_uri)
    terminal.line("Enter this code there:")
    _alone(terminal, terminal.paint("bold", authorization.user_code))
    if complete is not None and complete != authorization.verification_uri:
        terminal.line("Or open this address, which has the code in it. Compare: it must show the code above.")
        _alone(terminal, complete)
    code = drawn(terminal, complete or authorization.verification_uri, beside=LINES)
    if code is not None:
        write(terminal.stderr, f"{code}\n")
    terminal.line(
        "Enter this only because you ran this command just now. A code that somebody sent you gives them your account.",
        style="yellow",
    )
    if complete is not None and browser.command is not None and open_url(browser, complete, terminal.environ):
        terminal.line("Your browser opens it. Waiting for you to allow access…")
    else:
        terminal.line("Waiting for you to allow access…")


def _alone(terminal: Terminal, text: str) -> None:
    write(terminal.stderr, f"\n{text}\n\n")
    terminal.stderr.flush()
