"""An account's tokens, as a value and as the one line of JSON that a store keeps. Pure."""

from __future__ import annotations

import os

from gumauth.errors import RecordCorrupt
from gumauth.oauth2.access_token import BEARER
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = 3
"""One more when fields are added, also to the account in it. All older ones are read."""


@frozen
class Record:
    """What the store keeps for one account. Times are seconds since 1970 in UTC.

    Args:
        access_token: Secret.
        refresh_token: Secret; None where the provider gave none.
        token_type: The word before the token in an Authorization header, as the provider spells it.
        expires_at: When the access token ends; None where the provider does not say.
        obtained_at: When it was obtained, by this machine's clock.
        generation: One more with every write of the account.
        grant: The connect that it belongs to.
        token_url: The token endpoint that the refresh token may go to; None where the provider's file does not say.
        client_id: The client that it was issued to.
        extras: What calls need beside the token: members of the answer and of the callback that the facts name. Some
            service may count them as secret.
        rescue: Secret; the key under which the answer to the next refresh is written down first.
        account: The account's own fields, to write its file again if that is lost.
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
    account: dict[str, Any]

    _secret = ("access_token", "refresh_token", "extras", "rescue")

    @property
    def scheme(self) -> str:
        """The word before the token: "Bearer" for what is presented so, others as the provider spells them."""
        return "Bearer" if self.token_type.lower() in BEARER else self.token_type


def encode(record: Record) -> str:
    """A record as the one line of JSON that a store keeps."""
    return dumps({"version": VERSION, **fields_of(record)})


def decode(text: str, label: str) -> Record:
    """A record from a store's text.

    Raises:
        RecordCorrupt: It is not one.
        NewerRecord: A newer gumauth wrote it.
    """
    try:
        record = from_json(Record, members(text, VERSION, f"The record of {label}", account=label))
        if record.access_token and (record.rescue is None or is_key(record.rescue)):
            return record
    except ValueError:
        pass
    raise RecordCorrupt(
        f"The record of {label} in the store cannot be read.",
        hint=f"Run `gumauth connect {label.partition('/')[0]}`; the record is replaced then.",
        account=label,
    )


def new_key() -> str:
    """A key for the successor of a record: 32 random bytes in hexadecimal. Secret."""
    return os.urandom(32).hex()


def is_key(value: str) -> bool:
    """Whether it is a key as `new_key` makes one."""
    return len(value) == 64 and set(value) <= set("0123456789abcdef")
