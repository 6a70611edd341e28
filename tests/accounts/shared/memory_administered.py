"""What the administrator of the engine in memory does: keys are added, replaced and forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from gumauth.accounts.shared.administered import Entry, Prepared, Seal
from gumauth.accounts.shared.engine import Row, SealedKey
from gumauth.platform.frozen import fields_of
from tests.accounts.shared.memory_engine import Kept, MemoryEngine


class AdministeredMemory(MemoryEngine):
    """`shared.administered.AdministeredEngine` in memory.

    Attributes:
        prepared: The version of the schema that is there.
    """

    version = 1
    prepared = 1

    @property
    def where(self) -> str:
        return "memory:1"

    def present_version(self) -> int:
        return self._asked("present_version", lambda: self.prepared)

    def prepare(self) -> Prepared:
        def answer() -> Prepared:
            before, self.prepared = self.prepared, self.version
            return Prepared(before=before, version=self.version, role=self._machine, missing=(), grants=("GRANT",))

        return self._asked("prepare", answer)

    def look(self) -> Prepared:
        return self._asked(
            "look",
            lambda: Prepared(before=self.prepared, version=self.prepared, role=self._machine, missing=(), grants=()),
        )

    def first_keys(self, keys: Sequence[SealedKey]) -> bool:
        def answer() -> bool:
            kept = self._memory.rows.sealed_keys
            is_first = not kept
            kept += keys if is_first else []
            return is_first

        return self._asked("first_keys", answer)

    def add_key(self, keys: Sequence[SealedKey]) -> None:
        def answer() -> None:
            new = {(key.data_key, key.kind, key.key_id) for key in keys}
            kept = self._memory.rows.sealed_keys
            kept[:] = [key for key in kept if (key.data_key, key.kind, key.key_id) not in new] + list(keys)

        self._asked("add_key", answer)

    def seals(self) -> list[Seal]:
        return self._asked(
            "seals",
            lambda: [Seal(data_key=key.data_key, kind=key.kind, key_id=key.key_id) for key in self._sealed_keys],
        )

    @property
    def _sealed_keys(self) -> list[SealedKey]:
        return self._memory.rows.sealed_keys

    def to_reseal(self, data_key: str) -> list[tuple[str, bool]]:
        def answer() -> list[tuple[str, bool]]:
            accounts = self._memory.rows.accounts.items()
            sealed = [(name, True) for name, kept in accounts if kept.data_key not in (None, data_key)]
            return sealed + [(name, False) for name, (_, of) in self._memory.rows.entries.items() if of != data_key]

        return self._asked("to_reseal", answer)

    def reseal(self, name: str, before: Row, after: Row) -> bool:
        def answer() -> bool:
            kept = self._memory.rows.accounts.get(name, Kept())
            if (kept.generation, kept.data_key) != (before.generation, before.data_key):
                return False
            values = {each: fields_of(after)[each] for each in ("access", "refresh", "data_key")}
            self._memory.rows.accounts[name] = Kept(**{**vars(kept), **values})
            return True

        return self._asked("reseal", answer)

    def reseal_entry(self, name: str, before: bytes, after: bytes, data_key: str) -> bool:
        def answer() -> bool:
            entries = self._memory.rows.entries
            if name not in entries or entries[name][0] != before:
                return False
            entries[name] = after, data_key
            return True

        return self._asked("reseal_entry", answer)

    def drop_keys(self, data_key: str) -> bool:
        def answer() -> bool:
            rows = self._memory.rows
            used = {kept.data_key for kept in rows.accounts.values()} | {of for _, of in rows.entries.values()}
            if used - {None, data_key}:
                return False
            rows.sealed_keys[:] = [key for key in rows.sealed_keys if key.data_key == data_key]
            return True

        return self._asked("drop_keys", answer)

    def machines(self, days: int) -> list[str]:
        return self._asked(f"machines of {days}", lambda: list(dict.fromkeys(of for *_, of in self._memory.log[::-1])))

    def log(self, most: int, only_of: str | None) -> list[Entry]:
        def answer() -> list[Entry]:
            found = [
                Entry(at=0.0, role="", machine=machine, action=action, name=name, label=None, generation=None)
                for action, name, machine in reversed(self._memory.log)
                if only_of in (None, name)
            ]
            return found[:most]

        return self._asked("log", answer)
