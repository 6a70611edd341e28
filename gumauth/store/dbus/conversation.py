"""A conversation on the D-Bus session bus: calls of methods, the answers to them, and signals."""

from __future__ import annotations

from gumauth.platform.frozen import frozen
from gumauth.store.dbus.addresses import BusUnreachable as BusUnreachable
from gumauth.store.dbus.connection import Connection
from gumauth.store.dbus.message import (
    ERROR,
    HEADER_BYTES,
    METHOD_RETURN,
    SIGNAL,
    BusObject,
    Message,
    encode_call,
    parse,
    whole_length,
)
from gumauth.store.dbus.message import BadAnswer as BadAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BUS = BusObject(path="/org/freedesktop/DBus", destination="org.freedesktop.DBus", interface="org.freedesktop.DBus")
PROPERTIES = "org.freedesktop.DBus.Properties"
MOST_SIGNALS = 1000
"""Signals that are kept until `hear` asks for them."""


class BusError(Exception):
    """The bus or the called service answered with an error.

    Args:
        name: Such as "org.freedesktop.DBus.Error.ServiceUnknown"; the error's text is left out.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@frozen
class MethodCall:
    """A call of a method.

    Args:
        target: The object and its interface.
        method: The method's name.
        signature: The types of the arguments.
        arguments: May hold a secret.
        answer: The types of the answer by the specification of the method; another answer is refused.
        variant: The type that the answer's variant has to hold; "" for no variant, or for any type.
    """

    target: BusObject
    method: str
    signature: str
    arguments: tuple[Any, ...]
    answer: str
    variant: str = ""

    _secret = ("arguments",)


@frozen
class Signal:
    """A signal that an object may send to everybody who listens.

    Args:
        source: The object; its destination is the sender's name on the bus.
        name: Such as "Completed".
        signature: The types of the signal's values.
    """

    source: BusObject
    name: str
    signature: str

    @property
    def origin(self) -> tuple[str, str, str]:
        """Path, interface and name, as `Message.origin`."""
        return self.source.path, self.source.interface, self.name


def method_call(target: BusObject, method: str, signature: str = "", *arguments: object, answer: str) -> MethodCall:
    """The call of a method with these arguments."""
    return MethodCall(target=target, method=method, signature=signature, arguments=arguments, answer=answer)


def property_call(target: BusObject, name: str, kind: str) -> MethodCall:
    """The call that gets a property of this type; the answer holds a variant."""
    properties = BusObject(path=target.path, destination=target.destination, interface=PROPERTIES)
    arguments = (target.interface, name)
    return MethodCall(target=properties, method="Get", signature="ss", arguments=arguments, answer="v", variant=kind)


class Conversation:
    """A connection to the session bus for a few calls.

    Args:
        address: As in DBUS_SESSION_BUS_ADDRESS; None where that is not set.
        seconds: The time from now within which every answer has to come.

    Attributes:
        is_remembered: Whether a service has asked the person in this conversation, and may remember the permission for
            this conversation only: the conversation then stays open.

    Raises:
        BusUnreachable: There is no address, nobody listens there, or no bus does.
        TimeoutError: Here and from all methods: the time is up.
    """

    def __init__(self, address: str | None, seconds: float) -> None:
        self.is_remembered = False
        self._connection = Connection(address, seconds)
        self._serial = 0
        self._awaited: dict[tuple[str, str, str], str] = {}
        self._signals: list[Message] = []

    def call(self, *calls: MethodCall) -> list[tuple[Any, ...]]:
        """The answers to these calls, in their order; all calls are sent at once.

        Raises:
            BusError: An answer is an error; the first such one.
            BadAnswer: An answer cannot be read, or has other types than its call says.
            BusUnreachable: The bus hung up.
        """
        return self.answers(self.send(*calls))

    def send(self, *calls: MethodCall) -> dict[int, MethodCall]:
        """Send these calls at once; gives each call by its serial, for `answers`.

        Raises:
            BusUnreachable: The bus hung up.
        """
        greeting = b"" if self._serial else b"BEGIN\r\n" + self._encode(method_call(BUS, "Hello", answer="s"))
        first = self._serial + 1
        self._connection.send(greeting + b"".join(map(self._encode, calls)))
        return dict(enumerate(calls, first))

    def answers(self, sent: dict[int, MethodCall]) -> list[tuple[Any, ...]]:
        """The answers to calls that were sent, in their order. After a time-out, a single call can be awaited again.

        Raises:
            Exception: As `call`.
        """
        answers: dict[int, tuple[Any, ...]] = {}
        while len(answers) < len(sent):
            message = self._message()
            serial = message.reply_to
            if serial is None or serial not in sent or message.kind not in (METHOD_RETURN, ERROR):
                self._keep_signal(message)
                continue  # also for the answer to Hello, and a signal such as NameAcquired
            if message.kind == ERROR:
                raise BusError(message.error or "")
            answers[serial] = _body(sent[serial], message)
        return [answers[serial] for serial in sent]

    def listen(self, signal: Signal) -> None:
        """Have the bus pass this signal on, for `hear`, whenever it comes of a call that is sent from now on.

        Raises:
            BusUnreachable: The bus hung up.
        """
        source = signal.source
        rule = f"type='signal',sender='{source.destination}',interface='{source.interface}',member='{signal.name}'"
        self._awaited[signal.origin] = signal.signature
        # The bus handles this before any call that is sent later.
        self.send(method_call(BUS, "AddMatch", "s", f"{rule},path='{source.path}'", answer=""))

    def hear(self, signal: Signal) -> tuple[Any, ...]:
        """The values of the next signal of this kind that has come since `listen`.

        Raises:
            BadAnswer: The signal has other types.
            BusUnreachable: The bus hung up.
        """
        while True:
            for message in self._signals:
                if message.origin == signal.origin:
                    self._signals.remove(message)
                    return message.body()
            self._keep_signal(self._message())

    def extend(self, seconds: float) -> None:
        """Give all calls and answers from now on this much time, in seconds."""
        self._connection.extend(seconds)

    def _encode(self, call: MethodCall) -> bytes:
        self._serial += 1
        return encode_call(call.target, self._serial, call.method, call.signature, call.arguments)

    def _keep_signal(self, message: Message) -> None:
        """Keep a signal that `listen` named, and forget any other message.

        Raises:
            BadAnswer: The signal has other types than `listen` said, or there are too many signals.
        """
        signature = self._awaited.get(message.origin)
        if message.kind != SIGNAL or signature is None:
            return
        if message.signature != signature or len(self._signals) >= MOST_SIGNALS:
            raise BadAnswer("signal of another type, or too many")
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


def _body(call: MethodCall, answer: Message) -> tuple[Any, ...]:
    """The values of an answer.

    Raises:
        BadAnswer: The values have other types than the call says, or cannot be read.
    """
    if answer.signature != call.answer:
        raise BadAnswer("answer of another type")
    body = answer.body()
    if call.variant and body[0][0] != call.variant:
        raise BadAnswer("property of another type")
    return body
