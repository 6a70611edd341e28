"""What talks to a provider: a refresh beside the least that a program can do, and the way from callback to page."""

from __future__ import annotations

import itertools
import json
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from gumauth.client.context import Context
from gumauth.client.token import token
from gumauth.testing import AuthorizationServer, Fault, deliver
from gumauth.testing.messages import Response
from gumauth.testing.person import request
from tests.benchmarks.figures import Figure, Finding, medians
from tests.benchmarks.scene import BARE, PROVIDER, Scene
from tests.benchmarks.turns import Command, CommandFailed, in_turn
from tests.benchmarks.work import beside
from tests.cli.connecting import ADDRESS, acme, piped
from tests.programs.left_behind import processes, until
from tests.programs.stage import Stage

TEN_LINES = """
import os
import httpx

form = {
    "grant_type": "refresh_token",
    "refresh_token": os.environ["REFRESH_TOKEN"],
    "client_id": os.environ["ACME_CLIENT_ID"],
    "client_secret": os.environ["ACME_CLIENT_SECRET"],
}
httpx.post(os.environ["TOKEN_URL"], data=form).raise_for_status()
"""
PRINTED, OTHER = "command to address", "gumauth token of another account"
PORT = 48627
"""Of the redirect URI: a port that only this row uses."""
CREATED = 201
SCRIPT, BOTH, PROVIDER_ALONE = "ten-line script", "callback to page", "provider alone"
MINUTE = 60
AT_A_REFRESH = 0.5
"""Seconds that the provider takes for a refresh that nobody is to wait for."""
AT_THE_PROVIDER = 1.0
"""Seconds that the person takes at the least; what gumauth gets ready meanwhile is ready then."""


class Network:
    """Rows that need a provider, which is the strict server of gumauth's test kit.

    Args:
        scene: What they run in.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def refresh(self) -> Finding:
        """A refresh, with all that makes it safe, beside a script that posts the same form."""
        # Without rotation the script can post the same form again and again.
        with AuthorizationServer(rotate=False) as server:
            play = Stage(server, self._folder("refresh"), self.scene.environ)
            play.connect()
            commands = {
                "gumauth": self.scene.gumauth("refresh", PROVIDER, environ=play.world.environ),
                SCRIPT: self._script(play),
            }
            return beside(commands, "gumauth", {SCRIPT: 1.1})

    def _script(self, play: Stage) -> Command:
        _, record = token(play.context, PROVIDER)
        more = {"TOKEN_URL": play.server.token_url, "REFRESH_TOKEN": record.refresh_token or ""}
        return Command((sys.executable, "-c", TEN_LINES), {**play.world.environ, **more})

    def callback(self) -> Finding:
        """From the arrival of the callback until the page is there, which is after the account is stored."""
        folder = self._folder("callback")
        with AuthorizationServer(rotate=False) as server:
            file, credentials = acme(server, folder)
            environ = {**self.scene.environ, **credentials, "GUMAUTH_HOME": str(folder / "home")}
            tasks: dict[str, Callable[[], float]] = {
                BOTH: _connecting(server, environ, file),
                PROVIDER_ALONE: lambda: _alone(server, environ),
                BARE: self.scene.bare,  # says what a millisecond is worth at the moment
            }
            middle = medians(in_turn(tasks, rounds=12, warm_up=1))
        beyond = (middle[BOTH] - middle[PROVIDER_ALONE]) * 1000
        return Finding([Figure("beyond the provider", beyond, 40, "ms")], middle)

    def address(self) -> Finding:
        """From the command, which discovers a server and registers a client there, until the address is printed."""
        folder = self._folder("address")
        with AuthorizationServer() as server:
            environ = {**self.scene.environ, **self.scene.encrypted(), "GUMAUTH_HOME": str(folder / "home")}
            tasks: dict[str, Callable[[], float]] = {
                PRINTED: lambda: _until_printed(server, environ),
                PROVIDER_ALONE: lambda: _discovered_alone(server),
                BARE: self.scene.bare,
            }
            middle = medians(in_turn(tasks, rounds=12, warm_up=1))
        beyond = (middle[PRINTED] - middle[PROVIDER_ALONE]) * 1000
        return Finding([Figure("beyond the server", beyond, 700, "ms")], middle)

    def ahead(self, seconds: float) -> Finding:
        """A token once a second for so long, of tokens that live a minute: nobody waits for a slow provider."""
        slow, waited = Fault.slow(AT_A_REFRESH), []
        with AuthorizationServer(access_lifetime=MINUTE) as server:
            play = Stage(server, self._folder("ahead"), {**self.scene.environ, "HOME": str(self.scene.folder)})
            play.connect()
            environ = play.world.environ

            def change(answer: Response) -> Response:
                waited.append(not processes(environ))
                return slow.change(answer)

            server.misbehave("refresh", Fault(slow.name, change), times=None)
            times = _once_a_second(
                {"gumauth": self.scene.gumauth("token", PROVIDER, environ=environ), BARE: self.scene.bare}, seconds
            )
            until(lambda: not processes(environ))
        middle = medians(times)
        slowest = {name: max(each) / middle[name] for name, each in times.items()}
        figures = [
            Figure("slowest, times the median", slowest["gumauth"], 3),
            Figure(f"slowest of {BARE}, times its median", slowest[BARE]),
            Figure("refreshes", len(waited)),
            Figure("of these by a call that waited", sum(waited), 0),
        ]
        return Finding(figures, middle)

    def discovered(self) -> Finding:
        """A good token of an account that was connected by its address, beside one of any other account."""
        folder = self._folder("discovered")
        with AuthorizationServer() as server:
            environ = {**self.scene.environ, **self.scene.encrypted(), "GUMAUTH_HOME": str(folder / "home")}
            file, credentials = acme(server, folder)
            environ |= credentials
            for provider in (server.resource_url, str(file)):
                with piped(environ, "connect", provider, "--no-browser", "--json") as run:
                    deliver(server.follow(run.address))
                    if run.end()[0] != 0:
                        raise CommandFailed(f"connect ended with {run.shown}")
            name = server.url.removeprefix("http://").replace(":", ".")
        commands = {
            "gumauth": self.scene.gumauth("token", name, environ=environ),
            OTHER: self.scene.gumauth("token", "acme", environ=environ),
        }
        return beside(commands, "gumauth", {OTHER: 1.1})

    def _folder(self, name: str) -> Path:
        folder = self.scene.folder / name
        folder.mkdir()
        return folder


def _connecting(server: AuthorizationServer, environ: dict[str, str], file: Path) -> Callable[[], float]:
    """A connect of another person each time; gives the seconds from callback to page."""
    people = itertools.count()

    def connect() -> float:
        with piped(environ, "connect", str(file), "--no-browser", "--json") as run:
            back = server.follow(run.address, person=f"person{next(people)}@example.com")
            time.sleep(AT_THE_PROVIDER)
            began = time.perf_counter()
            status, _ = deliver(back)
            took = time.perf_counter() - began
            if run.end()[0] != 0 or status != 200:
                raise CommandFailed(f"connect ended with {run.shown}")
        return took

    return connect


def _once_a_second(commands: dict[str, Command], seconds: float) -> dict[str, list[float]]:
    """What each command took, once in each of so many seconds."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        command()  # writes the bytecode
    end = time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        for name, command in commands.items():
            times[name].append(command())
        time.sleep(max(0.0, began + 1 - time.monotonic()))
    return times


def _until_printed(server: AuthorizationServer, environ: dict[str, str]) -> float:
    """The seconds until the address stands there; the connect is ended then."""
    began = time.perf_counter()
    with piped(environ, "connect", server.resource_url, "--no-browser", "--register", "--port", str(PORT)) as run:
        run.until(ADDRESS)
        took = time.perf_counter() - began
        run.interrupt()
    return took


def _discovered_alone(server: AuthorizationServer) -> float:
    """The seconds for the requests that discovery and registration make, from a program that does only them."""
    uri = f"http://127.0.0.1:{PORT}/callback"
    members = {"redirect_uris": [uri], "application_type": "native", "token_endpoint_auth_method": "none"}
    headers = {"Content-Type": "application/json"}
    began = time.perf_counter()
    request("POST", server.resource_url, {})
    for path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server"):
        request("GET", server.url + path)
    body = json.dumps(members).encode()
    sent = urllib.request.Request(f"{server.url}/register", data=body, headers=headers, method="POST")
    with urllib.request.urlopen(sent, timeout=10) as answer:  # a server of this process
        if answer.status != CREATED:
            raise CommandFailed("the server did not register a client")
    return time.perf_counter() - began


def _alone(server: AuthorizationServer, environ: dict[str, str]) -> float:
    """The seconds for as many requests of the provider as a connect makes, from a program that does only them."""
    _, record = token(Context(environ), PROVIDER)
    form = {"grant_type": "refresh_token", "refresh_token": record.refresh_token or "", "client_id": "acme-id"}
    began = time.perf_counter()
    status, _, _ = request("POST", server.token_url, form)
    request("GET", server.userinfo_url, headers={"Authorization": f"Bearer {record.access_token}"})
    took = time.perf_counter() - began
    if status != 200:
        raise CommandFailed("the provider refused")
    return took
