"""An account of one machine's own, beside a database: the machine, and another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gumauth.client.context import Context
from gumauth.platform.json import loads
from gumauth.testing import AuthorizationServer
from tests.cli.program import Ended, inside
from tests.client.world import World
from tests.parts.shared_store import SharedStore
from tests.programs.stage import RealClock


class Scene:
    """Machine `a` has acme/ada connected, in its encrypted file; `b` has nothing.

    Args:
        server: The provider.
        shared: The database.
        own: More variables of machine `a`, such as those of a keyring.
    """

    def __init__(self, server: AuthorizationServer, shared: SharedStore, own: Mapping[str, str]) -> None:
        self.server, self.shared = server, shared
        self.own = {**shared.machine("a", GUMAUTH_STORE="file", GUMAUTH_AHEAD="0"), **own}
        self.world = World(server=server, folder=Path(self.own["HOME"]), clock=RealClock(), environ=dict(self.own))
        del self.world.environ["GUMAUTH_HOME"]
        client = {name: value for name, value in self.world.environ.items() if name.startswith("ACME_")}
        self.own |= {**client, "GUMAUTH_HOME": str(self.world.folder / "home")}
        self.at_database = {**self.own, "GUMAUTH_STORE": shared.address}
        self.b = {**shared.machine("b", GUMAUTH_AHEAD="0"), **client}

    def connect(self) -> None:
        """Connect the account on machine `a`."""
        self.world.context = Context(self.own)
        self.world.connect()

    def refreshes(self, environ: Mapping[str, str], reference: str = "acme") -> bool:
        """Whether a machine gets a new token that the provider knows."""
        ended = self.run(environ, "refresh", reference)
        token = self.run(environ, "token", reference).out.strip()
        return ended.status == 0 and self.server.is_active(token)

    def let_claims_end(self) -> None:
        """Let the time pass after which a dead machine is followed."""
        self.shared.ask("update gumauth.claim set until = clock_timestamp() where until > clock_timestamp()")

    def run(self, environ: Mapping[str, str], *words: str) -> Ended:
        """Run the command in this process."""
        return inside(dict(environ), *words)

    def states(self, environ: Mapping[str, str]) -> list[str]:
        """The accounts that are listed, with their states as they are kept."""
        return [f"{account.label} {account.state}" for account in Context(environ).accounts.all()]


@contextmanager
def scene(shared: SharedStore, own: Mapping[str, str] | None = None) -> Iterator[Scene]:
    """The scene, with the account connected."""
    with AuthorizationServer() as server:
        made = Scene(server, shared, own or {})
        made.connect()
        yield made


def accounts_in(ended: Ended) -> list[dict[str, object]]:
    """The accounts of `--json`."""
    found = loads(ended.out)["accounts"]
    assert isinstance(found, list)
    return found
