"""What is known of one connected account, as a value and as its file's line of JSON. Pure."""

from __future__ import annotations

from gumauth.errors import HomeError
from gumauth.platform.frozen import fields_of, frozen
from gumauth.platform.json import loads
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    State = Literal["ok", "reconnect", "revoked", "connecting", "revoking", "leaving"]
    Slot = Literal["a", "b"]

VERSION = 3
"""One more when fields are added: an older gumauth leaves a file of a newer version alone. All older ones are read."""


LATEST = 1e11
"""Seconds since 1970, some three thousand years: no calendar reaches much further."""


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
        data = loads(content)
    except (ValueError, RecursionError):
        return None
    version = data.pop("version", None) if isinstance(data, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise HomeError(
            "An account's file was written by a newer gumauth.", hint="Update gumauth; nothing was changed."
        )
    return from_fields(data) if version in range(1, VERSION + 1) else None


def from_fields(data: dict[str, Any]) -> Account | None:
    """An account from decoded fields; None where one is missing, unknown or of another type."""
    try:
        account = Account(**{**data, **_cleaned(data)})
    except TypeError:
        return None
    values = vars(account)
    for name, kinds in KINDS.items():
        if not _fits(values[name], kinds):
            return None
    return None if not is_name(account.provider) or id_in(account.id.encode()) is None else account


def _cleaned(data: dict[str, Any]) -> dict[str, Any]:
    """The fields that are not taken as they stand in the file."""
    cleaned: dict[str, Any] = {name: tuple(data[name]) for name in SCOPES if isinstance(data.get(name), list)}
    nickname = data.get("nickname")
    if nickname and isinstance(nickname, str):
        # An older gumauth let letters through that show nothing: two names that look the same are the same.
        cleaned["nickname"] = one_line(nickname, len(nickname)) or None
    return cleaned


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    kind = type(value)
    if kind is int or kind is float:
        # The comparison is false for NaN, which JSON does not have and Python reads.
        return (float in kinds or kind in kinds) and abs(value) < LATEST  # type: ignore[arg-type]
    if kind is tuple:
        items: Any = value
        return tuple in kinds and all(isinstance(item, str) and _is_whole(item) for item in items)
    return kind in kinds and (kind is not str or _is_whole(value))  # type: ignore[arg-type]


def _is_whole(text: str) -> bool:
    """Whether a text is without half characters, which can be written nowhere."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


NOTHING = type(None)


SCOPES = ("scopes", "requested_scopes", "missing_scopes")


TIMES = ("expires_at", "refreshed_at", "failed_at", "retry_at", "refresh_expires_at", "refused_at")


KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("provider", "id", "state", "store", "slot", "grant", "source"), (str,)),
    **dict.fromkeys(("nickname", "alias", "identity", "reason", "refused_as"), (str, NOTHING)),
    "number": (int, NOTHING),
    **dict.fromkeys(SCOPES, (tuple,)),
    **dict.fromkeys(TIMES, (int, float, NOTHING)),
    "connected_at": (int, float),
    **dict.fromkeys(("refreshable", "told_to_wait"), (bool,)),
    "scopes_chosen": (bool, NOTHING),
}
