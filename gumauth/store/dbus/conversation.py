"""A conversation with the D-Bus session: questions and their answers, and signals."""

from __future__ import annotations

from gumauth.platform.frozen import frozen
from gumauth.store.dbus.addresses import BusUnreachable as BusUnreachable
from gumauth.store.dbus.connection import Connection
from gumauth.store.dbus.message import (
    ERROR,
    HEADER_BYTES,
    METHOD_RETURN,
    SIGNAL,
    BadMessage,
    Message,
    Place,
    call,
    parse,
    whole_length,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BUS = Place(path="/org/freedesktop/DBus", destination="org.freedesktop.DBus", interface="org.freedesktop.DBus")
PROPERTIES = "org.freedesktop.DBus.Properties"
MOST_SIGNALS = 1000
"""Signals that are kept until somebody wants them."""


class BusError(Exception):
    """The bus or the one that was asked refused.

    Args:
        name: Such as "org.freedesktop.DBus.Error.ServiceUnknown"; the text that comes with it is left out.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class BadAnswer(Exception):
    """What came is no message of D-Bus, or an answer of other types than the specification says."""


@frozen
class Question:
    """A call of a method, to be asked.

    Args:
        signature: The types of the arguments.
        answer: The types of the answer by the specification of the method; another answer is refused.
        variant: The type that the answer's variant has to hold; "" where there is none, or it does not matter.
    """

    place: Place
    method: str
    signature: str
    arguments: tuple[Any, ...]
    answer: str
    variant: str = ""

    _secret = ("arguments",)


@frozen
class Signal:
    """What somebody tells everybody who listens.

    Args:
        place: Whose; its destination is the name on the bus.
        name: Such as "Completed".
        signature: The types of what it tells.
    """

    place: Place
    name: str
    signature: str


def question(place: Place, method: str, signature: str = "", *arguments: object, answer: str) -> Question:
    """A call of a method, and the types of its answer."""
    return Question(place=place, method=method, signature=signature, arguments=arguments, answer=answer)


def question_of_property(place: Place, name: str, kind: str) -> Question:
    """A question for a property of this type; the answer is a variant."""
    there = Place(path=place.path, destination=place.destination, interface=PROPERTIES)
    arguments = (place.interface, name)
    return Question(place=there, method="Get", signature="ss", arguments=arguments, answer="v", variant=kind)


class Conversation:
    """A connection to the session bus for a few questions.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where that is not set.
        seconds: Until when, from now, every answer has to be there.

    Attributes:
        is_remembered: Whether somebody was asked in it and may be remembered by it, so that it is to go on.

    Raises:
        BusUnreachable: No address, or nobody there, or no bus.
        TimeoutError: Here and from `ask`: the time is up.
    """

    def __init__(self, address: str | None, seconds: float) -> None:
        self.is_remembered = False
        self._connection = Connection(address, seconds)
        self._serial = 0
        self._awaited: dict[tuple[str, str, str], str] = {}
        self._signals: list[Message] = []

    def ask(self, *questions: Question) -> list[tuple[Any, ...]]:
        """Ask all of these at once; gives the answers in their order, each of the types that its question says.

        Raises:
            BusError: The first refusal.
            BadAnswer: One that cannot be read, or has other types.
            BusUnreachable: The bus hung up.
            TimeoutError: The time is up.
        """
        return self.answers(self.send(*questions))

    def send(self, *questions: Question) -> dict[int, Question]:
        """Send all of these at once; gives what `answers` takes.

        Raises:
            BusUnreachable: The bus hung up.
            TimeoutError: The time is up.
        """
        with _Translated():
            greeting = b"" if self._serial else b"BEGIN\r\n" + self._encode(question(BUS, "Hello", answer="s"))
            first = self._serial + 1
            data = b"".join(map(self._encode, questions))
            self._connection.send(greeting + data)
            return dict(enumerate(questions, first))

    def answers(self, sent: dict[int, Question]) -> list[tuple[Any, ...]]:
        """The answers to what was sent, in its order; of one question, they can be waited for again after a time-out.

        Raises:
            Exception: As `ask`.
        """
        with _Translated():
            return self._answers(sent)

    def listen(self, signal: Signal) -> None:
        """Have the bus pass these signals on, for `hear`: all that come of what is asked from now on.

        Raises:
            BusUnreachable: The bus hung up.
            TimeoutError: The time is up.
        """
        place = signal.place
        rule = f"type='signal',sender='{place.destination}',interface='{place.interface}',member='{signal.name}'"
        self._awaited[(place.path, place.interface, signal.name)] = signal.signature
        self.send(
            question(BUS, "AddMatch", "s", f"{rule},path='{place.path}'", answer="")
        )  # it comes before what follows

    def hear(self, signal: Signal) -> tuple[Any, ...]:
        """What the next of these signals tells; one that has come since `listen` is not lost.

        Raises:
            BadAnswer: It is of other types.
            BusUnreachable: The bus hung up.
            TimeoutError: The time is up.
        """
        origin = (signal.place.path, signal.place.interface, signal.name)
        with _Translated():
            while True:
                for message in self._signals:
                    if message.origin == origin:
                        self._signals.remove(message)
                        return message.body()
                self._keep_signal(self._message())

    def extend(self, seconds: float) -> None:
        """Give what is asked from now on this much time."""
        self._connection.extend(seconds)

    def _encode(self, asked: Question) -> bytes:
        self._serial += 1
        return call(asked.place, self._serial, asked.method, asked.signature, asked.arguments)

    def _answers(self, asked: dict[int, Question]) -> list[tuple[Any, ...]]:
        answers: dict[int, tuple[Any, ...]] = {}
        while len(answers) < len(asked):
            message = self._message()
            serial = message.reply_to
            if serial is None or serial not in asked or message.kind not in (METHOD_RETURN, ERROR):
                self._keep_signal(message)
                continue  # also the answer to Hello, or a signal such as NameAcquired
            if message.kind == ERROR:
                raise BusError(message.error or "")
            answers[serial] = _body(asked[serial], message)
        return [answers[serial] for serial in asked]

    def _keep_signal(self, message: Message) -> None:
        """Keep a signal that was asked for, and forget anything else.

        Raises:
            BadMessage: It is of other types than it should be; or there are too many.
        """
        signature = self._awaited.get(message.origin)
        if message.kind != SIGNAL or signature is None:
            return
        if message.signature != signature or len(self._signals) >= MOST_SIGNALS:
            raise BadMessage("signal of another type, or too many")
        self._signals.append(message)

    def _message(self) -> Message:
        self._connection.fill(HEADER_BYTES)
        length = whole_length(self._connection.received)
        self._connection.fill(length)
        return parse(self._connection.take(length))

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class _Translated:
    """What cannot be read, or is lost, as an error of this module."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BadMessage):
            raise BadAnswer(str(error)) from error
        if isinstance(error, OSError) and not isinstance(error, TimeoutError):
            raise BusUnreachable(type(error).__name__) from error


def _body(asked: Question, answer: Message) -> tuple[Any, ...]:
    """The values of an answer.

    Raises:
        BadMessage: They are of other types than the question says, so they are not even read; or cannot be read.
    """
    if answer.signature != asked.answer:
        raise BadMessage("answer of another type")
    body = answer.body()
    if asked.variant and body[0][0] != asked.variant:
        raise BadMessage("property of another type")
    return body
