"""The dialogs of a Secret Service: waited for in the conversation in which they are asked for.

gnome-keyring has one to unlock a keyring. KeePassXC makes a prompt of everything, and most of them show nothing and are
done in a moment. It shows a dialog before a program that it does not know may have an entry, if it is set to; before
one may replace an entry that is there, however it is set; and before one may delete an entry, if it is set to. A
program is a connection to the bus for it, so it knows nothing of what was allowed to another process or conversation.

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
    """A prompt was dismissed, by the person or because nobody has answered it."""


def unlock(bus: Conversation, paths: list[str]) -> None:
    """Unlock these keyrings or items; the service may ask the person.

    Raises:
        Unanswered: The person does not want it.
        TimeoutError: There is no answer yet.
    """
    ((_, prompt),) = bus.call(method_call(SERVICE, "Unlock", "ao", paths, answer="aoo"))
    if prompt != NOTHING:
        answered(bus, prompt)


def ours(bus: Conversation, service: str) -> tuple[list[str], list[str]]:
    """The paths of all our items, unlocked and locked."""
    ((unlocked, locked),) = bus.call(method_call(SERVICE, "SearchItems", "a{ss}", {"service": service}, answer="aoao"))
    return unlocked, locked


def answered(bus: Conversation, path: str) -> Any:
    """What comes of a prompt, which is shown if there is something to be asked.

    Raises:
        Unanswered: It was dismissed.
        TimeoutError: There is no answer yet.
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
    """Let go of a prompt: what it is for is not done."""
    bus.call(method_call(object_at(path, PROMPT), "Dismiss", answer=""))
