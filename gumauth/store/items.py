"""Items of the Secret Service, in one conversation: the ordinary case of reading, writing and deleting.

What is not ordinary (several items for one key, something locked, something to be asked of a person) is not done here
and raises `Unsure`.

The session is "plain": the secret crosses the bus as it is. The bus is a socket of this user's own, whoever can listen
on it can also ask for the secret, and the encrypted kind costs 30 ms.

Source: Secret Service API Draft 0.2, https://specifications.freedesktop.org/secret-service-spec/0.2/
"""

from __future__ import annotations

from gumauth.store.bus import question, question_of_property
from gumauth.store.dbus_message import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.bus import Conversation, Question

SECRETS = "org.freedesktop.secrets"
SERVICE = Place(path="/org/freedesktop/secrets", destination=SECRETS, interface="org.freedesktop.Secret.Service")
COLLECTION, ITEM = "org.freedesktop.Secret.Collection", "org.freedesktop.Secret.Item"
NOTHING = "/"
"""In place of an object's path: there is none."""

OPEN_SESSION: Question = question(SERVICE, "OpenSession", "sv", "plain", ("s", ""))
DEFAULT: Question = question(SERVICE, "ReadAlias", "s", "default")

KEYRING_APPLICATION = "Python keyring library"
"""With this attribute the `keyring` library writes its items; only with the same ones does it find them to replace."""


class Unsure(Exception):
    """What was found is for the ordinary way to judge."""


def read(bus: Conversation, service: str, key: str) -> str | None:
    """The text of the item of a key, if there is exactly one, unlocked; None if there is surely none.

    Raises:
        Unsure: Several items, locked ones, or a locked keyring, which need not show what is in it.
    """
    opened, found = bus.ask(OPEN_SESSION, _search(service, key))
    item = _one(bus, found)
    if item is None:
        return None
    ((secrets,),) = bus.ask(question(SERVICE, "GetSecrets", "aoo", [item], opened[1]))
    return str(secrets[item][2], "utf-8")


def write(bus: Conversation, service: str, key: str, text: str) -> None:
    """Make or replace the item of a key, as the `keyring` library would.

    Raises:
        Unsure: The default keyring is locked or absent, or the service wants to ask the person.
    """
    opened, (path,) = bus.ask(OPEN_SESSION, DEFAULT)
    if path == NOTHING or _is_locked(bus, path):
        raise Unsure
    properties = {
        f"{ITEM}.Label": ("s", f"Password for '{key}' on '{service}'"),
        f"{ITEM}.Attributes": ("a{ss}", {**_attributes(service, key), "application": KEYRING_APPLICATION}),
    }
    secret = (opened[1], b"", text.encode(), "text/plain")
    collection = _at(path, COLLECTION)
    ((item, _prompt),) = bus.ask(question(collection, "CreateItem", "a{sv}(oayays)b", properties, secret, True))
    if item == NOTHING:
        raise Unsure


def delete(bus: Conversation, service: str, key: str) -> None:
    """Delete the item of a key, if there is one, and look whether it is gone.

    Raises:
        Unsure: Several items, locked ones, or one that is still there.
    """
    _, found = bus.ask(OPEN_SESSION, _search(service, key))
    item = _one(bus, found)
    if item is not None:
        bus.ask(question(_at(item, ITEM), "Delete"))
        if bus.ask(_search(service, key)) != [([], [])]:
            raise Unsure


def is_locked(bus: Conversation) -> bool | None:
    """Whether the default keyring is locked; None where there is none.

    A property must not be the first thing asked in a conversation: gnome-keyring 42 may abort on that.
    """
    ((path,),) = bus.ask(DEFAULT)
    return None if path == NOTHING else _is_locked(bus, path)


def _is_locked(bus: Conversation, collection: str) -> bool:
    (((_signature, locked),),) = bus.ask(question_of_property(_at(collection, COLLECTION), "Locked"))
    return bool(locked)


def _one(bus: Conversation, found: tuple[list[str], list[str]] | tuple[object, ...]) -> str | None:
    """The one unlocked item that was found; None where there is surely none."""
    unlocked, locked = found
    if not unlocked and not locked and is_locked(bus) is False:
        return None
    if not isinstance(unlocked, list) or len(unlocked) != 1 or locked:
        raise Unsure
    return str(unlocked[0])


def _search(service: str, key: str) -> Question:
    return question(SERVICE, "SearchItems", "a{ss}", _attributes(service, key))


def _attributes(service: str, key: str) -> dict[str, str]:
    return {"service": service, "username": key}


def _at(path: str, interface: str) -> Place:
    return Place(path=path, destination=SECRETS, interface=interface)
