"""The scenes of `gumauth demo`: a server, a clock that is moved, a folder of its own, and the real commands."""

from __future__ import annotations

import asyncio
import io
import os
import threading
import time
from types import TracebackType
from typing import Any

from gumauth.cli import main
from gumauth.cli.browser.choice import Choice
from gumauth.cli.commands.connect import print_connected
from gumauth.cli.commands.connect_prompts import TerminalPrompts
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.connect.connect import connect
from gumauth.client.connect.connect_request import TIMEOUT, ConnectRequest
from gumauth.errors import GumauthError
from gumauth.platform.files import write_file
from gumauth.registry import lookup
from gumauth.testing import AuthorizationServer, Client, PageRefused, deliver, write_provider

PLAYED_TIMEOUT = 60.0
"""Seconds in which a connect without a browser has to end: the demo clicks Allow at once."""

SHOWN = 8
"""Characters of a token that the demo shows."""


class Clock:
    """The time of the system, moved forward."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def forward(self, seconds: float) -> None:
        """Move the clock forward."""
        self._ahead += seconds


class PlayedPrompts(TerminalPrompts):
    """Prompts that open the address and click Allow themselves where no browser is opened."""

    def __init__(self, terminal: Terminal, browser: Choice, server: AuthorizationServer) -> None:
        super().__init__(terminal, browser, Scenes.name)
        self._server = server

    @property
    def attended(self) -> bool:
        """False: the demo asks no question."""
        return False

    def open_url(self, url: str) -> None:
        """Open the browser or, without a browser, follow the address to the callback as a browser does."""
        if self._browser.command is not None:
            super().open_url(url)
            return
        self.say("(There is no browser in this demo: it clicks Allow itself.)")
        threading.Thread(target=self._allow, args=(url,), daemon=True).start()

    def _allow(self, url: str) -> None:
        try:
            deliver(self._server.follow(url))
        except (OSError, PageRefused) as error:
            self.say(f"The demo's person could not go on: {type(error).__name__}.")

    def waiting(self) -> None:
        """Print that the browser is waited for; without a browser, nothing."""
        if self._browser.command is not None:
            super().waiting()


class Scenes:
    """A server, a clock, and commands on a folder; a context manager that stops the server.

    Args:
        terminal: Where the demo is printed.
        folder: An empty folder that the caller deletes afterwards.
        browser: Opens the consent page; for a choice without a command, the demo clicks Allow itself.
    """

    name = "demo"

    def __init__(self, terminal: Terminal, folder: str, browser: Choice) -> None:
        self._terminal, self._folder, self._browser = terminal, folder, browser
        # Everything is printed on one stream, so that the lines of the demo and of the commands stay in order.
        out = io.StringIO() if terminal.json else terminal.stdout
        self._shown = Terminal(terminal.environ, terminal.stdin, out, out)
        self._clock = Clock()
        self._server = AuthorizationServer(clock=self._clock)
        self._seen = 0
        self._steps: list[dict[str, Any]] = []
        self._inner = self._make_terminal()
        self._prepare()

    def __enter__(self) -> Scenes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    def _make_terminal(self) -> Terminal:
        """The terminal of the commands: the demo's stream, another environment and another clock."""
        outer = self._terminal
        kept = {name: value for name, value in outer.environ.items() if not name.startswith("GUMAUTH_")}
        environ = {
            **kept,
            "GUMAUTH_HOME": os.path.join(self._folder, "home"),
            "GUMAUTH_STORE": "file",
            "GUMAUTH_KEY_FILE": os.path.join(self._folder, "key"),
            "DEMO_CLIENT_ID": "gumauth-demo",
        }
        return Terminal(environ, outer.stdin, self._shown.stdout, self._shown.stdout, clock=self._clock)

    def _prepare(self) -> None:
        write_file(os.path.join(self._folder, "key"), os.urandom(32))
        client = Client("gumauth-demo", redirect_uris=("http://127.0.0.1/callback",), any_port=True)
        self._server.register(client)
        self._server.person = "ada@example.com"
        self._file = write_provider(
            self._server,
            self._folder,
            name=self.name,
            title="the demo",
            public_client=True,
            redirect_host="127.0.0.1",
            redirect_ports=(),
            scopes=("read", "write"),
        )

    def title(self, sentence: str) -> None:
        """Begin a step: print its number and title."""
        self._steps.append({"title": sentence, "server": []})
        self._shown.line()
        self._shown.line(f"{len(self._steps)}. {sentence}", indent="   ", style="cyan")

    def forward(self, seconds: float, sentence: str) -> None:
        """Begin a step by moving the clock of gumauth and of the server."""
        self._clock.forward(seconds)
        self.title(sentence)

    def _prompt(self, *words: str) -> None:
        self._shown.line()
        self._shown.line(f"$ gumauth {' '.join(words)}", style="bold")

    def connect(self) -> None:
        """Connect the account as `gumauth connect` does."""
        self._prompt("connect", f"./{self.name}.py")
        context = self._inner.context()
        resolved = lookup.find(str(self._file), cwd=self._folder)
        timeout = TIMEOUT if self._browser.command else PLAYED_TIMEOUT
        prompts = PlayedPrompts(self._inner, self._browser, self._server)
        connected = asyncio.run(connect(context, ConnectRequest(resolved=resolved, timeout=timeout), prompts))
        print_connected(self._inner, context, connected)

    def run(self, *words: str, status: int = 0) -> None:
        """Run a command.

        Raises:
            GumauthError: The exit status differs from `status`.
        """
        self._prompt(*words)
        ended = main.run(words, self._inner)
        if ended != status:
            raise GumauthError(f"`gumauth {' '.join(words)}` ended with status {ended} instead of {status}.")
        if status:
            self._say(f"(Exit status {status}.)")

    def token(self) -> str:
        """Run `gumauth token`, print the beginning of the token, and give the whole token."""
        self._prompt("token", self.name)
        streams, self._inner.stdout = self._inner.stdout, io.StringIO()
        try:
            ended = main.run(["token", self.name], self._inner)
            token = self._inner.stdout.getvalue().strip()
        finally:
            self._inner.stdout = streams
        if ended or not token:
            raise GumauthError(f"`gumauth token {self.name}` ended with status {ended}.")
        self._inner.out(f"{token[:SHOWN]}… (the rest is not shown here)")
        return token

    def server_saw(self, *kinds: str) -> None:
        """Compare the server's log since the last call with what it should hold.

        Args:
            kinds: The kinds of the events, in their order.

        Raises:
            GumauthError: They differ.
        """
        events = self._server.log[self._seen :]
        self._seen += len(events)
        seen = [event.kind if event.outcome == "ok" else f"{event.kind} {event.outcome}" for event in events]
        seen = [kind for kind in seen if kind != "authorize"]
        self._steps[-1]["server"] += seen
        self._say(f"  The server saw: {', '.join(seen) or 'nothing'}.")
        if seen != list(kinds):
            raise GumauthError(f"The server should have seen: {', '.join(kinds) or 'nothing'}.")

    def check(self, holds: bool, sentence: str) -> None:
        """Print a sentence that is true.

        Raises:
            GumauthError: It is not: `holds` is False.
        """
        if not holds:
            raise GumauthError(f"This does not hold: {sentence}")
        self._say(f"  {sentence}")

    def _say(self, text: str) -> None:
        self._shown.line(text, indent="  ", style="dim")

    def rotated(self) -> bool:
        """Whether the server has refreshed, and no refresh token was used twice."""
        return self._server.count("refresh") > 0 and not any(event.kind == "reuse" for event in self._server.log)

    def anything_active(self) -> bool:
        """Whether the server would still accept a token of this demo."""
        return any(family.ended is None for family in self._server.families)

    def nothing_kept(self) -> bool:
        """Whether no account file and no secret is left in the demo's home."""
        home = self._inner.context().home.data
        left = [name for _, _, files in os.walk(home) for name in files]
        return not any(name.endswith((".json", ".secret")) for name in left)

    def finish(self) -> None:
        """Print that the server's log agrees with every step."""
        if self._terminal.json:
            self._terminal.answer(agreed=True, steps=self._steps)
            return
        self._shown.line()
        self._shown.done("The server's log agrees with every step.")
        self._shown.say("Run `gumauth providers` to see what you can connect.")
