"""Items of the Secret Service, written and deleted in one conversation.

Writing goes to the default keyring, which may be another one than last time. So writing and deleting see to it that no
older item of the same key stays anywhere: it would come back as the value.
"""

from __future__ import annotations

from gumauth.store.dbus.conversation import method_call
from gumauth.store.dbus.secret_items import (
    COLLECTION,
    DEFAULT,
    ITEM,
    NOTHING,
    OPEN_SESSION,
    NeedsKeyringLibrary,
    attributes,
    object_at,
    refuse_any,
    refuse_locked,
    search,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.dbus.conversation import Conversation

KEYRING_APPLICATION = "Python keyring library"
"""With this attribute the `keyring` library writes its items; only with the same ones does it find them to replace."""


def write(bus: Conversation, service: str, key: str, text: str) -> None:
    """Make or replace the item of a key, as the `keyring` library would, and delete those that it has elsewhere.

    They go when the new one is there: a process that ends in between leaves two items, and never none.

    Raises:
        NeedsKeyringLibrary: There is no default keyring, or an older item stays.
        NeedsAnswer: The default keyring, or an item, is locked; nothing is written.
        LockedElsewhere: An older item could not be deleted; nothing is written.
    """
    unlocked, locked = search(bus, service, key)
    (_, session), (default,) = bus.call(OPEN_SESSION, DEFAULT)
    refuse_locked(bus, default, locked)
    here = [item for item in unlocked if item.startswith(f"{default}/")]
    item = _create(bus, default, session, (service, key, text), here)
    others = [path for path in unlocked if path != item]
    if others:
        _delete_all(bus, others, service)
        if search(bus, service, key) != ([item], []):
            raise NeedsKeyringLibrary


def _create(bus: Conversation, collection: str, session: str, entry: tuple[str, str, str], here: list[str]) -> str:
    """The path of the item that is made, in target of one with the same attributes."""
    service, key, text = entry
    label = f"Password for '{key}' on '{service}'"
    known_by = {**attributes(service, key), "application": KEYRING_APPLICATION}
    properties = {f"{ITEM}.Label": ("s", label), f"{ITEM}.Attributes": ("a{ss}", known_by)}
    secret = (session, b"", text.encode(), "text/plain")
    target = object_at(collection, COLLECTION)
    asked = method_call(target, "CreateItem", "a{sv}(oayays)b", properties, secret, True, answer="oo")
    ((item, prompt),) = bus.call(asked)
    if prompt != NOTHING:
        from gumauth.store.secret_service.reused_items import Entry, put

        made = Entry(service=service, label=label, attributes=known_by, secret=secret)
        item = put(bus, prompt, made, here, collection)
    if item == NOTHING:
        raise NeedsKeyringLibrary
    return str(item)


def settle(bus: Conversation, service: str, key: str, text: str) -> None:
    """See to it that what was written another way is the only item of its key.

    Raises:
        Exception: As `write`: it may not be.
    """
    unlocked, locked = search(bus, service, key)
    if len(unlocked) + len(locked) > 1:
        write(bus, service, key, text)


def delete(bus: Conversation, service: str, key: str) -> None:
    """Delete the items of a key in all keyrings, and look whether they are gone.

    Raises:
        NeedsKeyringLibrary: One is still there, or may be.
        NeedsAnswer: One is, and it or the default keyring is locked.
        LockedElsewhere: One is in a locked keyring that is not the default one.
    """
    found = search(bus, service, key)
    if found[0]:
        _delete_all(bus, found[0], service)
        found = search(bus, service, key)
    refuse_any(bus, found)


def _delete_all(bus: Conversation, items: list[str], service: str) -> None:
    for item in items:
        ((prompt,),) = bus.call(method_call(object_at(item, ITEM), "Delete", answer="o"))
        if prompt != NOTHING:
            from gumauth.store.secret_service.reused_items import empty

            empty(bus, prompt, item, service)
