"""One connected account, as a value and as the line of JSON in its file. Pure. Promises K3, K12 and P2."""

from __future__ import annotations

from gumauth.errors import HomeError
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    State = Literal["ok", "reconnect", "revoked", "connecting", "revoking", "leaving", "moving"]
    Slot = Literal["a", "b"]

VERSION = 8
"""The highest version that is read. Whoever adds a field adds one: an older gumauth changes no newer file. The
numbers are those of records too, which have the fields of an account: 6 and 7 were used up there."""

EVERYWHERE = 3
"""The version of the files that are written where no field needs a higher one."""

LATER = {"grant_type": 4, "issuer": 4, "fields": 5, "moving": 8}
"""Fields that are written only where they are set → the version that they need: an older gumauth uses the others."""

KEY = "key"
"""The source of an account that is a key: there is no provider behind its provider's name."""

CLIENT_CREDENTIALS = "client_credentials"
"""The grant type of a client's own account. Source: RFC 6749 §4.4.2."""

PLAIN_IN_SHELL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%_+=:,./-"
"""Characters that `shlex.quote`, whose import takes longer than a list of accounts, leaves as they are."""

NAME_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
NAME_REST = NAME_FIRST | frozenset("._-")

DEAD: tuple[State, ...] = ("reconnect", "revoked")
"""The states in which only a new connect helps."""


@frozen
class Account:
    """One account, without its tokens. Times are seconds since 1970 in UTC; None where a value is unknown.

    Args:
        provider: The provider's name.
        id: 16 hexadecimal digits, made of the identity or the nickname of the new account; never changes.
        nickname: E-mail, user name or organisation, as the provider says it. Two accounts may have one nickname.
        alias: The person's own name for the account.
        identity: The account's owner, as `gumauth.oauth2.identity` makes it; "" where the provider tells no identity,
            None where the provider has not been asked yet.
        number: The account's name, where it has no alias and its nickname is missing or another account's name.
        scopes: The granted scopes.
        requested_scopes: The scopes that the connect asked for.
        state: "ok"; "reconnect": the grant is dead; "revoked"; or the state of a command that was interrupted, unless
            a process holds the account's lock: "connecting", "revoking", "leaving" (a disconnect), "moving" (nobody
            refreshes it, here or where it is moved to).
        reason: Why the state is not "ok".
        store: The name of the store that has the record.
        slot: Which of the account's two entries in the store is the record.
        grant: Random, new at every connect: a record of another grant belongs to an older connect.
        source: Where the provider comes from: "built-in", "gitlab --host git.example.com" for a built-in service at a
            host or tenant of one's own, "/path/file.py:Class", or an installed distribution's name.
        failed_at: When a refresh last failed for a passing reason; None once a refresh works.
        retry_at: The earliest time of the next refresh.
        told_to_wait: Whether the provider named `retry_at`.
        missing_scopes: Scopes that were asked for or granted before and are not granted now.
        scopes_chosen: Whether the person named the scopes; None where an older gumauth connected the account.
        refresh_expires_at: When the refresh token ends, where the provider says so.
        refused_at: When a refresh was refused for good, without a word of a dead grant; None once a refresh works.
        refused_as: A hash of the client's credentials and the provider, either of which may cause the refusal.
        grant_type: `CLIENT_CREDENTIALS` where the account is the client's own, and is refreshed by a request like the
            first one; None where a person has consented.
        issuer: The issuer that the tokens are of, where the service was discovered; its metadata alone say where they
            may be sent. None for every other provider.
        fields: The names of the values that a person has entered, where the account is a key and no grant; None for
            every other account.
        moving: While it is moved: where to ("postgresql", "keyring" or "file"); the name of the machine that does it,
            "" within one machine; and once the account points at its new store, the one before. Else None.
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
    grant_type: str | None = None
    issuer: str | None = None
    fields: tuple[str, ...] | None = None
    moving: tuple[str, ...] | None = None

    @property
    def is_key(self) -> bool:
        """Whether the account is a key: it has no grant and no provider, and does not end."""
        return self.fields is not None

    @property
    def is_of_client(self) -> bool:
        """Whether the account is a client's own: there is no person, and no refresh token is needed. Promise V3."""
        return self.grant_type == CLIENT_CREDENTIALS

    @property
    def name(self) -> str:
        """The account's name behind the slash: its alias, its number, its nickname, or its id."""
        if self.alias is None and self.number is not None:
            return str(self.number)
        return self.alias or self.nickname or self.id

    @property
    def label(self) -> str:
        """The account's name in a command: provider/alias, provider/nickname, or provider/number."""
        return f"{self.provider}/{self.name}"

    @property
    def argument(self) -> str:
        """The label, quoted for a shell: a person pastes a hint, and a nickname is foreign text."""
        if not self.label.strip(PLAIN_IN_SHELL):
            return self.label
        import shlex

        return shlex.quote(self.label)

    @property
    def key(self) -> str:
        """Provider and id, of which the names of the account's lock and of its entries in the store are made."""
        return f"{self.provider}/{self.id}"


def account_id(nickname: str | None, alias: str | None, *, identity: str | None = None) -> str:
    """The id of a new account, made of its identity, else of its nickname, else of its alias. Promise I1."""
    from gumauth.platform.digest import sha256

    text = f"identity {identity}" if identity else f"nickname {nickname}" if nickname else f"alias {alias or ''}"
    # An alias on a command line need not be UTF-8: Python reads each such byte as half a surrogate pair.
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def is_name(name: object) -> bool:
    """Whether a text may name a provider, and so a folder: `^[a-z0-9][a-z0-9._-]{0,63}$`. Promise P2."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= 64
        and name[0] in NAME_FIRST
        and all(letter in NAME_REST for letter in name)
    )


def id_in(content: bytes | None) -> str | None:
    """The id that is the whole content of a file; None where the content is no id."""
    text = (content or b"").decode("ascii", "replace").strip()
    return text if len(text) == 16 and all(c in "0123456789abcdef" for c in text) else None


def encode(account: Account) -> bytes:
    """The content of an account's file: one line of JSON in UTF-8."""
    import json

    fields = stored_fields(account)
    return json.dumps({"version": version_of(fields), **fields}, ensure_ascii=False).encode() + b"\n"


def stored_fields(account: Account) -> dict[str, Any]:
    """The fields of an account as they are stored: without those of later versions that are not set."""
    return {name: value for name, value in fields_of(account).items() if value is not None or name not in LATER}


def version_of(fields: dict[str, Any]) -> int:
    """The lowest version that knows all these stored fields of an account."""
    return max([EVERYWHERE, *(version for name, version in LATER.items() if name in fields)])


def parse(content: str | bytes) -> Account | None:
    """The account in a file's or a row's content; None where the content is no account.

    Raises:
        HomeError: A newer gumauth wrote the file, which is not damaged.
    """
    try:
        return from_fields(members(content, VERSION, "An account's file", HomeError))
    except ValueError:
        return None


def from_fields(data: dict[str, Any]) -> Account | None:
    """The account with these fields of JSON; None where a field is missing, unknown or of another type."""
    nickname = data.get("nickname")
    if nickname and isinstance(nickname, str):
        # An older gumauth wrote nicknames with letters that show nothing.
        data = {**data, "nickname": one_line(nickname, len(nickname)) or None}
    try:
        account = from_json(Account, data)
    except ValueError:
        return None
    is_sound = is_name(account.provider) and id_in(account.id.encode("ascii", "replace")) and _is_utf8(account)
    return account if is_sound and account.fields != () else None


def _is_utf8(account: Account) -> bool:
    """Whether every text of an account can be written to the account's file, as half a surrogate pair cannot."""
    texts = [value for value in vars(account).values() if type(value) is str]
    lists = (
        account.scopes,
        account.requested_scopes,
        account.missing_scopes,
        account.fields or (),
        account.moving or (),
    )
    text = "".join([*texts, *(each for texts_of in lists for each in texts_of)])
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
