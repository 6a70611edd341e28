"""Items of the Secret Service, written and deleted in one conversation.

Writing goes to the default keyring, which may be another one than at the last write. So writing and deleting also
delete older items of the same key in other keyrings: an older item would come back as the value.
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
"""An attribute of items that the `keyring` library writes; it replaces only items that have the same attributes."""


def write(bus: Conversation, service: str, key: str, text: str) -> None:
    """Make or replace the item of a key, as the `keyring` library would; then delete the key's items in other keyrings.

    A process that is killed in between leaves two items, and never none.

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
    """The path of the item that is made, or that is replaced where one with the same attributes is there."""
    service, key, text = entry
    label = f"Password for '{key}' on '{service}'"
    known_by = {**attributes(service, key), "application": KEYRING_APPLICATION}
    properties = {f"{ITEM}.Label": ("s", label), f"{ITEM}.Attributes": ("a{ss}", known_by)}
    secret = (session, b"", text.encode(), "text/plain")
    target = object_at(collection, COLLECTION)
    call = method_call(target, "CreateItem", "a{sv}(oayays)b", properties, secret, True, answer="oo")
    ((item, prompt),) = bus.call(call)
    if prompt != NOTHING:
        from gumauth.store.secret_service.reused_items import Entry, put

        made = Entry(service=service, label=label, attributes=known_by, secret=secret)
        item = put(bus, prompt, made, here, collection)
    if item == NOTHING:
        raise NeedsKeyringLibrary
    return str(item)


def settle(bus: Conversation, service: str, key: str, text: str) -> None:
    """See to it that an item that the `keyring` library has written is the only item of its key.

    Raises:
        Exception: As `write`.
    """
    unlocked, locked = search(bus, service, key)
    if len(unlocked) + len(locked) > 1:
        write(bus, service, key, text)


def delete(bus: Conversation, service: str, key: str) -> None:
    """Delete the items of a key in all keyrings, and make sure that none is left.

    Raises:
        NeedsKeyringLibrary: An item is left, or there is no default keyring.
        NeedsAnswer: The default keyring, or an item in it, is locked.
        LockedElsewhere: A locked keyring that is not the default one holds an item.
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
