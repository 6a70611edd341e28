"""What the commands run in: a Secret Service of their own, folders with accounts, and compiled modules."""

from __future__ import annotations

import secrets
import shutil
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gumauth.accounts.account import Account, account_id, encode
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from gumauth.store.open import ENCRYPTED_FILE
from tests.accounts.directly import records_of
from tests.benchmarks.turns import Command
from tests.cli.id_tokens import id_token
from tests.parts.kwallet import KWallet
from tests.parts.secret_service import Session

FEW, SOME, MANY = 10, 1_000, 10_000
PROVIDER = "acme"
BARE = "bare"
NEEDED = ("dbus-daemon", "gnome-keyring-daemon")


class NotInstalled(Exception):
    """Without this nothing can be measured; the message names it."""


class Scene:
    """A person with accounts: ten in the usual place, and others under a GUMAUTH_HOME each.

    Args:
        session: Unlocked.
    """

    def __init__(self, session: Session) -> None:
        self.folder = session.folder
        self.environ = compiled(session.environ, self.folder)
        self.bare = Command((sys.executable, "-c", "pass"), self.environ)
        self.account = self.add_accounts(self.environ, FEW)

    def gumauth(self, *words: str, environ: Mapping[str, str] | None = None, on_terminal: bool = False) -> Command:
        """The command that people run, with the ten accounts, or with what these variables say."""
        return Command((console_script(), *words), {**self.environ, **(environ or {})}, on_terminal)

    def entry(self) -> tuple[str, str]:
        """Service and user name under which the keyring has the default account's record."""
        return Context(self.environ).home.service, f"{self.account.key}/{self.account.slot}"

    def many_accounts(self) -> dict[str, str]:
        """What leads to a folder with ten thousand accounts, made when it is first asked for."""
        return self._other_home("many", MANY)

    def without_default(self, count: int) -> dict[str, str]:
        """What leads to a folder with so many accounts, of which none is written down as the default."""
        leads = self._other_home(f"undecided-{count}", count)
        Path(leads["GUMAUTH_HOME"], "accounts", PROVIDER, "default").unlink(missing_ok=True)
        return leads

    def encrypted(self) -> dict[str, str]:
        """What leads to ten accounts whose records are in the encrypted file, under a key file."""
        key = self.folder / "key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_bytes(secrets.token_bytes(32))
        more = {"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}
        return self._other_home("encrypted", FEW, store=ENCRYPTED_FILE, **more)

    def _other_home(self, name: str, count: int, *, store: str = "Secret Service", **more: str) -> dict[str, str]:
        home = self.folder / name
        variables = {"GUMAUTH_HOME": str(home), **more}
        if not home.exists():
            self.add_accounts({**self.environ, **variables}, count, store)
        return variables

    def from_git(self) -> Path:
        """The file with what git sends to a credential helper."""
        path = self.folder / "from-git"
        path.write_text("protocol=https\nhost=github.com\n\n")
        return path

    def for_git(self) -> Command:
        """What git runs, for an account of GitHub's in the Secret Service."""
        if not Path(Context(self.environ).home.data, "accounts", "github").exists():
            self.add_accounts(self.environ, 1, provider="github")
        words = (console_script(), "token", "github", "--for", "git", "get")
        return Command(words, self.environ, reads=self.from_git())

    def with_id_token(self) -> str:
        """The name of an account in the Secret Service whose record has an id_token too."""
        if not Path(Context(self.environ).home.data, "accounts", "cluster").exists():
            self.add_accounts(self.environ, 1, provider="cluster", id_token=id_token(ends=time.time() + 3600))
        return "cluster"

    def add_accounts(
        self,
        environ: dict[str, str],
        count: int,
        store: str = "Secret Service",
        *,
        provider: str = PROVIDER,
        id_token: str | None = None,
    ) -> Account:
        """Connect the first of these accounts, and list the others; gives the first, which is the default."""
        context = Context(environ)
        first = replace(_account(0, store), provider=provider)
        record = Record(access_token=secrets.token_urlsafe(32), id_token=id_token, grant=first.grant, account={})
        records = records_of(context)
        first, _ = records.put(first, record)
        records.mark(first)
        _close(context, store)
        folder = Path(context.home.data, "accounts", provider)
        for number in range(1, count):  # written at once: `save` waits for the disk each time
            other = _account(number, store)
            (folder / f"{other.id}.json").write_bytes(encode(other))
        return first


@contextmanager
def in_kwallet(scene: Scene) -> Iterator[Command]:
    """The command for a good token whose record is in an open wallet, in a session of its own."""
    with tempfile.TemporaryDirectory(prefix="gumauth-", ignore_cleanup_errors=True) as folder:
        session = Session(Path(folder))
        kwallet = KWallet(session)
        try:
            session.start_bus()
            kwallet.start()
            environ = compiled(session.environ, scene.folder)
            scene.add_accounts(environ, FEW, "KWallet")
            yield Command((console_script(), "token", PROVIDER), environ)
        finally:
            kwallet.end()
            session.end()


def _account(number: int, store: str) -> Account:
    nickname = f"person{number}@example.com"
    return Account(
        provider=PROVIDER,
        id=account_id(nickname, None),
        nickname=nickname,
        scopes=("read", "write"),
        requested_scopes=("read", "write"),
        connected_at=time.time() - 10_000 + number,
        store=store,
        grant=secrets.token_hex(8),
    )


def _close(context: Context, store: str) -> None:
    close = getattr(context.store(store), "close", None)
    if close is not None:
        close()


def console_script() -> str:
    """The command that the interpreter's environment has.

    Raises:
        NotInstalled: gumauth is not installed in it.
    """
    path = Path(sysconfig.get_path("scripts"), "gumauth")
    if not path.exists():
        raise NotInstalled(f"{path}: install gumauth into the environment that runs this")
    return str(path)


def compiled(environ: dict[str, str], folder: Path) -> dict[str, str]:
    """The environment with a place for bytecode: the warm-up writes there what each command needs of it."""
    environ = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


@contextmanager
def scene() -> Iterator[Scene]:
    """A scene in a temporary folder, which is removed with all that runs in it.

    Raises:
        NotInstalled: A program that it needs is not there.
    """
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        raise NotInstalled(", ".join(missing))
    with tempfile.TemporaryDirectory(prefix="gumauth-", ignore_cleanup_errors=True) as folder:
        session = Session(Path(folder))
        try:
            session.start_bus()
            session.start_daemon()
            yield Scene(session)
        finally:
            session.end()
