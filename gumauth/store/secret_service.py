"""The Secret Service (gnome-keyring, KeePassXC, KWallet 6): a good token is read here in a few milliseconds.

Only reading one unlocked item is done here, in one conversation. Everything else, and everything unusual, goes the
ordinary way: through the `keyring` library, in a process of its own.
"""

from __future__ import annotations

from gumauth.store.bus import BusError, BusUnreachable, Conversation, question, question_of_property
from gumauth.store.dbus_message import Place
from gumauth.store.turns import PATIENCE, Turn, TurnTimeout, lock_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.errors import StoreError
    from gumauth.store.interface import Run
    from gumauth.store.keyring import KeyringStore

SERVICE = Place(
    path="/org/freedesktop/secrets",
    destination="org.freedesktop.secrets",
    interface="org.freedesktop.Secret.Service",
)
SECONDS = 5.0
ABSENT = frozenset({"ServiceUnknown", "NameHasNoOwner"})


class Unsure(Exception):
    """What was found is for the ordinary way to judge."""


class SecretServiceStore:
    """Keeps secrets in the Secret Service.

    Args:
        run: The run: where the bus is, and whether somebody can answer a prompt.
        remembered: Whether an account says that its record is here.
        seconds: How long the daemon has for its answers.
    """

    name = "Secret Service"

    def __init__(self, run: Run, *, remembered: bool = False, seconds: float = SECONDS) -> None:
        self._run, self._remembered, self._seconds = run, remembered, seconds
        self._ordinary: KeyringStore | None = None

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The keyring cannot be asked.
        """
        if any(name.startswith("KEYRING_PROPERTY_") for name in self._run.environ):
            return self.ordinary().get(key)  # they may change which collection and attributes are meant
        try:
            with Turn(lock_path(self._run.environ, self._run.home)):
                return self._read(key)
        except BusUnreachable as error:
            raise self._failure("no bus") from error
        except TimeoutError as error:
            raise self._failure("timeout", f"{self._seconds:g} s") from error
        except TurnTimeout as error:
            raise self._failure("busy", f"{PATIENCE:.0f} s") from error
        except BusError as error:
            if error.name.rpartition(".")[2] in ABSENT:
                raise self._failure("no keyring") from error
        except (Unsure, LookupError, TypeError, ValueError):
            pass  # also answers of another shape than the specification's, or not text
        return self.ordinary().get(key)

    def _read(self, key: str) -> str | None:
        """The value, if there is exactly one item, unlocked, with text in it; None if there is surely none.

        The session is "plain": the secret crosses the bus as it is. The bus is a socket of this user's own, whoever
        can listen on it can also ask for the secret, and the encrypted kind costs 30 ms.

        Raises:
            Unsure: Several items, locked ones, or a locked keyring, which need not show what is in it.

        Source: Secret Service API Draft 0.2: OpenSession, SearchItems, GetSecrets.
        """
        attributes = {"service": self._run.home.service, "username": key}
        address = self._run.environ.get("DBUS_SESSION_BUS_ADDRESS")
        with Conversation(address, self._seconds) as bus:
            opened, found = bus.ask(
                question(SERVICE, "OpenSession", "sv", "plain", ("s", "")),
                question(SERVICE, "SearchItems", "a{ss}", attributes),
            )
            unlocked, locked = found
            if not unlocked and not locked and is_locked(bus) is False:
                return None
            if len(unlocked) != 1 or locked:
                raise Unsure
            ((secrets,),) = bus.ask(question(SERVICE, "GetSecrets", "aoo", unlocked, opened[1]))
        return str(secrets[unlocked[0]][2], "utf-8")

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: It is not kept.
        """
        self.ordinary().set(key, value)

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: It may still be there.
        """
        self.ordinary().delete(key)

    def warm(self) -> None:
        """Start in the background what writing needs, while something else is waited for."""
        self.ordinary().warm()

    def close(self) -> None:
        """End what was started in the background."""
        if self._ordinary is not None:
            self._ordinary.close()

    def ordinary(self) -> KeyringStore:
        """The way through the `keyring` library."""
        if self._ordinary is None:
            from gumauth.store.keyring import Deadlines, KeyringStore

            limits = Deadlines(answer=self._seconds)
            self._ordinary = KeyringStore(self.name, self._run, remembered=self._remembered, deadlines=limits)
        return self._ordinary

    def _failure(self, kind: str, detail: str = "") -> StoreError:
        return self.ordinary().failure(kind, detail)

    def __repr__(self) -> str:
        return "SecretServiceStore()"


def is_locked(bus: Conversation) -> bool | None:
    """Whether the default keyring is locked; None where there is none.

    A property must not be the first thing asked in a conversation: gnome-keyring 42 may abort on that.
    """
    ((path,),) = bus.ask(question(SERVICE, "ReadAlias", "s", "default"))
    if path == "/":
        return None
    collection = Place(path=path, destination=SERVICE.destination, interface="org.freedesktop.Secret.Collection")
    (((_signature, locked),),) = bus.ask(question_of_property(collection, "Locked"))
    return bool(locked)
