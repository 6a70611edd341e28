"""Items of a Secret Service that asks the person about everything, played here: what is made of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gumauth.store.dbus.conversation import BusError
from gumauth.store.dbus.secret_items import LockedElsewhere, NeedsAnswer, NeedsKeyringLibrary, is_locked, read
from gumauth.store.secret_service.item_changes import delete, write
from gumauth.store.secret_service.prompts import Unanswered

if TYPE_CHECKING:
    from gumauth.store.dbus.conversation import Conversation, MethodCall, Signal

KEY = "linear/0123456789abcdef/a"
FRONT = "/org/freedesktop/secrets/collection/front"
BEHIND = "/org/freedesktop/secrets/collection/behind"
EMPTY = "empty"


class Prompting:
    """Makes a prompt of every item that is made or deleted, as KeePassXC does.

    Args:
        unlocked: The paths of items that may be used.
        locked: Those that may not, or not yet.
        empty: Paths of unlocked and of locked items that hold nothing.
        dismissed: Whether the person dismisses a prompt that is shown.
    """

    def __init__(
        self,
        unlocked: tuple[str, ...] = (),
        locked: tuple[str, ...] = (),
        empty: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
        *,
        dismissed: bool = False,
    ) -> None:
        self.found = (list(unlocked), list(locked))
        self.empty = (list(empty[0]), list(empty[1]))
        self.dismisses = dismissed
        self.asked: list[list[str]] = []
        self.open: list[str] = []
        self.dismissed: list[str] = []
        self.changed: list[tuple[str, Any]] = []
        self.is_remembered = False

    def call(self, *calls: MethodCall) -> list[tuple[Any, ...]]:
        self.asked.append([call.method for call in calls])
        return [self.answer(call.target, call.method, call.arguments) for call in calls]

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
        if method == "SearchItems":
            return self.empty if arguments[0]["username"] == EMPTY else self.found
        if method in ("SetSecret", "Set"):
            self.changed.append((place.path, arguments[0][2] if method == "SetSecret" else arguments[2][1]))
            return ()
        fixed = {
            "OpenSession": (("s", ""), "/session"),
            "ReadAlias": (FRONT,),
            "Get": (("b", 0),),
            "Prompt": (),
        }
        return fixed[method]

    def listen(self, signal: Signal) -> None:
        assert signal.source.path == self.open[-1]

    def hear(self, signal: Signal) -> tuple[Any, ...]:
        assert self.asked[-1] == ["Prompt"]
        return self.dismisses, ("o", f"{FRONT}/new")

    @property
    def bus(self) -> Conversation:
        return cast("Conversation", self)


NAMES = {"service": "gumauth", "username": KEY, "application": "Python keyring library"}
LABEL = f"Password for '{KEY}' on 'gumauth'"


@pytest.mark.requirement("K17")
def test_a_prompt_for_a_new_item_is_shown_in_the_conversation_which_goes_on() -> None:
    service = Prompting()
    write(service.bus, "gumauth", KEY, "{}")
    assert service.asked[-1] == ["Prompt"]
    assert (service.dismissed, service.is_remembered) == ([], True)
    with pytest.raises(Unanswered):
        write(Prompting(dismissed=True).bus, "gumauth", KEY, "{}")


@pytest.mark.requirement("K17")
def test_an_item_that_is_there_is_changed_and_its_prompt_dismissed() -> None:
    """KeePassXC would show a dialog to every process anew, however it is set."""
    service = Prompting(unlocked=(f"{FRONT}/1",), empty=((f"{FRONT}/2",), ()))
    write(service.bus, "gumauth", KEY, "{}")
    assert service.changed == [(f"{FRONT}/1", b"{}")]
    assert service.dismissed == service.open == ["/org/freedesktop/secrets/prompt/0"]
    assert not service.is_remembered


@pytest.mark.requirement("K17")
def test_an_empty_item_is_used_again_and_has_its_name_before_its_secret() -> None:
    service = Prompting(empty=((f"{FRONT}/2",), ()))
    write(service.bus, "gumauth", KEY, "{}")
    assert service.changed == [(f"{FRONT}/2", NAMES), (f"{FRONT}/2", LABEL), (f"{FRONT}/2", b"{}")]
    assert service.dismissed == service.open


@pytest.mark.requirement("K17")
def test_an_empty_item_that_we_may_not_have_is_asked_for_and_no_other_one_made() -> None:
    """There would be one more with every refresh."""
    service = Prompting(empty=((), (f"{FRONT}/2",)))
    with pytest.raises(NeedsAnswer) as caught:
        write(service.bus, "gumauth", KEY, "{}")
    assert (caught.value.kind, caught.value.paths) == ("asks", [f"{FRONT}/2"])
    assert (service.dismissed, service.changed) == (service.open, [])


@pytest.mark.requirement("K17")
@pytest.mark.parametrize("empty", [((f"{BEHIND}/2",), ()), ((), (f"{BEHIND}/2",))])
def test_an_empty_item_in_another_keyring_than_the_default_one_is_not_used(empty: Any) -> None:
    """While that one is closed, the entry would be taken for none."""
    service = Prompting(empty=empty)
    write(service.bus, "gumauth", KEY, "{}")
    assert (service.changed, service.asked[-1]) == ([], ["Prompt"])


@pytest.mark.requirement("K17", "L2")
def test_an_item_that_cannot_be_deleted_unasked_loses_its_secret_and_then_its_name() -> None:
    class Finding(Prompting):
        def answer(self, place: Any, method: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
            answer = super().answer(place, method, arguments)
            if method == "Set":
                self.found = ([], [])
            return answer

    service = Finding(unlocked=(f"{FRONT}/1",))
    delete(service.bus, "gumauth", KEY)
    empty = {"service": "gumauth", "username": "empty"}
    assert service.changed == [(f"{FRONT}/1", b""), (f"{FRONT}/1", empty), (f"{FRONT}/1", "gumauth (empty)")]
    assert service.dismissed == service.open


def test_an_item_without_a_secret_is_none() -> None:
    """A process ended before it had taken the name away too."""

    class Emptied(Prompting):
        def answer(self, place: Any, method: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
            if method == "GetSecrets":
                return ({arguments[0][0]: ("/session", b"", b"", "text/plain")},)
            return super().answer(place, method, arguments)

    assert read(Emptied(unlocked=(f"{FRONT}/1",)).bus, "gumauth", KEY) is None


@pytest.mark.parametrize(
    ("locked", "error"),
    [((f"{FRONT}/1",), NeedsAnswer), ((f"{BEHIND}/1",), LockedElsewhere), ((f"{FRONT}2/1",), LockedElsewhere)],
)
def test_an_item_that_we_may_not_have_is_asked_for_where_its_keyring_is_the_default_one(
    locked: tuple[str, ...], error: type[Exception]
) -> None:
    for use in (read, delete):
        with pytest.raises(error):
            use(Prompting(locked=locked).bus, "gumauth", KEY)
    with pytest.raises(error):
        write(Prompting(locked=locked).bus, "gumauth", KEY, "{}")


def test_reading_what_is_there_takes_three_round_trips() -> None:
    service = Prompting(unlocked=(f"{BEHIND}/1",))
    assert read(service.bus, "gumauth", KEY) == "{}"
    assert service.asked == [["SearchItems"], ["OpenSession"], ["GetSecrets"]]


def test_a_secret_of_another_item_than_the_one_asked_for_is_left_to_the_keyring_library() -> None:
    class Mistaken(Prompting):
        def answer(self, place: Any, method: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
            if method == "GetSecrets":
                arguments = ([f"{BEHIND}/2"],)
            return super().answer(place, method, arguments)

    with pytest.raises(NeedsKeyringLibrary):
        read(Mistaken(unlocked=(f"{BEHIND}/1",)).bus, "gumauth", KEY)


class Forgetful(Prompting):
    """Does not know who asks until somebody has asked; a session or a property would be its end."""

    def call(self, *calls: MethodCall) -> list[tuple[Any, ...]]:
        answers = super().call(*calls)
        if len(self.asked) == 1:
            assert self.asked == [["SearchItems"]]
            raise BusError("org.freedesktop.DBus.Error.UnknownMethod")
        return answers


@pytest.mark.requirement("K14")
@pytest.mark.parametrize("found", [(), (f"{FRONT}/1",)])
def test_a_service_that_does_not_know_yet_who_asks_is_asked_again_and_not_brought_down(found: tuple[str, ...]) -> None:
    assert read(Forgetful(found).bus, "gumauth", KEY) == ("{}" if found else None)
    with pytest.raises(NeedsKeyringLibrary):  # the item is found again
        delete(Forgetful((f"{FRONT}/1",)).bus, "gumauth", KEY)
    write(Forgetful(found).bus, "gumauth", KEY, "{}")
    assert is_locked(Forgetful(found).bus) is False


def test_another_refusal_is_not_taken_for_that() -> None:
    class Refusing(Prompting):
        def call(self, *calls: MethodCall) -> list[tuple[Any, ...]]:
            super().call(*calls)
            raise BusError("org.freedesktop.DBus.Error.AccessDenied")

    service = Refusing()
    with pytest.raises(BusError, match="AccessDenied"):
        read(service.bus, "gumauth", KEY)
    assert service.asked == [["SearchItems"]]
