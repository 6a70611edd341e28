"""The root of all errors, and those of handing out a token that is there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__name__ = "gumauth.errors"  # where programs import them, and what a traceback shows


class GumauthError(Exception):
    """The root of all errors: something failed, and the message says what.

    Args:
        message: What happened, one sentence, no secret in it.
        hint: One thing to do now, with the command; None where `command` says it, or for the hint of the class.
        command: The command line that helps: the hint is to run it.
        account: The label of the account that the message names.
        error: The provider's own error code, such as `invalid_client`; None without a code.
        retry_after: Seconds that the provider asks to wait; None where the provider does not say.
    """

    code = "failed"
    exit_code = 1
    usual_hint: str | None = None
    way: tuple[str, ...] = ()
    """The lines of a traceback of foreign code, without a value; shown where GUMAUTH_DEBUG is set."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        command: str | None = None,
        account: str | None = None,
        error: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.account, self.error, self.retry_after = message, account, error, retry_after
        self.hint = hint or (f"Run `{command}`." if command else self.usual_hint)

    @property
    def hint(self) -> str | None:
        """What to do now. A traceback shows the hint below the message (PEP 678)."""
        return self._hint

    @hint.setter
    def hint(self, hint: str | None) -> None:
        before = getattr(self, "_hint", None)
        notes = [note for note in getattr(self, "__notes__", ()) if note != before]
        self.__notes__ = [*notes, hint] if hint else notes
        self._hint = hint

    def name_account(self, label: str) -> None:
        """Begin the message with an account's label, unless the message names an account already."""
        if self.account is None:
            self.account, self.message = label, f"{label}: {self.message}"

    def add(self, sentence: str = "", *, hint: str = "") -> None:
        """Put a sentence behind the message, or behind the hint."""
        self.message = f"{self.message} {sentence}" if sentence else self.message
        self.args = (self.message,)
        self.hint = f"{self.hint or ''} {hint}".strip() if hint else self.hint

    def reword(self, mend: Callable[[str], str]) -> None:
        """Replace the message and the hint by what a function makes of them, such as one that takes secrets out."""
        self.message = mend(self.message)
        self.args = (self.message,)
        self.hint = self.hint and mend(self.hint)


class UsageError(GumauthError):
    """The command line is wrong, or asks for something that does not exist."""

    code, exit_code = "usage", 2


class AmbiguousAccount(UsageError):
    """A reference to one account could mean several."""

    code = "ambiguous_account"


class CommandNotFound(GumauthError):
    """There is no such command for `gumauth run` to become. The status is that of env(1) and of shells."""

    code, exit_code = "command_not_found", 127


class CommandNotRun(GumauthError):
    """The command of `gumauth run` is there and cannot be run. The status is that of env(1) and of shells."""

    code, exit_code = "command_not_run", 126


class NotConnected(GumauthError):
    """There is no such account."""

    code, exit_code = "not_connected", 3


class ReconnectNeeded(GumauthError):
    """The account's grant is dead or cannot be used any more: the account has to be connected again."""

    code, exit_code = "reconnect", 3


class Temporary(GumauthError):
    """Something failed this time, and trying again may help."""

    code, exit_code = "temporary", 5


class Busy(Temporary):
    """Another process holds the account's lock for longer than is worth waiting."""

    code = "busy"


class MayNotRefresh(Temporary):
    """This machine may only read tokens of a shared store, and another one has to refresh the account."""

    code = "may_not_refresh"


class HomeError(GumauthError):
    """gumauth's own folders cannot be read or written: no home, read-only, full."""

    code, exit_code = "home", 6


class NoLocks(HomeError):
    """The file system of gumauth's folder has no locks, without which nothing can be changed safely."""

    code = "no_locks"


class StoreError(GumauthError):
    """The place where secrets are kept cannot be used."""

    code, exit_code = "store", 6


class RecordCorrupt(StoreError):
    """A record is in the store but cannot be read."""

    code = "record_corrupt"


class NewerRecord(RecordCorrupt):
    """A newer gumauth wrote the record, which is not overwritten."""

    code = "newer_record"


class RecordMissing(StoreError):
    """The account is listed, but its record is not in the store."""

    code = "record_missing"


class OtherStore(StoreError):
    """The account's record is in another store than the store that answers now."""

    code = "other_store"


class PassphraseError(StoreError):
    """The encrypted file's passphrase or key is missing or wrong."""

    code = "passphrase"


class StoreAway(StoreError):
    """The store that machines share does not answer at present."""

    code, exit_code = "store_away", 5


class Interrupted(GumauthError):
    """Ctrl-C or SIGTERM."""

    code, exit_code = "interrupted", 130
