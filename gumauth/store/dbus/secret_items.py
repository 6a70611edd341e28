"""Items of the Secret Service, found and read in one conversation.

A conversation does not choose between several values, nor make a default keyring: it raises `NeedsKeyringLibrary`.
Where the person has to answer a dialog first, it raises `NeedsAnswer`.

Reading looks into all keyrings. Writing goes to the default keyring, which may be another one than at the last write.

A locked keyring beside the default one matters only if it holds an item of the key. Every refresh reads an entry that
does not exist, and that read must not need a keyring that has nothing to do with gumauth. gnome-keyring lists the items
of locked keyrings, so nothing is overlooked there. KeePassXC does not list them: while an open database is the default
one (the one in front), an entry in a locked database counts as none.

Every conversation begins with a search, and waits for the answer. gnome-keyring 42 may handle the first call of a new
client before it has registered the client, more likely the busier it is. It then refuses a search, and answers the
second one; but a call for a session or a property crashes it, and it comes back locked.

The session is "plain": the secret crosses the bus unencrypted. The bus is a socket of this user's own, any program that
can listen there can also ask for the secret, and an encrypted session costs 30 ms.

Source: Secret Service API Draft 0.2, https://specifications.freedesktop.org/secret-service-spec/0.2/
"""

from __future__ import annotations

from gumauth.store.dbus.conversation import BusError, method_call, property_call
from gumauth.store.dbus.message import BusObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from gumauth.store.dbus.conversation import Conversation, MethodCall

    Need = Literal["locked", "asks", "shown"]
    Found = tuple[list[str], list[str]]

SECRETS = "org.freedesktop.secrets"
SERVICE = BusObject(path="/org/freedesktop/secrets", destination=SECRETS, interface="org.freedesktop.Secret.Service")
COLLECTION, ITEM = "org.freedesktop.Secret.Collection", "org.freedesktop.Secret.Item"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
NOTHING = "/"
"""The path that stands for no object."""

OPEN_SESSION: MethodCall = method_call(SERVICE, "OpenSession", "sv", "plain", ("s", ""), answer="vo")
DEFAULT: MethodCall = method_call(SERVICE, "ReadAlias", "s", "default", answer="o")


class NeedsKeyringLibrary(Exception):
    """This cannot be done in a conversation, but with the `keyring` library."""


class LockedElsewhere(Exception):
    """The default keyring is open, and another keyring that is locked holds an item.

    The `keyring` library would not see that item.
    """


class NeedsAnswer(Exception):
    """The person has to answer a dialog first; nothing has been done yet.

    Args:
        kind: "locked": the default keyring is locked. "asks": the service asks before it gives these items out.
            "shown": the service shows a dialog by itself, and answers nothing until the dialog is closed.
        paths: The keyrings or items to unlock.
    """

    def __init__(self, kind: Need, paths: list[str]) -> None:
        super().__init__(kind)
        self.kind, self.paths = kind, paths


def read(bus: Conversation, service: str, key: str) -> str | None:
    """The text of the only item of a key; None if there is surely no item, or the item is empty.

    Raises:
        NeedsKeyringLibrary: There are several items, or there is no default keyring.
        NeedsAnswer: The item is locked; or the default keyring is, which then need not list its items.
        LockedElsewhere: A locked keyring that is not the default one holds an item.
    """
    item = _one(bus, search(bus, service, key))
    if item is None:
        return None
    ((_, session),) = bus.call(OPEN_SESSION)
    ((secrets,),) = bus.call(method_call(SERVICE, "GetSecrets", "aoo", [item], session, answer="a{o(oayays)}"))
    if item not in secrets:
        raise NeedsKeyringLibrary
    return str(secrets[item][2], "utf-8") or None


def is_locked(bus: Conversation) -> bool | None:
    """Whether the default keyring is locked; None where there is none."""
    search(bus, "gumauth", "")
    return default_is_locked(bus)


def default_is_locked(bus: Conversation) -> bool | None:
    """`is_locked`, after a search in the same conversation."""
    ((path,),) = bus.call(DEFAULT)
    return None if path == NOTHING else _is_locked(bus, path)


def _is_locked(bus: Conversation, collection: str) -> bool:
    (((_signature, locked),),) = bus.call(property_call(object_at(collection, COLLECTION), "Locked", "b"))
    return bool(locked)


def _one(bus: Conversation, found: Found) -> str | None:
    """The only item that was found, unlocked; None where there is surely no item."""
    unlocked, locked = found
    if len(unlocked) == 1 and not locked:
        return unlocked[0]
    refuse_any(bus, found)
    return None


def refuse_any(bus: Conversation, found: Found) -> None:
    """Make sure that there is no item: none was found, and the default keyring is open.

    Raises:
        NeedsKeyringLibrary: There is an item, or no default keyring.
        NeedsAnswer: The default keyring, or an item in it, is locked.
        LockedElsewhere: A locked keyring that is not the default one holds an item.
    """
    unlocked, locked = found
    ((default,),) = bus.call(DEFAULT)
    refuse_locked(bus, default, locked)
    if unlocked:
        raise NeedsKeyringLibrary


def refuse_locked(bus: Conversation, default: str, locked: list[str]) -> None:
    """Make sure that the default keyring is open, and that there are no locked items.

    An item that KeePassXC gives out only after a dialog is locked in an open keyring.

    Raises:
        NeedsKeyringLibrary: There is no default keyring.
        NeedsAnswer: The default keyring, or an item in it, is locked.
        LockedElsewhere: Another keyring holds a locked item.
    """
    if default == NOTHING:
        raise NeedsKeyringLibrary
    if _is_locked(bus, default):
        raise NeedsAnswer("locked", [default])
    if not all(item.startswith(f"{default}/") for item in locked):
        raise LockedElsewhere
    if locked:
        raise NeedsAnswer("asks", locked)


def search(bus: Conversation, service: str, key: str) -> Found:
    """The paths of the unlocked items of a key, and of the locked ones; the first call of every conversation."""
    call = method_call(SERVICE, "SearchItems", "a{ss}", attributes(service, key), answer="aoao")
    try:
        ((unlocked, locked),) = bus.call(call)
    except BusError as error:
        if error.name != UNKNOWN_METHOD:
            raise
        ((unlocked, locked),) = bus.call(call)
    return unlocked, locked


def attributes(service: str, key: str) -> dict[str, str]:
    """The attributes by which an item is found."""
    return {"service": service, "username": key}


def object_at(path: str, interface: str) -> BusObject:
    """An object of the service, and one of its interfaces."""
    return BusObject(path=path, destination=SECRETS, interface=interface)
