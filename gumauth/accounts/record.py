"""An account's tokens, as a value and as the line of JSON that a store keeps. Pure. Promises K7, K12 and S2."""

from __future__ import annotations

import os

from gumauth.accounts.account import version_of
from gumauth.errors import RecordCorrupt
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = 8
"""The highest version of the records that are read. Whoever adds a field, also to the account in a record, adds one;
a record is written with the version that its own and the account's fields need."""

LATER = {"id_token": 5, "credentials": 6, "kept_apart": 7}
"""Fields that are written only where they are set → the version that they need: an older gumauth reads the others."""


@frozen
class Record:
    """The tokens of one account, with what using and refreshing them needs. Times are seconds since 1970 in UTC.

    Args:
        access_token: Secret. Of a key, its value; "" where it has several.
        refresh_token: Secret; None where the provider gave none.
        token_type: The word before the token in an Authorization header, as the provider spells it.
        expires_at: When the access token ends; None where the provider does not say.
        obtained_at: When the access token was obtained, by this machine's clock.
        generation: A number that every write of the account's record raises.
        grant: The account's grant when the record was written.
        token_url: The token endpoint that the refresh token may be sent to; None where the provider's file names none.
        client_id: The client that the tokens were issued to.
        extras: What API calls need beside the token: members of the token response and of the callback that the
            provider's facts name. Some services may count them as secret.
        rescue: Secret: the key that encrypts the rescue file of the next refresh.
        id_token: Secret: the latest OpenID id_token, whose claims were good when it came, ended or not; None where the
            provider gave none. Source: OpenID Connect Core §2.
        credentials: Secret: the values of a key by the names of its fields; None for every other account.
        kept_apart: Whether there is a refresh token, which only a store of several machines has; None where the record
            has its refresh token itself.
        account: The fields of the account, from which its file is written again where the file is lost.
    """

    access_token: str
    refresh_token: str | None = None
    token_type: str = "Bearer"
    expires_at: float | None = None
    obtained_at: float = 0.0
    generation: int = 0
    grant: str = ""
    token_url: str | None = None
    client_id: str | None = None
    extras: dict[str, str] = {}  # noqa: RUF012 - a default that is never changed
    rescue: str | None = None
    id_token: str | None = None
    credentials: dict[str, str] | None = None
    kept_apart: bool | None = None
    account: dict[str, Any]

    _secret = ("access_token", "refresh_token", "extras", "rescue", "id_token", "credentials")

    @property
    def scheme(self) -> str:
        """The word before the token in an Authorization header: "Bearer" for all types of bearer tokens."""
        from gumauth.oauth2.access_token import BEARER

        return "Bearer" if self.token_type.lower() in BEARER else self.token_type


def encode(record: Record) -> str:
    """A record as the line of JSON that a store keeps."""
    fields = {name: value for name, value in fields_of(record).items() if value is not None or name not in LATER}
    needed = [version for name, version in LATER.items() if name in fields]
    return dumps({"version": max([version_of(record.account), *needed]), **fields})


def decode(text: str, label: str) -> Record:
    """The record in a store's text.

    Args:
        text: The text.
        label: The label of the account, or the provider's name, for the error.

    Raises:
        RecordCorrupt: The text is no record.
        NewerRecord: A newer gumauth wrote the record.
    """
    try:
        record = from_json(Record, members(text, VERSION, f"The record of {label}", account=label))
        if (record.access_token or record.credentials) and (record.rescue is None or is_key(record.rescue)):
            return record
    except ValueError:
        pass
    raise RecordCorrupt(
        f"The record of {label} in the store cannot be read.",
        hint=f"Run `gumauth connect {label.partition('/')[0]}`; the record is replaced then.",
        account=label,
    )


def new_key() -> str:
    """A new `rescue` key: 32 random bytes in hexadecimal. Secret."""
    return os.urandom(32).hex()


def is_key(value: str) -> bool:
    """Whether a text is a key as `new_key` makes it."""
    return len(value) == 64 and set(value) <= set("0123456789abcdef")
