"""What a file reads from its environment, found by watching, with values made up where there are none."""

from __future__ import annotations

import re
import secrets
import string
import sys
from collections.abc import Mapping

from gumauth.platform.child_environment import SECRET

IDENTIFIER = re.compile(r"CLIENT_?ID|APP_?ID|CLIENT$|CONSUMER_?KEY$")
ADDRESS = re.compile(r"(URL|URI|ENDPOINT|DOMAIN|HOST|ISSUER|SERVER|INSTANCE)$")
SPECIAL = "+/=&% :?"
"""Characters that a form, a URL and a Basic header each have to escape."""


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

    def value(self, name: str) -> str | None:
        """The value of a variable that is set nowhere in this process; None where it stays unset."""
        reader, is_optional = _reader()
        return self.give(name, is_optional=is_optional) if reader.startswith(self._folder) else None

    def give(self, name: str, *, is_optional: bool = False) -> str | None:
        """The value of a variable for the file; the same one each time.

        Args:
            name: The variable's.
            is_optional: Whether the file goes on without.
        """
        if name not in self.read:
            self.read[name] = self._made(name, is_optional=is_optional)
        return self.read[name]

    @property
    def secrets(self) -> list[str]:
        """The values that were made up for secrets."""
        return [value for name, value in self.read.items() if value and _is_secret(name)]

    def _made(self, name: str, *, is_optional: bool) -> str | None:
        if IDENTIFIER.search(name):
            letters = (secrets.choice(string.ascii_lowercase) for _ in range(8))  # an error hides what holds digits
            return f"made-up-{''.join(letters)}"
        if _is_secret(name):
            return secrets.token_urlsafe(24) + (SPECIAL if self._special else "")
        if name in self._environ:
            return self._environ[name]
        if is_optional:
            return None
        if ADDRESS.search(name):
            return (
                "https://made-up.example" if name.endswith(("URL", "URI", "ENDPOINT", "ISSUER")) else "made-up.example"
            )
        return "made-up"


MAPPING = "collections.abc"
"""What the module of `Mapping.get` calls itself."""

BETWEEN = (__name__, "gumauth.client.provider_calls.environment", "os", MAPPING)
"""The modules between code that reads a variable and this one."""


def _is_secret(name: str) -> bool:
    return SECRET.search(name.upper()) is not None


def _reader() -> tuple[str, bool]:
    """The file of the code that reads a variable, and whether it goes on without: then it calls `get`."""
    frame, is_optional = sys._getframe(1), False  # noqa: SLF001 - the documented way to a frame
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__")
        is_optional = is_optional or (module == MAPPING and frame.f_code.co_name == "get")
        if module not in BETWEEN:
            break
        frame = frame.f_back
    return frame.f_code.co_filename, is_optional
