"""Where `gumauth demo` plays: a server, a clock that can be moved, a home of its own, and the real commands."""

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
"""Seconds for the demo's own person, who does not hesitate."""

SHOWN = 8
"""Characters of a token that the demo shows."""


class Clock:
    """A clock that runs, and can be moved forward."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        """Seconds since 1970, for the demo."""
        return time.time() + self._ahead

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self._ahead += seconds


class PlayedPrompts(TerminalPrompts):
    """A person who opens the address and clicks Allow, where no browser is opened."""

    def __init__(self, terminal: Terminal, browser: Choice, server: AuthorizationServer) -> None:
        super().__init__(terminal, browser, Scenes.name)
        self._server = server

    @property
    def attended(self) -> bool:
        """The demo asks nothing."""
        return False

    def open_url(self, url: str) -> None:
        """Go to the consent page and back to the callback, as a browser does."""
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
        """Nothing to say where the demo plays the person."""
        if self._browser.command is not None:
            super().waiting()


class Scenes:
    """The demo's world; a context manager.

    Args:
        terminal: Where the person watches.
        folder: Empty, and deleted afterwards.
        browser: Opens the consent page; without a command the demo plays the person.
    """

    name = "demo"

    def __init__(self, terminal: Terminal, folder: str, browser: Choice) -> None:
        self._terminal, self._folder, self._browser = terminal, folder, browser
        # The story is the result, told in one stream so that its parts stay in order.
        out = io.StringIO() if terminal.json else terminal.stdout
        self._story = Terminal(terminal.environ, terminal.stdin, out, out)
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
        """A terminal for the commands: the same streams, another environment and clock."""
        outer = self._terminal
        kept = {name: value for name, value in outer.environ.items() if not name.startswith("GUMAUTH_")}
        environ = {
            **kept,
            "GUMAUTH_HOME": os.path.join(self._folder, "home"),
            "GUMAUTH_STORE": "file",
            "GUMAUTH_KEY_FILE": os.path.join(self._folder, "key"),
            "DEMO_CLIENT_ID": "gumauth-demo",
        }
        return Terminal(environ, outer.stdin, self._story.stdout, self._story.stdout, clock=self._clock)

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
        """Begin a step."""
        self._steps.append({"title": sentence, "server": []})
        self._story.line()
        self._story.line(f"{len(self._steps)}. {sentence}", indent="   ", style="cyan")

    def forward(self, seconds: float, sentence: str) -> None:
        """Let time pass, for gumauth and for the server."""
        self._clock.forward(seconds)
        self.title(sentence)

    def _prompt(self, *words: str) -> None:
        self._story.line()
        self._story.line(f"$ gumauth {' '.join(words)}", style="bold")

    def connect(self) -> None:
        """Connect the account as the command does, with a person who is played where there is no browser."""
        self._prompt("connect", f"./{self.name}.py")
        context = self._inner.context()
        resolved = lookup.find(str(self._file), cwd=self._folder)
        timeout = TIMEOUT if self._browser.command else PLAYED_TIMEOUT
        person = PlayedPrompts(self._inner, self._browser, self._server)
        connected = asyncio.run(connect(context, ConnectRequest(resolved=resolved, timeout=timeout), person))
        print_connected(self._inner, context, connected)

    def run(self, *words: str, status: int = 0) -> None:
        """Run a command.

        Raises:
            GumauthError: Its exit status is another one.
        """
        self._prompt(*words)
        ended = main.run(words, self._inner)
        if ended != status:
            raise GumauthError(f"`gumauth {' '.join(words)}` ended with status {ended} instead of {status}.")
        if status:
            self._remark(f"(Exit status {status}.)")

    def token(self) -> str:
        """Print a token, of which only the beginning is shown."""
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
        """Compare what the server has decided since the last time with what it should have.

        Raises:
            GumauthError: They differ.
        """
        events = self._server.log[self._seen :]
        self._seen += len(events)
        seen = [event.kind if event.outcome == "ok" else f"{event.kind} {event.outcome}" for event in events]
        seen = [kind for kind in seen if kind != "authorize"]
        self._steps[-1]["server"] += seen
        self._remark(f"  The server saw: {', '.join(seen) or 'nothing'}.")
        if seen != list(kinds):
            raise GumauthError(f"The server should have seen: {', '.join(kinds) or 'nothing'}.")

    def check(self, holds: bool, sentence: str) -> None:
        """Say something that holds.

        Raises:
            GumauthError: It does not.
        """
        if not holds:
            raise GumauthError(f"This does not hold: {sentence}")
        self._remark(f"  {sentence}")

    def _remark(self, text: str) -> None:
        self._story.line(text, indent="  ", style="dim")

    def rotated(self) -> bool:
        """Whether the server has refreshed and never saw a refresh token twice."""
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
        """Say that all agreed."""
        if self._terminal.json:
            self._terminal.answer(agreed=True, steps=self._steps)
            return
        self._story.line()
        self._story.done("The server's log agrees with every step.")
        self._story.say("Run `gumauth providers` to see what you can connect.")
