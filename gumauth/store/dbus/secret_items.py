"""Items of the Secret Service, found and read in one conversation.

What is not ordinary (several values to choose from, no default keyring) is not done here and raises `Unsure`. Where the
person has to be asked first, it raises `NeedsAnswer`.

Reading looks into all keyrings, and writing goes to the default one, which may be another one than last time.

A locked keyring beside the default one is nobody's concern as long as nothing of the key is found in it: reading an
entry that is free belongs to every refresh, and must not need a keyring that has nothing to do with gumauth.
gnome-keyring lists what is in locked keyrings, so nothing is overlooked there. KeePassXC does not: an entry in a locked
database is taken for none while another, open database is the default one, which with it is the one in front.

Every conversation begins with a search, and waits for what it finds. gnome-keyring 42 may come to handle the first
thing that somebody asks before it has taken note of who asks, the more likely the busier it is: a search it refuses
then, and finds at the second try; a session or a property is its end, and it comes back locked.

The session is "plain": the secret crosses the bus as it is. The bus is a socket of this user's own, whoever can listen
on it can also ask for the secret, and the encrypted kind costs 30 ms.

Source: Secret Service API Draft 0.2, https://specifications.freedesktop.org/secret-service-spec/0.2/
"""

from __future__ import annotations

from gumauth.store.dbus.conversation import BusError, question, question_of_property
from gumauth.store.dbus.message import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from gumauth.store.dbus.conversation import Conversation, Question

    Need = Literal["locked", "asks", "shown"]
    Found = tuple[list[str], list[str]]

SECRETS = "org.freedesktop.secrets"
SERVICE = Place(path="/org/freedesktop/secrets", destination=SECRETS, interface="org.freedesktop.Secret.Service")
COLLECTION, ITEM = "org.freedesktop.Secret.Collection", "org.freedesktop.Secret.Item"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
NOTHING = "/"
"""In place of an object's path: there is none."""

OPEN_SESSION: Question = question(SERVICE, "OpenSession", "sv", "plain", ("s", ""), answer="vo")
DEFAULT: Question = question(SERVICE, "ReadAlias", "s", "default", answer="o")


class Unsure(Exception):
    """What was found is for the ordinary way to judge."""


class LockedElsewhere(Exception):
    """The default keyring is open, and an item was found in another one that is locked.

    The ordinary way would not see it, and take it for none.
    """


class NeedsAnswer(Exception):
    """Nothing has been done yet: a dialog has to be answered first.

    Args:
        kind: "locked": the default keyring is; "asks": we may not have these items unasked; "shown": the service shows
            a dialog by itself, and answers nothing until it is closed.
        paths: What `prompts.unlock` takes.
    """

    def __init__(self, kind: Need, paths: list[str]) -> None:
        super().__init__(kind)
        self.kind, self.paths = kind, paths


def read(bus: Conversation, service: str, key: str) -> str | None:
    """The text of the item of a key, if there is exactly one, unlocked; None if there is surely none, or an empty one.

    Raises:
        Unsure: Several items, or no default keyring.
        NeedsAnswer: The default keyring, which need not show then what is in it, or the item is locked.
        LockedElsewhere: One is in a locked keyring that is not the default one.
    """
    item = _one(bus, search(bus, service, key))
    if item is None:
        return None
    ((_, session),) = bus.ask(OPEN_SESSION)
    ((secrets,),) = bus.ask(question(SERVICE, "GetSecrets", "aoo", [item], session, answer="a{o(oayays)}"))
    if item not in secrets:
        raise Unsure
    return str(secrets[item][2], "utf-8") or None


def is_locked(bus: Conversation) -> bool | None:
    """Whether the default keyring is locked; None where there is none."""
    search(bus, "gumauth", "")
    return default_is_locked(bus)


def default_is_locked(bus: Conversation) -> bool | None:
    """The same, once something has been searched for."""
    ((path,),) = bus.ask(DEFAULT)
    return None if path == NOTHING else _is_locked(bus, path)


def _is_locked(bus: Conversation, collection: str) -> bool:
    (((_signature, locked),),) = bus.ask(question_of_property(at(collection, COLLECTION), "Locked", "b"))
    return bool(locked)


def _one(bus: Conversation, found: Found) -> str | None:
    """The one unlocked item that was found; None where there is surely none."""
    unlocked, locked = found
    if len(unlocked) == 1 and not locked:
        return unlocked[0]
    refuse_any(bus, found)
    return None


def refuse_any(bus: Conversation, found: Found) -> None:
    """See to it that there is surely no item: none was found, and the default keyring is open.

    Raises:
        Unsure: There is one, or may be.
        NeedsAnswer: So it is, and it or the default keyring is locked.
        LockedElsewhere: There is one, where the ordinary way does not look.
    """
    unlocked, locked = found
    ((default,),) = bus.ask(DEFAULT)
    refuse_locked(bus, default, locked)
    if unlocked:
        raise Unsure


def refuse_locked(bus: Conversation, default: str, locked: list[str]) -> None:
    """See to it that the default keyring is open, and none of these locked items is there.

    Where KeePassXC has to ask before a program may use an item, the item is locked in an open keyring.

    Raises:
        Unsure: There is no default keyring.
        NeedsAnswer: It, or an item in it, is locked.
        LockedElsewhere: One is in another keyring.
    """
    if default == NOTHING:
        raise Unsure
    if _is_locked(bus, default):
        raise NeedsAnswer("locked", [default])
    if not all(item.startswith(f"{default}/") for item in locked):
        raise LockedElsewhere
    if locked:
        raise NeedsAnswer("asks", locked)


def search(bus: Conversation, service: str, key: str) -> Found:
    """The paths of the unlocked items of a key, and of the locked ones; the first thing asked in a conversation."""
    asked = question(SERVICE, "SearchItems", "a{ss}", attributes(service, key), answer="aoao")
    try:
        ((unlocked, locked),) = bus.ask(asked)
    except BusError as error:
        if error.name != UNKNOWN_METHOD:
            raise
        ((unlocked, locked),) = bus.ask(asked)
    return unlocked, locked


def attributes(service: str, key: str) -> dict[str, str]:
    """By these an item is found."""
    return {"service": service, "username": key}


def at(path: str, interface: str) -> Place:
    """An interface of an object of the service."""
    return Place(path=path, destination=SECRETS, interface=interface)
