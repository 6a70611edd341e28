"""Items of a Secret Service that asks the person about everything, played here: what is made of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gumauth.store.bus import BusError
from gumauth.store.items import LockedElsewhere, Unsure, delete, is_locked, read, write

if TYPE_CHECKING:
    from gumauth.store.bus import Conversation, Question

KEY = "linear/0123456789abcdef/a"
FRONT = "/org/freedesktop/secrets/collection/front"
BEHIND = "/org/freedesktop/secrets/collection/behind"


class Prompting:
    """Asks the person before it makes or deletes anything, as KeePassXC does.

    Args:
        unlocked: The paths of items that may be used.
        locked: Those that may not, or not yet.
    """

    def __init__(self, unlocked: tuple[str, ...] = (), locked: tuple[str, ...] = ()) -> None:
        self.found = (list(unlocked), list(locked))
        self.asked: list[list[str]] = []
        self.open: list[str] = []
        self.dismissed: list[str] = []

    def ask(self, *questions: Question) -> list[tuple[Any, ...]]:
        self.asked.append([question.method for question in questions])
        return [self.answer(question.place, question.method, question.arguments) for question in questions]

    def answer(self, place: Any, method: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        if method in ("CreateItem", "Delete"):
            self.open.append(f"/org/freedesktop/secrets/prompt/{len(self.open)}")
            return (self.open[-1],) if method == "Delete" else ("/", self.open[-1])
        if method == "Dismiss":
            assert place.interface == "org.freedesktop.Secret.Prompt"
            self.dismissed.append(place.path)
            return ()
        if method == "GetSecrets":
            return (dict.fromkeys(arguments[0], ("/session", b"", b"{}", "text/plain")),)
        fixed = {
            "OpenSession": (("s", ""), "/session"),
            "ReadAlias": (FRONT,),
            "Get": (("b", 0),),
            "SearchItems": self.found,
        }
        return fixed[method]

    @property
    def bus(self) -> Conversation:
        return cast("Conversation", self)


def test_a_prompt_for_writing_is_dismissed_before_the_ordinary_way_makes_its_own() -> None:
    service = Prompting()
    with pytest.raises(Unsure):
        write(service.bus, "gumauth", KEY, "{}")
    assert service.dismissed == service.open == ["/org/freedesktop/secrets/prompt/0"]


def test_a_prompt_for_deleting_is_dismissed_and_no_second_one_is_made() -> None:
    """Two items: the first prompt ends it."""
    service = Prompting(unlocked=(f"{FRONT}/1", f"{BEHIND}/2"))
    with pytest.raises(Unsure):
        delete(service.bus, "gumauth", KEY)
    assert service.dismissed == service.open == ["/org/freedesktop/secrets/prompt/0"]


@pytest.mark.parametrize(
    ("locked", "error"),
    [((f"{FRONT}/1",), Unsure), ((f"{BEHIND}/1",), LockedElsewhere), ((f"{FRONT}2/1",), LockedElsewhere)],
)
def test_an_item_that_the_person_has_to_be_asked_for_is_left_to_the_ordinary_way(
    locked: tuple[str, ...], error: type[Exception]
) -> None:
    """It is locked in a database that is open; one in another database is not what the ordinary way would find."""
    for use in (read, delete):
        with pytest.raises(error):
            use(Prompting(locked=locked).bus, "gumauth", KEY)


def test_reading_what_is_there_takes_three_round_trips() -> None:
    service = Prompting(unlocked=(f"{BEHIND}/1",))
    assert read(service.bus, "gumauth", KEY) == "{}"
    assert service.asked == [["SearchItems"], ["OpenSession"], ["GetSecrets"]]


def test_a_secret_of_another_item_than_the_one_asked_for_is_left_to_the_ordinary_way() -> None:
    class Mistaken(Prompting):
        def answer(self, place: Any, method: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
            if method == "GetSecrets":
                arguments = ([f"{BEHIND}/2"],)
            return super().answer(place, method, arguments)

    with pytest.raises(Unsure):
        read(Mistaken(unlocked=(f"{BEHIND}/1",)).bus, "gumauth", KEY)


class Forgetful(Prompting):
    """Does not know who asks until somebody has asked; a session or a property would be its end."""

    def ask(self, *questions: Question) -> list[tuple[Any, ...]]:
        answers = super().ask(*questions)
        if len(self.asked) == 1:
            assert self.asked == [["SearchItems"]]
            raise BusError("org.freedesktop.DBus.Error.UnknownMethod")
        return answers


@pytest.mark.requirement("K14")
@pytest.mark.parametrize("found", [(), (f"{FRONT}/1",)])
def test_a_service_that_does_not_know_yet_who_asks_is_asked_again_and_not_brought_down(found: tuple[str, ...]) -> None:
    assert read(Forgetful(found).bus, "gumauth", KEY) == ("{}" if found else None)
    with pytest.raises(Unsure):  # it asks the person about this, and the next
        delete(Forgetful((f"{FRONT}/1",)).bus, "gumauth", KEY)
    with pytest.raises(Unsure):
        write(Forgetful(found).bus, "gumauth", KEY, "{}")
    assert is_locked(Forgetful(found).bus) is False


def test_another_refusal_is_not_taken_for_that() -> None:
    class Refusing(Prompting):
        def ask(self, *questions: Question) -> list[tuple[Any, ...]]:
            super().ask(*questions)
            raise BusError("org.freedesktop.DBus.Error.AccessDenied")

    service = Refusing()
    with pytest.raises(BusError, match="AccessDenied"):
        read(service.bus, "gumauth", KEY)
    assert service.asked == [["SearchItems"]]
