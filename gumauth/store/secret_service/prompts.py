"""The dialogs of a Secret Service, which the service calls prompts; a conversation waits for the end of its prompts.

gnome-keyring shows a dialog to unlock a keyring. KeePassXC makes a prompt for everything; most of its prompts show
nothing and end in a moment. KeePassXC shows a dialog before an unknown program may read an entry, if it is set to;
always before an unknown program may replace an entry; and before an unknown program may delete an entry, if it is set
to. For KeePassXC, every connection to the bus is another program: a permission holds for one conversation.

Source: Secret Service API Draft 0.2, "Prompts and Prompting"; KeePassXC 2.7.4, src/fdosecrets/objects/Prompt.cpp
"""

from __future__ import annotations

from gumauth.store.dbus.conversation import Signal, method_call
from gumauth.store.dbus.secret_items import NOTHING, SERVICE, object_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.store.dbus.conversation import Conversation

PROMPT = "org.freedesktop.Secret.Prompt"
NO_WINDOW = ""


class Unanswered(Exception):
    """A prompt was dismissed, by the person or by the service because nobody answered."""


def unlock(bus: Conversation, paths: list[str]) -> None:
    """Unlock these keyrings or items; the service may ask the person.

    Raises:
        Unanswered: The person refused.
        TimeoutError: The person has not answered yet.
    """
    ((_, prompt),) = bus.call(method_call(SERVICE, "Unlock", "ao", paths, answer="aoo"))
    if prompt != NOTHING:
        answered(bus, prompt)


def ours(bus: Conversation, service: str) -> tuple[list[str], list[str]]:
    """The paths of all items of gumauth, unlocked and locked."""
    ((unlocked, locked),) = bus.call(method_call(SERVICE, "SearchItems", "a{ss}", {"service": service}, answer="aoao"))
    return unlocked, locked


def answered(bus: Conversation, path: str) -> Any:
    """The result of a prompt, for which the service may show a dialog.

    Raises:
        Unanswered: The prompt was dismissed.
        TimeoutError: The person has not answered yet.
    """
    prompt = object_at(path, PROMPT)
    completed = Signal(source=prompt, name="Completed", signature="bv")
    bus.is_remembered = True
    bus.listen(completed)
    bus.call(method_call(prompt, "Prompt", "s", NO_WINDOW, answer=""))
    dismissed, (_kind, result) = bus.hear(completed)
    if dismissed:
        raise Unanswered
    return result


def dismiss(bus: Conversation, path: str) -> None:
    """Dismiss a prompt; the service then does not do what the prompt is for."""
    bus.call(method_call(object_at(path, PROMPT), "Dismiss", answer=""))
