"""What a file reads from its environment, found by watching, with values made up where there are none."""

from __future__ import annotations

import os
import secrets
import string
import sys
from collections.abc import Mapping

from gumauth.cli.check.values import is_identifier, is_secret, plain_value

INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
SPECIAL = "+/=&% :?"
"""Characters that a form, a URL and a Basic header each have to escape."""


SOME = 30
"""The number of a value that is none."""

NEEDED = object()
"""In place of a default, where there is none."""


class Variables:
    """Gives a value for each variable that a file reads and that nobody has set.

    Args:
        environ: The person's, for variables that are no secrets, such as a host; secrets in it are never used.
        folder: Of the file; what other code reads, such as a library's proxy, stays unset.
        special: Whether secrets hold characters that have to be escaped.
    """

    def __init__(self, environ: Mapping[str, str], folder: str, *, special: bool = False) -> None:
        self._environ, self._folder, self._special = environ, folder, special
        self.read: dict[str, str | None] = {}
        """Each variable that was read, with the value that the file got; None where it got none."""
        self.needed: set[str] = set()
        """Those without which the file does not work, as far as the way in which it reads them tells."""

    def value(self, name: str) -> str | None:
        """The value of a variable that is set nowhere in this process; None where it stays unset."""
        if name.startswith(OF_READERS):
            return None
        reader, default = _reader()
        if not reader.startswith(self._folder) or any(part in reader[len(self._folder) - 1 :] for part in INSTALLED):
            return None
        return self.give(name, default=default)

    def give(self, name: str, *, default: object = NEEDED) -> str | None:
        """The value of a variable for the file; the same one each time.

        Args:
            name: The variable's.
            default: With what the file goes on where the variable is not set; `NEEDED` where it does not.
        """
        is_client = is_identifier(name) or is_secret(name)
        if default is NEEDED or (is_client and default in (None, "")):
            self.needed.add(name)
        if self.read.get(name) is None:
            self.read[name] = self._made(name, is_optional=default is not NEEDED)
        return self.read[name]

    @property
    def secrets(self) -> list[str]:
        """The values that were made up for secrets."""
        return [value for name, value in self.read.items() if value and is_secret(name)]

    def _made(self, name: str, *, is_optional: bool) -> str | None:
        if is_identifier(name):
            letters = (secrets.choice(string.ascii_lowercase) for _ in range(8))  # an error hides what holds digits
            return f"made-up-{''.join(letters)}"
        if is_secret(name):
            return secrets.token_urlsafe(24) + (SPECIAL if self._special else "")
        if name in self._environ:
            return self._environ[name]
        return None if is_optional else Given(plain_value(name))


class Given(str):
    """A value that was made up, and is a number too where the file wants one."""

    __slots__ = ()

    def __int__(self) -> int:
        return int(str(self)) if str(self).isdecimal() else SOME

    def __float__(self) -> float:
        return float(int(self))


MAPPING = "collections.abc"
"""What the module of `Mapping.get` calls itself."""

BETWEEN = (
    __name__, "gumauth.client.provider_calls.environment", "gumauth.cli.check.settings_libraries", "os", MAPPING,
)  # fmt: skip
"""The modules between code that reads a variable and this one."""


READERS = frozenset(("dotenv", "pydantic_settings", "pydantic", "decouple", "environs", "starlette"))
"""Packages that read variables for others."""

OF_READERS = ("PYDANTIC_", "PYTHON_DOTENV_")
"""Beginnings of variables that these packages read for themselves."""


def _reader() -> tuple[str, object]:
    """The file of the code that reads a variable, and with what it goes on without; `NEEDED` where it does not."""
    frame, default = sys._getframe(1), NEEDED  # noqa: SLF001 - the documented way to a frame
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__")
        if module in (MAPPING, "os") and frame.f_code.co_name in ("get", "getenv"):
            default = frame.f_locals.get("default")
        elif module == MAPPING and frame.f_code.co_name == "__contains__":
            default = None
        if module not in BETWEEN and str(module).partition(".")[0] not in READERS:
            break
        frame = frame.f_back
    return frame.f_code.co_filename, default
