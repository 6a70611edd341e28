"""Items of a Secret Service that asks the person before it replaces or deletes an item: emptied and used again instead.

KeePassXC makes a prompt of every item that is written or deleted. A prompt for a new item shows nothing. A prompt for
an item that exists shows a dialog to every new process, and so does a prompt for deleting, if KeePassXC is set to. To
change the secret and the attributes of an item that gumauth may read, KeePassXC asks nobody. So gumauth changes an item
that exists. Instead of deleting an item, gumauth takes the secret out and names the item "empty", and uses it again for
the next new key.

KeePassXC keeps former values of an entry as its history, as many as it is set to.
"""

from __future__ import annotations

from gumauth.platform.frozen import frozen
from gumauth.store.dbus.conversation import PROPERTIES, method_call
from gumauth.store.dbus.secret_items import ITEM, OPEN_SESSION, NeedsAnswer, object_at, search
from gumauth.store.secret_service.prompts import answered, dismiss

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.dbus.conversation import Conversation

    Secret = tuple[str, bytes, bytes, str]

EMPTY = "empty"
"""Stands in place of the key of an empty item. No key is "empty", because every key has a slash."""


@frozen
class Entry:
    """An item to write.

    Args:
        service: The name under which the entries stand.
        label: The item's name for the person.
        attributes: The attributes by which the item is found.
        secret: Session, parameters, value and type, as the service takes a secret.
    """

    service: str
    label: str
    attributes: dict[str, str]
    secret: Secret

    _secret = ("secret",)


def put(bus: Conversation, prompt: str, entry: Entry, here: list[str], collection: str) -> str:
    """The path of the item that holds the entry: the key's present item, an empty item, or a new one.

    An empty item in another keyring is not used: that keyring may be closed while the default one is open.

    Args:
        bus: The conversation.
        prompt: The service's prompt for making a new item.
        entry: The entry.
        here: The items of the key in the default keyring.
        collection: The default keyring.

    Raises:
        NeedsAnswer: The service asks before it gives the empty items out.
        Unanswered: The service did not make the item.
        TimeoutError: The service asks the person, who has not answered yet.
    """
    if here:
        dismiss(bus, prompt)
        _set_secret(bus, here[0], entry)
        return here[0]
    unlocked, locked = (
        [item for item in found if item.startswith(f"{collection}/")] for found in search(bus, entry.service, EMPTY)
    )
    if unlocked:
        dismiss(bus, prompt)
        _set_names(bus, unlocked[0], entry)
        _set_secret(bus, unlocked[0], entry)
        return unlocked[0]
    if locked:
        dismiss(bus, prompt)
        raise NeedsAnswer("asks", locked)
    return str(answered(bus, prompt))


def empty(bus: Conversation, prompt: str, item: str, service: str) -> None:
    """Take the secret out of an item, and then its name; killed in between, the item is read as no value.

    Args:
        bus: The conversation.
        prompt: The service's prompt for deleting the item.
        item: The item's path.
        service: The name under which the entries stand.
    """
    dismiss(bus, prompt)
    ((_, session),) = bus.call(OPEN_SESSION)
    names = {"service": service, "username": EMPTY}
    secret = (session, b"", b"", "text/plain")
    entry = Entry(service=service, label=f"{service} (empty)", attributes=names, secret=secret)
    _set_secret(bus, item, entry)
    _set_names(bus, item, entry)


def _set_secret(bus: Conversation, item: str, entry: Entry) -> None:
    bus.call(method_call(object_at(item, ITEM), "SetSecret", "(oayays)", entry.secret, answer=""))


def _set_names(bus: Conversation, item: str, entry: Entry) -> None:
    properties = object_at(item, PROPERTIES)
    for name, value in (("Attributes", ("a{ss}", entry.attributes)), ("Label", ("s", entry.label))):
        bus.call(method_call(properties, "Set", "ssv", ITEM, name, value, answer=""))
