"""The name of kwalletd6 on a bus, behind which the real kwalletd5 answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import jeepney
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.low_level import HeaderFields, Message, MessageFlag, MessageType

NAME, PATH = "org.kde.kwalletd6", "/modules/kwalletd6"
FRONT = jeepney.DBusAddress(PATH, interface="org.kde.KWallet")
OPENED = jeepney.MatchRule(type="signal", interface="org.kde.KWallet", member="walletAsyncOpened")
REAL = jeepney.DBusAddress("/modules/kwalletd5", bus_name="org.kde.kwalletd5", interface="org.kde.KWallet")


@contextmanager
def relayed(address: str) -> Iterator[list[str]]:
    """Pass calls on, from a connection with that name; gives the methods that were called."""
    asked: list[str] = []
    with open_dbus_connection(address) as front, open_dbus_connection(address) as back:
        front.send_and_get_reply(jeepney.bus_messages.message_bus.RequestName(NAME))
        done = threading.Event()
        thread = threading.Thread(target=_relay, args=(front, back, asked, done))
        thread.start()
        try:
            yield asked
        finally:
            done.set()
            thread.join()


def _relay(front: DBusConnection, back: DBusConnection, asked: list[str], done: threading.Event) -> None:
    back.send_and_get_reply(jeepney.bus_messages.message_bus.AddMatch(OPENED))
    with back.filter(OPENED, bufsize=10) as opened:
        while not done.is_set():
            try:
                call = front.receive(timeout=0.1)
            except TimeoutError:
                continue
            if call.header.message_type is MessageType.method_call:
                asked.append(call.header.fields[HeaderFields.member])
                answer = _answer(call, back)
                if not call.header.flags & MessageFlag.no_reply_expected:
                    front.send(answer)
                if asked[-1] == "openAsync":
                    while (told := back.recv_until_filtered(opened, timeout=30)).body[0] != answer.body[0]:
                        pass
                    front.send(jeepney.new_signal(FRONT, "walletAsyncOpened", "ii", told.body))


def _answer(call: Message, back: DBusConnection) -> Message:
    fields = call.header.fields
    assert fields[HeaderFields.path] == PATH
    there = REAL.with_interface(fields[HeaderFields.interface])
    passed_on = jeepney.new_method_call(
        there, fields[HeaderFields.member], fields.get(HeaderFields.signature), call.body
    )
    answer = back.send_and_get_reply(passed_on, timeout=30)
    return jeepney.new_method_return(call, answer.header.fields.get(HeaderFields.signature), answer.body)
