"""Items of a Secret Service that asks the person before it deletes one: emptied instead, and used again.

KeePassXC makes a prompt of every item that is written or deleted. One for a new item shows nothing; one for an item
that is there shows a dialog to whom it does not know, which is every process anew, and one for deleting always does if
it is set to. What asks nobody is changing the secret and the attributes of an item that we may have. So an item that
is there is changed; one that is to go has its secret taken out, and is called empty until it is needed for another key.

KeePassXC keeps the former values of an entry as its history, as many as it is set to.
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
"""Stands in place of the key; no key is called so, because all have a slash."""


@frozen
class Entry:
    """What is to be written.

    Args:
        service: The name under which the entries stand.
        label: What the person sees.
        attributes: By which it is found.
        secret: With the session that it is sent in.
    """

    service: str
    label: str
    attributes: dict[str, str]
    secret: Secret

    _secret = ("secret",)


def put(bus: Conversation, prompt: str, entry: Entry, here: list[str], collection: str) -> str:
    """The path of the item that has the entry: the one that it has already, an empty one, or a new one.

    An empty one in another keyring is left there: that one may be closed while this one is open.

    Args:
        bus: The conversation.
        prompt: What the service has answered to making it.
        entry: The entry.
        here: The items of its key in the default keyring.
        collection: The default keyring.

    Raises:
        NeedsAnswer: We may not have the empty items unasked.
        Unanswered: The service did not make it.
        TimeoutError: It asks the person.
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
    """Take the secret out of an item, and then its name: what is interrupted in between is read as no value.

    Args:
        bus: The conversation.
        prompt: What the service has answered to deleting it.
        item: Its path.
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
