"""Which source files this process has read: the provider's, and the modules beside it that it imports."""

from __future__ import annotations

import os
import sys
import sysconfig
from typing import Any

import gumauth


class Sources:
    """Notes every source file that is opened from now on, except those of Python and of installed packages."""

    def __init__(self) -> None:
        self._read: dict[str, None] = {}
        paths = sysconfig.get_paths()
        installed = (*(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")), _folder_of_gumauth())
        self._installed = tuple(os.path.join(each, "") for each in installed)
        sys.addaudithook(self._hook)

    @property
    def paths(self) -> list[str]:
        """Their paths, from the root."""
        return sorted(self._read)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See every file that is opened, whatever code opens it. Source: PEP 578."""
        if event == "open" and isinstance(path := arguments[0], str) and path.endswith(".py"):
            full = os.path.abspath(path)
            if not full.startswith(self._installed):
                self._read[full] = None


def _folder_of_gumauth() -> str:
    return os.path.dirname(gumauth.__file__)
