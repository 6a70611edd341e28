"""Entries of KWallet, in one conversation with its daemon: kwalletd6, or kwalletd5.

The person's network wallet is used, with a folder of gumauth's own in it; an entry is a password under its key. So does
the `keyring` library, by which an earlier gumauth wrote them.

A wallet that is closed is opened by a dialog, and one that is open may have one that asks whether we may have it. So
it is opened in a transaction whose end is told by a signal; it ends with the conversation, and so does its dialog
where it is not shown yet.

The daemon gives no reason with a refusal, and answers a question for an entry as if there were none where the wallet
has been closed meanwhile. So where there is none, it is asked along whether the wallet is still open, and still ours.

What is written stays in the memory of kwalletd5 for some seconds, so it is told to write it to disk at once. It tells
nobody whether that worked; it has at least been tried when it answers the next question.

Since 6.14, kwalletd6 keeps nothing itself: it passes everything on to the Secret Service, and does not know whether a
wallet is open before somebody has opened it through itself. The signal does not tell there that it was refused.

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
"""Names on the bus, the newer one first."""

APPLICATION = "gumauth"
"""What the daemon's dialogs call us."""

KWALLET = "org.kde.KWallet"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
NO_WINDOW = 0
FOR_THIS_CONVERSATION = True
GONE = -1
"""What the daemon answers where the wallet is not open."""


class Refused(Exception):
    """The wallet cannot be used.

    Args:
        kind: "locked", "no collection", "dismissed", "denied", "corrupt" or "failed".
        detail: A number, where the daemon gave one.
    """

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


class Opening:
    """A wallet that is opened; the daemon may show a dialog for it.

    Args:
        bus: The conversation in which it is.

    Attributes:
        closed: How it was found: "locked", or "no collection" where there is no such wallet yet; "" where it is open,
            or the daemon does not know.

    Raises:
        BusError: No daemon is there.
    """

    def __init__(self, bus: Conversation) -> None:
        self._bus, self._daemon = bus, _daemon(bus)
        (name,), (names,) = bus.call(self._call("networkWallet", answer="s"), self._call("wallets", answer="as"))
        self._name = str(name)
        is_open = self._is_open()
        self._passes_on = not is_open and self._is_only_passing_on()
        self.closed: Closed = "" if is_open or self._passes_on else "locked" if name in names else "no collection"
        self._signal = Signal(source=self._daemon, name="walletAsyncOpened", signature="ii")
        self._sent: dict[int, MethodCall] = {}
        self._number: int | None = None

    def begin(self) -> None:
        """Ask for the wallet; where it is closed, or we are not let in unasked, the daemon shows its dialog.

        Raises:
            Refused: KWallet is switched off.
        """
        if self._passes_on and not self._sent:
            arguments = (self._name, NO_WINDOW, APPLICATION)
            self._sent = self._bus.send(method_call(self._daemon, "open", "sxs", *arguments, answer="i"))
        elif not self._passes_on and self._number is None:
            self._bus.listen(self._signal)
            asked = (self._name, NO_WINDOW, APPLICATION, FOR_THIS_CONVERSATION)
            ((number,),) = self._bus.call(method_call(self._daemon, "openAsync", "sxsb", *asked, answer="i"))
            if number < 0:
                raise Refused("denied")
            self._number = number

    def end(self) -> Wallet:
        """The open wallet.

        Raises:
            Refused: The dialog was dismissed, or access was denied.
            TimeoutError: A dialog is still to be answered; the end can be waited for again.
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
        while number != self._number:  # somebody else's
            number, handle = self._bus.hear(self._signal)
        return int(handle)

    def _is_open(self) -> bool:
        ((is_open,),) = self._bus.call(self._call("isOpen", self._name, answer="b"))
        return bool(is_open)

    def _is_only_passing_on(self) -> bool:
        """Whether it keeps nothing itself: such a daemon cannot be given a password at login."""
        there = BusObject(path=self._daemon.path, destination=self._daemon.destination, interface=INTROSPECTABLE)
        ((description,),) = self._bus.call(method_call(there, "Introspect", answer="s"))
        return '"openAsync"' in description and '"pamOpen"' not in description

    def _call(self, method: str, *texts: str, answer: str) -> MethodCall:
        return method_call(self._daemon, method, "s" * len(texts), *texts, answer=answer)


def _daemon(bus: Conversation) -> BusObject:
    """The daemon that runs, or would be started for us."""
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
        bus: The conversation in which it was opened.
        daemon: Where the daemon is.
        name: The wallet's.
        handle: What it was opened as.
    """

    def __init__(self, bus: Conversation, daemon: BusObject, name: str, handle: int) -> None:
        self.bus = bus
        self._daemon, self._name, self._handle = daemon, name, handle

    def read(self, folder: str, key: str) -> str | None:
        """The password of a key; None where there is none.

        Raises:
            Refused: The wallet was closed meanwhile; or the entry is no password.
        """
        (has,), (text,), *ours = self.bus.call(
            self._call("hasEntry", folder, key, answer="b"),
            self._call("readPassword", folder, key, answer="s"),
            *self._is_ours(),
        )
        if has and text:
            return str(text)
        _check_ours(ours)
        if has:
            raise Refused("corrupt")
        return None

    def write(self, folder: str, key: str, text: str) -> None:
        """Make or replace the password of a key.

        Raises:
            Refused: It is not written.
        """
        ((has_folder,),) = self.bus.call(self._call("hasFolder", folder, answer="b"))
        first = [] if has_folder else [self._call("createFolder", folder, answer="b")]
        *_, (code,) = self.bus.call(*first, self._call("writePassword", folder, key, text, answer="i"))
        _check(code)
        self._sync()

    def delete(self, folder: str, key: str) -> None:
        """See to it that there is no entry of a key.

        Raises:
            Refused: It may still be there.
        """
        (has,), *ours = self.bus.call(self._call("hasEntry", folder, key, answer="b"), *self._is_ours())
        _check_ours(ours)
        if has:
            ((code,),) = self.bus.call(self._call("removeEntry", folder, key, answer="i"))
            _check(code)
            self._sync()

    def is_ours(self) -> bool:
        """Whether it is still open, and for us."""
        return _is_ours(self.bus.call(*self._is_ours()))

    def close(self) -> None:
        """Give it back, and hang up."""
        try:
            self.bus.send(method_call(self._daemon, "close", "ibs", self._handle, False, APPLICATION, answer="i"))
        except (BusUnreachable, TimeoutError):
            pass
        self.bus.close()

    def _sync(self) -> None:
        self.bus.send(self._call("sync", answer=""))
        _check_ours(self.bus.call(*self._is_ours()))

    def _is_ours(self) -> list[MethodCall]:
        return [
            method_call(self._daemon, "isOpen", "i", self._handle, answer="b"),
            method_call(self._daemon, "users", "s", self._name, answer="as"),
        ]

    def _call(self, method: str, *texts: str, answer: str) -> MethodCall:
        signature = "i" + "s" * (len(texts) + 1)
        return method_call(self._daemon, method, signature, self._handle, *texts, APPLICATION, answer=answer)


def _is_ours(answers: list[tuple[Any, ...]]) -> bool:
    (is_open,), (users,) = answers
    return bool(is_open) and APPLICATION in users


def _check_ours(answers: list[tuple[Any, ...]]) -> None:
    """See to it that the wallet is open and ours, so that what was answered before can be believed."""
    if not _is_ours(answers):
        raise Refused("locked")


def _check(code: int) -> None:
    """See to it that the daemon did what it was told to do."""
    if code:
        raise Refused("locked" if code == GONE else "failed", f"error {code}")
