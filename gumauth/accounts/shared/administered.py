"""What an engine can do for its administrator: it is prepared, its keys are changed, and its log is read."""

from __future__ import annotations

from gumauth.accounts.shared.engine import Engine
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from gumauth.accounts.shared.engine import Kind, Row, SealedKey
else:
    Protocol = object


@frozen
class Prepared:
    """The engine, ready for accounts.

    Args:
        before: The version of its schema before; 0 where there was none.
        version: Its version now.
        role: Who asked, as the engine knows them.
        missing: What an administrator of the server has to run first; nothing mostly.
        grants: What gives other roles their rights.
    """

    before: int
    version: int
    role: str
    missing: tuple[str, ...]
    grants: tuple[str, ...]


@frozen
class Entry:
    """One row of the log.

    Args:
        at: Seconds since 1970, by the engine's clock.
        role: Who did it, as the engine knows them.
        machine: What the machine calls itself.
        action: What was done.
        name: To what: provider and id of an account, the name of a note or of an entry, the id of a key.
        label: The account's present name; None for what is no listed account.
        generation: Of the account's tokens; None where they were not touched.
    """

    at: float
    role: str
    machine: str
    action: str
    name: str
    label: str | None
    generation: int | None


@frozen
class Seal:
    """A data key that is sealed under a key.

    Args:
        data_key: Its id.
        kind: What it opens.
        key_id: The id of the key under which it is sealed.
    """

    data_key: str
    kind: Kind
    key_id: str


class AdministeredEngine(Engine, Protocol):
    """An engine, with what its administrator does. Raises as every engine."""

    version: int
    """The schema's version that this gumauth needs."""

    @property
    def where(self) -> str:
        """Host and port, for a sentence."""

    def present_version(self) -> int:
        """The version of the schema that is there; 0 for none."""

    def prepare(self) -> Prepared:
        """Make the schema, or bring it up to date; nothing happens where it is."""

    def look(self) -> Prepared:
        """What `prepare` gives, where nothing is to be done or may be."""

    def first_keys(self, keys: Sequence[SealedKey]) -> bool:
        """Keep the first pair of data keys; False where there is one already."""

    def seals(self) -> list[Seal]:
        """Which data key is sealed under which key, the latest last."""

    def to_reseal(self, data_key: str) -> list[tuple[str, bool]]:
        """What is sealed under another data key: names, and whether each is an account; else it is an entry."""

    def reseal(self, name: str, before: Row, after: Row) -> bool:
        """Write an account's sealed values, unless it has another generation or data key by now; whether it was so."""

    def reseal_entry(self, name: str, before: bytes, after: bytes, data_key: str) -> bool:
        """Write an entry's sealed value, unless it has another one by now; whether it was so."""

    def drop_keys(self, data_key: str) -> bool:
        """Forget all other data keys; False, and nothing is forgotten, where something is sealed under one."""

    def machines(self, days: int) -> list[str]:
        """What the machines call themselves that the log has of the last days, the latest first."""

    def log(self, most: int, only_of: str | None) -> list[Entry]:
        """The latest entries of the log, the newest first.

        Args:
            most: How many.
            only_of: Label, or provider and id, of an account; or a provider. None for everything.
        """
