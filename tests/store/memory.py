"""A store that keeps secrets in this process only, for tests."""

from __future__ import annotations


class MemoryStore:
    """Keeps values until the process ends."""

    name = "memory"

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none."""
        return self._values.get(key)

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one."""
        self._values[key] = value

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key."""
        self._values.pop(key, None)

    def keys(self) -> list[str]:
        """Every key that has a value, sorted."""
        return sorted(self._values)

    def __repr__(self) -> str:
        return f"MemoryStore({len(self._values)} entries)"
