"""What a connect shows a person and asks, on a terminal: the prompts that client/ calls (`client/prompts.py`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from gumauth.cli.browser.choice import Choice
from gumauth.cli.browser.launch import open_url
from gumauth.cli.browser.ssh_forward import ssh_forward
from gumauth.cli.commands import connect_device
from gumauth.cli.terminal.pasted_lines import lines, one_answer
from gumauth.cli.terminal.questions import YES
from gumauth.cli.terminal.terminal import Terminal, harmless, write
from gumauth.oauth2.device import DeviceAuthorization


class TerminalPrompts:
    """Shows the address on standard error, opens the chosen browser, and reads the addresses that are pasted.

    Args:
        terminal: Where the person reads and answers.
        browser: Opens the address; a choice without a command opens nothing.
        provider: The provider's name, for the sentences.
        asks: Whether the person may be asked anything.
    """

    def __init__(self, terminal: Terminal, browser: Choice, provider: str, *, asks: bool = True) -> None:
        self._terminal, self._browser, self._provider, self.asks = terminal, browser, provider, asks
        self._opened = self._has_certificate = False

    @property
    def attended(self) -> bool:
        """Whether a person can answer a question: on a terminal, without `--json`, and in a flow that has a person."""
        return self.asks and self._terminal.can_ask

    @property
    def may_open(self) -> bool:
        """Whether a browser may be opened."""
        return self._browser.command is not None

    async def agree(self, question: str, *, usually: bool) -> bool:
        """Whether the person says yes. Enter alone means `usually`, the end of the input means no."""
        if not self.attended:
            return False
        self._terminal.line(harmless(f"{question} [{'Y/n' if usually else 'y/N'}]"))
        answer = await one_answer(self._terminal.stdin)
        return usually if answer == "" else answer is not None and answer.lower() in YES

    def show_details(self, rows: Sequence[tuple[str, str]]) -> None:
        """Print labels with their values on standard error, a row on a line."""
        width = max(len(label) for label, _ in rows) + 1
        for label, value in rows:
            shown = harmless(value)
            self._terminal.line(f"{label + ':':<{width}} {shown}", indent=" " * (width + 1))

    def show_certificate(self, fingerprint: str, *, redirect_uri: str) -> None:
        """Print that the browser will warn, what to press, and the fingerprint as browsers spell it. Promise C13."""
        self._has_certificate = True
        origin = "/".join(redirect_uri.split("/")[:3])
        self._terminal.say(
            f"{self._provider} comes back over https only, so gumauth has made a certificate for {origin} just now, for"
            " this connect alone."
        )
        self._terminal.say(f"The browser will warn of it, because nobody vouches for it. {self._what_to_press()}")
        self._terminal.say(
            "The browser shows its SHA-256 fingerprint, should you want to compare: in Chrome and Edge it is the first"
            " of these, in Firefox the second."
        )
        pairs = [fingerprint[at : at + 2].upper() for at in range(0, len(fingerprint), 2)]
        write(self._terminal.stderr, f"\n{fingerprint}\n{':'.join(pairs)}\n\n")

    def _what_to_press(self) -> str:
        paste = ", or paste the address that the warning stands at here" if self._terminal.stdin.isatty() else ""
        return f"Press Advanced, then Proceed (in an older Firefox: Accept the Risk and Continue){paste}."

    def show_url(self, url: str, *, port: int) -> None:
        """Print the address on a line of its own, behind the `ssh -L` line that an SSH session needs. Promise B3."""
        say = self._terminal.line
        forward = ssh_forward(self._terminal.environ, port)
        if forward:
            say("This is a remote machine. For the browser on your own machine to reach it, run this there first:")
            write(self._terminal.stderr, f"\n{forward}\n\n")
        say(f"Open this address to connect {self._provider}:")
        write(self._terminal.stderr, f"\n{url}\n\n")
        self._terminal.stderr.flush()

    def show_code(self, authorization: DeviceAuthorization, *, shown: str, scopes: Sequence[str]) -> None:
        """Print code and address, each on a line of its own, and open the address with the code in it. Promise V2."""
        connect_device.show(self._terminal, self._browser, authorization, shown=shown, scopes=scopes)

    def open_url(self, url: str) -> None:
        """Open the address in the browser; nothing depends on whether that works. Promise B2."""
        if self._browser.command is not None:
            self._opened = open_url(self._browser, url, self._terminal.environ)

    def waiting(self) -> None:
        """Print that the browser is waited for, and where an address can be pasted."""
        if self._opened:
            self._terminal.say("Waiting for you in the browser…")
            return
        self._terminal.say("Waiting for you to come back from that address…")
        if self._terminal.stdin.isatty():
            self._terminal.say("Where the browser cannot reach this machine, paste the address it ends up at here.")

    def hint(self) -> None:
        """Print what a person can do if the browser does not come back. Promise C9."""
        again = "If no page has opened, open" if self._opened else "Open"
        self._terminal.say(f"Still waiting. {again} the address above yourself.")
        if self._has_certificate:
            self._terminal.say(f"If the browser warns of the certificate: {self._what_to_press()}")
        elif self._terminal.stdin.isatty():
            self._terminal.say(
                "If the browser says that it cannot connect to localhost, copy the address it shows and paste it here."
            )
        self._terminal.say("Ctrl-C ends the wait.")

    async def pasted(self) -> AsyncIterator[str]:
        """The addresses that the person pastes; without a terminal, none. Promise C12."""
        if not self._terminal.stdin.isatty():
            return
        async for line in lines(self._terminal.stdin.fileno()):
            yield line

    def say(self, sentence: str) -> None:
        """Print one sentence."""
        self._terminal.say(sentence)
