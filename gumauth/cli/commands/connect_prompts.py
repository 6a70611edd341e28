"""The person who connects an account, as seen from the rules: reads the terminal, has a browser or not."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gumauth.cli.browser.choice import Choice
from gumauth.cli.browser.launch import open_url
from gumauth.cli.browser.ssh_forward import ssh_forward
from gumauth.cli.terminal.pasted_lines import lines, one_answer
from gumauth.cli.terminal.questions import YES
from gumauth.cli.terminal.terminal import Terminal, harmless, write


class TerminalPrompts:
    """Shows the address on standard error, opens the browser that was chosen, and reads what is pasted.

    Args:
        terminal: Where the person is.
        browser: What opens the address; without a command nothing does.
        provider: Its name, for the sentences.
    """

    def __init__(self, terminal: Terminal, browser: Choice, provider: str) -> None:
        self._terminal, self._browser, self._provider = terminal, browser, provider
        self._opened = False

    @property
    def attended(self) -> bool:
        """Whether a question can be answered: on a terminal, where no program reads the result."""
        return self._terminal.attended and not self._terminal.json

    @property
    def may_open(self) -> bool:
        """Whether there is a browser that may be opened."""
        return self._browser.command is not None

    async def agree(self, question: str, *, usually: bool) -> bool:
        """Ask a yes-or-no question; Enter alone means what is usual, and the end of input means no."""
        if not self.attended:
            return False
        self._terminal.line(harmless(f"{question} [{'Y/n' if usually else 'y/N'}]"))
        answer = await one_answer(self._terminal.stdin)
        return usually if answer == "" else answer is not None and answer.lower() in YES

    def show_url(self, url: str, *, port: int) -> None:
        """Print the address on a line of its own, whole, with nothing inside it; what has to be run first before it."""
        say = self._terminal.line
        forward = ssh_forward(self._terminal.environ, port)
        if forward:
            say("This is a remote machine. For the browser on your own machine to reach it, run this there first:")
            write(self._terminal.stderr, f"\n{forward}\n\n")
        say(f"Open this address to connect {self._provider}:")
        write(self._terminal.stderr, f"\n{url}\n\n")
        self._terminal.stderr.flush()

    def open_url(self, url: str) -> None:
        """Open the address; whether that worked is not known, and decides nothing."""
        if self._browser.command is not None:
            self._opened = open_url(self._browser, url, self._terminal.environ)

    def waiting(self) -> None:
        """Say what is waited for."""
        if self._opened:
            self._terminal.say("Waiting for you in the browser…")
            return
        self._terminal.say("Waiting for you to come back from that address…")
        if self._terminal.stdin.isatty():
            self._terminal.say("Where the browser cannot reach this machine, paste the address it ends up at here.")

    def hint(self) -> None:
        """Say what can be done where the browser does not come back."""
        self._terminal.say("Still waiting. If no page has opened, open the address above yourself.")
        if self._terminal.stdin.isatty():
            self._terminal.say(
                "If the browser says that it cannot connect to localhost, copy the address it shows and paste it here."
            )
        self._terminal.say("Ctrl-C ends the wait.")

    async def pasted(self) -> AsyncIterator[str]:
        """The addresses that the person pastes; none without a terminal."""
        if not self._terminal.stdin.isatty():
            return
        async for line in lines(self._terminal.stdin.fileno()):
            yield line

    def say(self, sentence: str) -> None:
        """Print one sentence."""
        self._terminal.say(sentence)
