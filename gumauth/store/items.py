"""Items of the Secret Service, in one conversation: the ordinary case of reading, writing and deleting.

What is not ordinary (several values to choose from, something locked, something to be asked of a person) is not done
here and raises `Unsure`.

Reading looks into all keyrings, and writing goes to the default one, which may be another one than last time. So
writing and deleting see to it that no older item of the same key stays anywhere: it would come back as the value.

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

from gumauth.store.bus import BusError, question, question_of_property
from gumauth.store.dbus_message import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.bus import Conversation, Question

    Found = tuple[list[str], list[str]]

SECRETS = "org.freedesktop.secrets"
SERVICE = Place(path="/org/freedesktop/secrets", destination=SECRETS, interface="org.freedesktop.Secret.Service")
COLLECTION, ITEM = "org.freedesktop.Secret.Collection", "org.freedesktop.Secret.Item"
PROMPT = "org.freedesktop.Secret.Prompt"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
NOTHING = "/"
"""In place of an object's path: there is none."""

OPEN_SESSION: Question = question(SERVICE, "OpenSession", "sv", "plain", ("s", ""), answer="vo")
DEFAULT: Question = question(SERVICE, "ReadAlias", "s", "default", answer="o")

KEYRING_APPLICATION = "Python keyring library"
"""With this attribute the `keyring` library writes its items; only with the same ones does it find them to replace."""


class Unsure(Exception):
    """What was found is for the ordinary way to judge."""


class LockedElsewhere(Exception):
    """The default keyring is open, and an item was found in another one that is locked.

    The ordinary way would not see it, and take it for none.
    """


def read(bus: Conversation, service: str, key: str) -> str | None:
    """The text of the item of a key, if there is exactly one, unlocked; None if there is surely none.

    Raises:
        Unsure: Several items, locked ones, or a locked default keyring, which need not show what is in it.
        LockedElsewhere: One is in a locked keyring that is not the default one.
    """
    item = _one(bus, _search(bus, service, key))
    if item is None:
        return None
    ((_, session),) = bus.ask(OPEN_SESSION)
    ((secrets,),) = bus.ask(question(SERVICE, "GetSecrets", "aoo", [item], session, answer="a{o(oayays)}"))
    if item not in secrets:
        raise Unsure
    return str(secrets[item][2], "utf-8")


def write(bus: Conversation, service: str, key: str, text: str) -> None:
    """Make or replace the item of a key, as the `keyring` library would, and delete those that it has elsewhere.

    They go when the new one is there: a process that ends in between leaves two items, and never none.

    Raises:
        Unsure: The default keyring is locked or absent, or the service wants to ask the person.
        LockedElsewhere: An older item could not be deleted; nothing is written.
    """
    unlocked, locked = _search(bus, service, key)
    (_, session), (default,) = bus.ask(OPEN_SESSION, DEFAULT)
    _refuse_locked(bus, default, locked)
    item = _create(bus, _at(default, COLLECTION), session, (service, key, text))
    others = [path for path in unlocked if path != item]
    if others:
        _delete_all(bus, others)
        if _search(bus, service, key) != ([item], []):
            raise Unsure


def _create(bus: Conversation, collection: Place, session: str, entry: tuple[str, str, str]) -> str:
    """The path of the item that is made, in place of one with the same attributes."""
    service, key, text = entry
    properties = {
        f"{ITEM}.Label": ("s", f"Password for '{key}' on '{service}'"),
        f"{ITEM}.Attributes": ("a{ss}", {**_attributes(service, key), "application": KEYRING_APPLICATION}),
    }
    secret = (session, b"", text.encode(), "text/plain")
    asked = question(collection, "CreateItem", "a{sv}(oayays)b", properties, secret, True, answer="oo")
    ((item, prompt),) = bus.ask(asked)
    _refuse_prompt(bus, prompt)
    if item == NOTHING:
        raise Unsure
    return str(item)


def settle(bus: Conversation, service: str, key: str, text: str) -> None:
    """See to it that what was written another way is the only item of its key.

    Raises:
        Unsure: It may not be.
        LockedElsewhere: There is one in a locked keyring that is not the default one.
    """
    unlocked, locked = _search(bus, service, key)
    if len(unlocked) + len(locked) > 1:
        write(bus, service, key, text)


def delete(bus: Conversation, service: str, key: str) -> None:
    """Delete the items of a key in all keyrings, and look whether they are gone.

    Raises:
        Unsure: One is still there, or may be: it or the default keyring is locked.
        LockedElsewhere: One is in a locked keyring that is not the default one.
    """
    found = _search(bus, service, key)
    if found[0]:
        _delete_all(bus, found[0])
        found = _search(bus, service, key)
    _refuse_any(bus, found)


def _delete_all(bus: Conversation, items: list[str]) -> None:
    for item in items:
        ((prompt,),) = bus.ask(question(_at(item, ITEM), "Delete", answer="o"))
        _refuse_prompt(bus, prompt)


def _refuse_prompt(bus: Conversation, path: str) -> None:
    """Dismiss a prompt, which KeePassXC always makes: the ordinary way makes its own, and waits for the answer.

    Raises:
        Unsure: There is one, so nothing has been done yet.
    """
    if path != NOTHING:
        bus.ask(question(_at(path, PROMPT), "Dismiss", answer=""))
        raise Unsure


def is_locked(bus: Conversation) -> bool | None:
    """Whether the default keyring is locked; None where there is none."""
    _search(bus, "gumauth", "")
    ((path,),) = bus.ask(DEFAULT)
    return None if path == NOTHING else _is_locked(bus, path)


def _is_locked(bus: Conversation, collection: str) -> bool:
    (((_signature, locked),),) = bus.ask(question_of_property(_at(collection, COLLECTION), "Locked", "b"))
    return bool(locked)


def _one(bus: Conversation, found: Found) -> str | None:
    """The one unlocked item that was found; None where there is surely none."""
    unlocked, locked = found
    if len(unlocked) == 1 and not locked:
        return unlocked[0]
    _refuse_any(bus, found)
    return None


def _refuse_any(bus: Conversation, found: Found) -> None:
    """See to it that there is surely no item: none was found, and the default keyring is open.

    Raises:
        Unsure: There is one, or may be.
        LockedElsewhere: There is one, where the ordinary way does not look.
    """
    unlocked, locked = found
    ((default,),) = bus.ask(DEFAULT)
    _refuse_locked(bus, default, locked)
    if unlocked or locked:
        raise Unsure


def _refuse_locked(bus: Conversation, default: str, locked: list[str]) -> None:
    """See to it that the default keyring is open, and that none of these locked items is in another one.

    Where KeePassXC has to ask before a program may use an item, the item is locked in an open keyring; asking is for
    the ordinary way.

    Raises:
        Unsure: It is not.
        LockedElsewhere: One is.
    """
    if default == NOTHING or _is_locked(bus, default):
        raise Unsure
    if not all(item.startswith(f"{default}/") for item in locked):
        raise LockedElsewhere


def _search(bus: Conversation, service: str, key: str) -> Found:
    """The paths of the unlocked items of a key, and of the locked ones; the first thing asked in a conversation."""
    asked = question(SERVICE, "SearchItems", "a{ss}", _attributes(service, key), answer="aoao")
    try:
        ((unlocked, locked),) = bus.ask(asked)
    except BusError as error:
        if error.name != UNKNOWN_METHOD:
            raise
        ((unlocked, locked),) = bus.ask(asked)
    return unlocked, locked


def _attributes(service: str, key: str) -> dict[str, str]:
    return {"service": service, "username": key}


def _at(path: str, interface: str) -> Place:
    return Place(path=path, destination=SECRETS, interface=interface)
