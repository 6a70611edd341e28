"""One trial's world: a server that is told to misbehave, an account that lives, and the command run as processes."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, write_provider
from gumauth.testing.messages import Request, Response
from gumauth.testing.misbehaviour import place_of
from tests.accounts.directly import records_of, save
from tests.cli.program import environment
from tests.client.gumstack_world import REFRESHES, use_gumstack_file
from tests.programs.playing import Played, check_done, check_failed, play
from tests.programs.stage import Stage

WITHIN = 30.0
"""Seconds for a command whose provider answers at once, on a machine that others use too."""


class CountingServer(AuthorizationServer):
    """Counts the requests, which the log cannot where a fault hides what was really done."""

    def __init__(self, *, rotate: bool) -> None:
        self.requests: Counter[str] = Counter()
        super().__init__(rotate=rotate)

    def answer(self, request: Request) -> Response:
        self.requests[place_of(request) or request.path] += 1
        return super().answer(request)


@dataclass
class Scene:
    """ada's account `acme` on a strict server; eve may connect beside it.

    Args:
        server: The server.
        folder: Everything on disk.
        gumstack: What the `refresh` of a Gumstack file does with an answer; empty for a provider of facts.
        played: The commands that were run.
    """

    server: CountingServer
    folder: Path
    gumstack: str = ""
    played: list[Played] = field(default_factory=list)

    def __post_init__(self) -> None:
        environ = environment(self.folder)
        self.stage = Stage(self.server, self.folder, environ)
        self.stage.environ = self.stage.world.environ
        if self.gumstack:
            use_gumstack_file(self.stage.world, REFRESHES[self.gumstack])
        self.stage.connect()

    @property
    def file(self) -> Path:
        return self.stage.world.file

    def run(self, *words: str, person: str | None = None) -> Played:
        """Run the command; `person` consents where it asks."""
        played = play(self.stage.environ, *words, person=lambda url: self.server.follow(url, person=person))
        self.played.append(played)
        return played

    def connect(self, person: str = "ada@example.com", *options: str) -> Played:
        return self.run("connect", str(self.file), "--no-browser", *options, person=person)

    def fails(self, status: int, *words: str, within: float = WITHIN) -> Played:
        """Run a command that must fail so."""
        played = self.run(*words)
        check_failed(played, status, within)
        return played

    def connect_fails(self, status: int, within: float = WITHIN) -> Played:
        """eve's connect must fail so, with the code sent once, nothing stored, and ada's account as it was."""
        before, files = self.asked("token"), self.files()
        played = self.connect("eve@example.com")
        check_failed(played, status, within)
        sent = self.asked("token") - before
        assert sent <= 1, f"the code was sent {sent} times"
        assert self.nicknames() == ["ada@example.com"], f"listed after a failed connect: {self.nicknames()}"
        assert self.files() == files, f"left behind: {self.files() - files}"
        return played

    def works(self) -> None:
        """The account works: a refresh, and a token that the server takes."""
        check_done(self.run("refresh", "acme"), WITHIN)
        self.gives_good_token()

    def gives_good_token(self, within: float = WITHIN) -> Played:
        played = self.run("token", "acme")
        check_done(played, within)
        assert self.server.is_active(played.out.strip()), "the printed token is not good"
        return played

    def eve_can_connect(self) -> None:
        check_done(self.connect("eve@example.com"), WITHIN)
        assert self.nicknames() == ["ada@example.com", "eve@example.com"]

    def is_marked(self) -> None:
        """The account says that it must be connected again, without asking the server; and connecting it helps."""
        before = self.asked("refresh")
        played = self.fails(3, "token", "acme")
        assert "gumauth connect" in played.err, played.err
        assert self.asked("refresh") == before, "the dead refresh token was sent once more"
        assert self.account()["state"] == "reconnect", self.account()
        check_done(self.connect(), WITHIN)
        self.gives_good_token()

    def tokens(self) -> tuple[str, str | None]:
        """What the store holds for ada."""
        account = self.stage.context.accounts.look_up("acme")
        record = records_of(self.stage.context).settle(account)[1]
        return record.access_token, record.refresh_token

    def expire(self, left: float = -1.0) -> None:
        """Let the access token have so many seconds left of an hour."""
        context = self.stage.context
        records = records_of(context)
        account, record = records.settle(context.accounts.look_up("acme"))
        ends = time.time() + left
        account, record = records.put(account, replace(record, obtained_at=ends - 3600, expires_at=ends))
        records.mark(account)
        records.drop_other(account)

    def let_time_pass(self) -> None:
        """Let the wait after a failure be over."""
        account = self.stage.context.accounts.look_up("acme")
        past = time.time() - 60
        save(self.stage.context, replace(account, failed_at=past - 1, retry_at=past))

    def asked(self, kind: str) -> int:
        """How many requests of a kind the server has seen, answered in whatever way."""
        return self.server.requests[kind]

    def account(self) -> Any:
        return self.accounts()[0]

    def nicknames(self) -> list[str]:
        return sorted(account["nickname"] for account in self.accounts())

    def accounts(self) -> list[Any]:
        """What `list --json` says."""
        accounts: list[Any] = json.loads(self.run("list", "--json").out)["accounts"]
        return accounts

    def files(self) -> set[str]:
        """Every file of gumauth's but its locks and its notes on provider files."""
        home = self.stage.environ["GUMAUTH_HOME"]
        found = {os.path.join(folder, name) for folder, _, names in os.walk(home) for name in names}
        return {path for path in found if not path.endswith(".lock") and "/files/" not in path}

    def rewrite(self, body: str) -> None:
        """Let the provider's file override methods."""
        self.mend()
        self.file.write_text(self.file.read_text() + body)

    def mend(self) -> None:
        """The provider's file as it should be; not one of Gumstack's."""
        write_provider(self.server, self.folder, redirect_host="127.0.0.1", redirect_ports=())
