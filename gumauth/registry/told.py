"""What the built-in services are called, read from the texts of their files: none of the files is imported."""

from __future__ import annotations

import functools
import re

from gumauth.platform.frozen import frozen

LINE = re.compile(r'^    (title|kind|tenant) = "([^"\\\n]*)"$', re.MULTILINE)
"""A fact of a class, as a formatter writes it. A test compares what is read with the classes."""


@frozen
class Told:
    """What a list says of a service.

    Args:
        title: The name for people.
        kind: A key of `gumauth.oauth2.facts.KINDS`, or "".
        tenant: The usual tenant; "" for a service without one.
    """

    title: str = ""
    kind: str = ""
    tenant: str = ""


@functools.cache
def told(name: str) -> Told:
    """What the file of a built-in service says; nothing where it cannot be read. A hint asks it for each account."""
    from gumauth import providers

    for folder in providers.__path__:
        try:
            with open(f"{folder}/{name}.py", encoding="utf-8") as file:
                return Told(**dict(LINE.findall(file.read())))
        except (OSError, UnicodeDecodeError):
            continue
    return Told()
