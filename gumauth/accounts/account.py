"""What is known of one connected account, as a value and as its file's line of JSON. Pure."""

from __future__ import annotations

from gumauth.errors import HomeError
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    State = Literal["ok", "reconnect", "revoked", "connecting", "revoking", "leaving"]
    Slot = Literal["a", "b"]

VERSION = 3
"""One more when fields are added: an older gumauth leaves a file of a newer version alone. All older ones are read."""


NAME_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


NAME_REST = NAME_FIRST | frozenset("._-")


DEAD: tuple[State, ...] = ("reconnect", "revoked")
"""The states in which only a new connect helps."""


@frozen
class Account:
    """What the list knows of one account. Times are seconds since 1970 in UTC; an unknown is None.

    Args:
        provider: The provider's name.
        id: 16 hexadecimal digits, made from the identity or the nickname when the account was new; never changes.
        nickname: E-mail, user name or organisation, as the provider says it; it is shown, and may be another one's too.
        alias: The person's own name for the account.
        identity: Whose account it is, as `gumauth.oauth2.identity` makes it; "" where the provider tells no identity,
            None where it could not be asked yet.
        number: Its name, where it has no alias, and its nickname is missing or another account's name.
        scopes: Granted.
        requested_scopes: Asked for.
        state: "ok", "reconnect" (the grant is dead), "revoked", or what has begun, and was cut short if nothing holds
            the lock: "connecting" (a connect), "revoking" (a revoke), "leaving" (a disconnect).
        reason: Why it is not "ok".
        store: Name of the store that has the record.
        slot: "a" or "b": which of its two entries in the store is the record.
        grant: Random, new at every connect: tells a late record of an older connect from one of this.
        source: "built-in", "/path/file.py:Class", or the name of an installed distribution.
        failed_at: When a refresh last failed for a passing reason; None once one works.
        retry_at: Not before this time again.
        told_to_wait: Whether the provider itself named that time.
        missing_scopes: Asked for or granted before, and not granted by now.
        scopes_chosen: Whether the person named the scopes that were asked for; None where an older gumauth asked.
        refresh_expires_at: When the refresh token ends, where the provider says so.
        refused_at: When a refresh was refused for good, and the grant was not said to be dead; None once one works.
        refused_as: A hash of what the refusal may lie in: the client's credentials, the provider.
    """

    provider: str
    id: str
    nickname: str | None = None
    alias: str | None = None
    identity: str | None = None
    number: int | None = None
    scopes: tuple[str, ...] = ()
    requested_scopes: tuple[str, ...] = ()
    expires_at: float | None = None
    refreshable: bool = False
    connected_at: float = 0.0
    refreshed_at: float | None = None
    state: State = "ok"
    reason: str | None = None
    store: str = ""
    slot: Slot = "a"
    grant: str = ""
    source: str = "built-in"
    failed_at: float | None = None
    retry_at: float | None = None
    told_to_wait: bool = False
    missing_scopes: tuple[str, ...] = ()
    scopes_chosen: bool | None = None
    refresh_expires_at: float | None = None
    refused_at: float | None = None
    refused_as: str | None = None

    @property
    def name(self) -> str:
        """What it is called behind the slash: its alias, its number, its nickname, or its id."""
        if self.alias is None and self.number is not None:
            return str(self.number)
        return self.alias or self.nickname or self.id

    @property
    def label(self) -> str:
        """How a person names it in a command: provider/alias, provider/nickname, or provider/number."""
        return f"{self.provider}/{self.name}"

    @property
    def argument(self) -> str:
        """The label as one word of a shell's command: a nickname is foreign text, and what is hinted at is pasted."""
        import shlex

        return shlex.quote(self.label)

    @property
    def key(self) -> str:
        """Provider and id: what its lock and its entries in the store are named after."""
        return f"{self.provider}/{self.id}"


def account_id(nickname: str | None, alias: str | None, *, identity: str | None = None) -> str:
    """The id of a new account, from the best that is known of whose it is: identity, else nickname, else alias."""
    from hashlib import sha256

    text = f"identity {identity}" if identity else f"nickname {nickname}" if nickname else f"alias {alias or ''}"
    # What a command line holds need not be UTF-8: Python has made half characters of such bytes.
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def is_name(name: object) -> bool:
    """Whether this may name a provider: `^[a-z0-9][a-z0-9._-]{0,63}$`, and so be a folder's name."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= 64
        and name[0] in NAME_FIRST
        and all(letter in NAME_REST for letter in name)
    )


def id_in(content: bytes | None) -> str | None:
    """The id that is all of a small file's content; None where it is something else."""
    text = (content or b"").decode("ascii", "replace").strip()
    return text if len(text) == 16 and all(c in "0123456789abcdef" for c in text) else None


def encode(account: Account) -> bytes:
    """An account as its file's one line of JSON."""
    import json

    return json.dumps({"version": VERSION, **fields_of(account)}, ensure_ascii=False).encode() + b"\n"


def parse(content: bytes) -> Account | None:
    """An account from its file's bytes; None where they are not an account.

    Raises:
        HomeError: A newer gumauth wrote it; it must not be taken for a damaged one.
    """
    try:
        return from_fields(members(content, VERSION, "An account's file", HomeError))
    except ValueError:
        return None


def from_fields(data: dict[str, Any]) -> Account | None:
    """An account from decoded fields; None where one is missing, unknown or of another type."""
    nickname = data.get("nickname")
    if nickname and isinstance(nickname, str):
        # An older gumauth let letters through that show nothing: two names that look the same are the same.
        data = {**data, "nickname": one_line(nickname, len(nickname)) or None}
    try:
        account = from_json(Account, data)
    except ValueError:
        return None
    is_sound = is_name(account.provider) and id_in(account.id.encode("ascii", "replace")) and _is_utf8(account)
    return account if is_sound else None


def _is_utf8(account: Account) -> bool:
    """Whether every text of an account can be written to the account's file, as half a surrogate pair cannot."""
    texts = [value for value in vars(account).values() if type(value) is str]
    text = "".join([*texts, *account.scopes, *account.requested_scopes, *account.missing_scopes])
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
