"""Entries of KWallet, in one conversation with its daemon: kwalletd6 or kwalletd5.

gumauth uses the person's network wallet, with a folder of gumauth's own in it; an entry is a password under its key.
The `keyring` library, with which an earlier gumauth wrote entries, does the same.

The daemon may show a dialog to open a closed wallet, or to ask whether gumauth may have an open one. So gumauth opens
the wallet by `openAsync`, whose end the daemon tells by a signal. The request ends with the conversation, and with it
its dialog if that is not shown yet.

The daemon gives no reason for a refusal. Once a wallet is closed, the daemon answers as if the wallet had no entry. So
where there is no entry, gumauth asks in the same moment whether the wallet is still open, and still open for gumauth.

kwalletd5 keeps a new entry in memory for some seconds, so gumauth tells it to write to the disk at once. The daemon
reports no failure of that; it has at least tried when it answers the next call.

Since 6.14, kwalletd6 stores nothing itself: it passes all calls on to the Secret Service. It does not know whether a
wallet is open until a client has opened the wallet through it, and its signal does not report a refusal.

Source: kwallet, src/runtime/kwalletd/org.kde.KWallet.xml and kwalletd.cpp, 5.103 and 6.20
"""

from __future__ import annotations

from gumauth.store.dbus.conversation import BUS, BusError, BusUnreachable, Signal, method_call
from gumauth.store.dbus.message import BusObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from gumauth.store.dbus.conversation import Conversation, MethodCall
    from gumauth.store.failures import Kind

    Closed = Literal["", "locked", "no collection"]

NEWER = "org.kde.kwalletd6"
DAEMONS = (NEWER, "org.kde.kwalletd5")
"""The daemons' names on the bus, the newer one first."""

APPLICATION = "gumauth"
"""The name of gumauth in the daemon's dialogs."""

KWALLET = "org.kde.KWallet"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
NO_WINDOW = 0
FOR_THIS_CONVERSATION = True
GONE = -1
"""The daemon's answer where the wallet is not open."""


class Refused(Exception):
    """The wallet cannot be used.

    Args:
        kind: Why.
        detail: The daemon's number, where it gave one.
    """

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


class Opening:
    """The opening of the person's wallet, for which the daemon may show a dialog.

    Args:
        bus: The conversation in which the wallet is opened.

    Attributes:
        closed: "locked"; "no collection" where there is no such wallet yet; "" where the wallet is open, or the daemon
            does not know.

    Raises:
        BusError: There is no daemon.
    """

    def __init__(self, bus: Conversation) -> None:
        self._bus, self._daemon = bus, _daemon(bus)
        ((name,),) = bus.call(self._call("networkWallet", answer="s"))
        self._name = str(name)
        is_open = self._is_open()
        self._passes_on = not is_open and self._is_only_passing_on()
        self.closed: Closed = "" if is_open or self._passes_on else self._why_closed()
        self._signal = Signal(source=self._daemon, name="walletAsyncOpened", signature="ii")
        self._sent: dict[int, MethodCall] = {}
        self._number: int | None = None

    def begin(self) -> None:
        """Ask for the wallet; the daemon shows its dialog if the wallet is closed, or gumauth is not allowed yet.

        Raises:
            Refused: KWallet is switched off.
        """
        if self._passes_on and not self._sent:
            call = method_call(self._daemon, "open", "sxs", self._name, NO_WINDOW, APPLICATION, answer="i")
            self._sent = self._bus.send(call)
        elif not self._passes_on and self._number is None:
            self._bus.listen(self._signal)
            arguments = (self._name, NO_WINDOW, APPLICATION, FOR_THIS_CONVERSATION)
            ((number,),) = self._bus.call(method_call(self._daemon, "openAsync", "sxsb", *arguments, answer="i"))
            if number < 0:
                raise Refused("denied")
            self._number = number

    def end(self) -> Wallet:
        """The open wallet.

        Raises:
            Refused: The person dismissed the dialog, or denied access.
            TimeoutError: The person has not answered yet; `end` can be called again.
        """
        handle = self._handle()
        if handle < 0:
            raise Refused("denied" if self._is_open() else "dismissed")
        return Wallet(self._bus, self._daemon, self._name, handle)

    def _handle(self) -> int:
        if self._passes_on:
            ((handle,),) = self._bus.answers(self._sent)
            return int(handle)
        number, handle = self._bus.hear(self._signal)
        while number != self._number:  # the signal is about another program's wallet
            number, handle = self._bus.hear(self._signal)
        return int(handle)

    def _why_closed(self) -> Closed:
        ((names,),) = self._bus.call(self._call("wallets", answer="as"))
        return "locked" if self._name in names else "no collection"

    def _is_open(self) -> bool:
        ((is_open,),) = self._bus.call(self._call("isOpen", self._name, answer="b"))
        return bool(is_open)

    def _is_only_passing_on(self) -> bool:
        """Whether the daemon stores nothing itself: such a daemon takes no password at login."""
        described = BusObject(path=self._daemon.path, destination=self._daemon.destination, interface=INTROSPECTABLE)
        ((description,),) = self._bus.call(method_call(described, "Introspect", answer="s"))
        return '"openAsync"' in description and '"pamOpen"' not in description

    def _call(self, method: str, *texts: str, answer: str) -> MethodCall:
        return method_call(self._daemon, method, "s" * len(texts), *texts, answer=answer)


def _daemon(bus: Conversation) -> BusObject:
    """The daemon that runs, or that the bus would start."""
    running = bus.call(*[method_call(BUS, "NameHasOwner", "s", name, answer="b") for name in DAEMONS])
    names = [name for name, (is_there,) in zip(DAEMONS, running, strict=True) if is_there]
    if not names:
        ((startable,),) = bus.call(method_call(BUS, "ListActivatableNames", answer="as"))
        names = [name for name in DAEMONS if name in startable]
    if not names:
        raise BusError("org.freedesktop.DBus.Error.ServiceUnknown")
    return BusObject(path=f"/modules/{names[0].rpartition('.')[2]}", destination=names[0], interface=KWALLET)


class Wallet:
    """An open wallet.

    Args:
        bus: The conversation in which the wallet was opened.
        daemon: The daemon.
        name: The wallet's name.
        handle: The daemon's number for the open wallet.
    """

    def __init__(self, bus: Conversation, daemon: BusObject, name: str, handle: int) -> None:
        self.bus = bus
        self._daemon, self._name, self._handle = daemon, name, handle

    def read(self, folder: str, key: str) -> str | None:
        """The password of a key; None where there is none.

        Raises:
            Refused: The wallet was closed meanwhile, or the entry is no password.
        """
        (has,), (text,), *state = self.bus.call(
            self._call("hasEntry", folder, key, answer="b"),
            self._call("readPassword", folder, key, answer="s"),
            *self._calls_for_use(),
        )
        if has and text:
            return str(text)
        _check_usable(state)
        if has:
            raise Refused("corrupt")
        return None

    def write(self, folder: str, key: str, text: str) -> None:
        """Make or replace the password of a key.

        Raises:
            Refused: The password is not written.
        """
        ((has_folder,),) = self.bus.call(self._call("hasFolder", folder, answer="b"))
        first = [] if has_folder else [self._call("createFolder", folder, answer="b")]
        *_, (code,) = self.bus.call(*first, self._call("writePassword", folder, key, text, answer="i"))
        _check_done(code)
        self._sync()

    def delete(self, folder: str, key: str) -> None:
        """See to it that there is no entry of a key.

        Raises:
            Refused: The entry may still be there.
        """
        (has,), *state = self.bus.call(self._call("hasEntry", folder, key, answer="b"), *self._calls_for_use())
        _check_usable(state)
        if has:
            ((code,),) = self.bus.call(self._call("removeEntry", folder, key, answer="i"))
            _check_done(code)
            self._sync()

    def is_usable(self) -> bool:
        """Whether the wallet is still open, and open for gumauth."""
        return _is_usable(self.bus.call(*self._calls_for_use()))

    def close(self) -> None:
        """Give the wallet back, and close the conversation."""
        try:
            self.bus.send(method_call(self._daemon, "close", "ibs", self._handle, False, APPLICATION, answer="i"))
        except (BusUnreachable, TimeoutError):
            pass
        self.bus.close()

    def _sync(self) -> None:
        self.bus.send(self._call("sync", answer=""))
        _check_usable(self.bus.call(*self._calls_for_use()))

    def _calls_for_use(self) -> list[MethodCall]:
        """The calls whose answers say whether the wallet is still open, and open for gumauth."""
        return [
            method_call(self._daemon, "isOpen", "i", self._handle, answer="b"),
            method_call(self._daemon, "users", "s", self._name, answer="as"),
        ]

    def _call(self, method: str, *texts: str, answer: str) -> MethodCall:
        signature = "i" + "s" * (len(texts) + 1)
        return method_call(self._daemon, method, signature, self._handle, *texts, APPLICATION, answer=answer)


def _is_usable(answers: list[tuple[Any, ...]]) -> bool:
    (is_open,), (users,) = answers
    return bool(is_open) and APPLICATION in users


def _check_usable(answers: list[tuple[Any, ...]]) -> None:
    """Make sure that the wallet is open for gumauth: only then do the answers before mean what they say."""
    if not _is_usable(answers):
        raise Refused("locked")


def _check_done(code: int) -> None:
    """Make sure that the daemon did what it was told to do."""
    if code:
        raise Refused("locked" if code == GONE else "failed", f"error {code}")
