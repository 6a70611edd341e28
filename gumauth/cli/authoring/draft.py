"""A provider that is to be written, as values, with the names that its files and its class get. Pure."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gumauth.oauth2.facts import Facts
from gumauth.provider import credential_variables

TAKEN_MODULES = frozenset({"conftest", "gumauth", "httpx", "mcp", "pytest"})
"""Modules that the written files import, beside those of the standard library."""

TAKEN_CLASSES = frozenset({"Any", "AuthProvider", "Mapping", "OAuth2Provider", "TokenResponse", "Client", "Fault"})
"""Names that the written files import, beside the built-in ones."""

LONGEST_CLASS = 40
"""Letters of a class's name: a line with it stays short."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A provider that is to be written. Its texts may come from a service's metadata, and are written as literals.

    Args:
        name: The provider's.
        facts: The attributes of `Facts` that differ from their defaults.
        about: What the service is called in the class's docstring.
        pages: The addresses that the docstring names as the source.
        notes: Sentences for the person about what could not be known, or is not written.
    """

    name: str
    facts: Mapping[str, Any]
    about: str = ""
    pages: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, fact: str) -> Any:
        """A fact, or its default; None for an endpoint that is missing."""
        return self.facts.get(fact, getattr(Facts, fact, None))

    @property
    def shown(self) -> str:
        """What people call the service, in letters that may stand anywhere in a program."""
        return plain(self.facts.get("title") or self.about) or self.name

    @property
    def module(self) -> str:
        """The name of the provider's module: one that can be imported, and hides no other module."""
        return module_name(self.name)

    @property
    def class_name(self) -> str:
        """The name of the provider's class."""
        return class_name(self.name)

    @property
    def variables(self) -> tuple[str, str]:
        """The environment variables of the client's id and secret."""
        return credential_variables(self.name)

    @property
    def secret(self) -> str:
        """Whether the client has a secret: "needed", "optional" or "none"."""
        if self["client_auth"] == "none":
            return "none"
        return "optional" if self["public_client"] else "needed"


def module_name(name: str) -> str:
    """A provider's name as the name of a module."""
    stem = re.sub(r"[^a-z0-9]+", "_", name).strip("_")
    stem = stem if stem[:1].isalpha() else f"provider_{stem}".rstrip("_")
    is_taken = stem in sys.stdlib_module_names or stem in TAKEN_MODULES or keyword.iskeyword(stem)
    return f"{stem}_auth" if is_taken or stem.startswith("test_") else stem


def class_name(name: str) -> str:
    """A provider's name as the name of a class."""
    words = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^a-z0-9]+", name))
    is_taken = words in TAKEN_CLASSES or hasattr(builtins, words) or keyword.iskeyword(words)
    words = f"{words}Provider" if is_taken or words.startswith("Test") else words
    return (words if words[:1].isalpha() else f"Provider{words}")[:LONGEST_CLASS]


def plain(text: str) -> str:
    """A text's letters that may stand in a docstring, a comment and a string alike, on one line."""
    return " ".join("".join(re.findall(r"[A-Za-z0-9 .,:;()&+!?_/-]", " ".join(text.split()))).split())[:80].strip()


def is_plain_url(text: str) -> bool:
    """Whether an address may stand in a docstring as it is."""
    return re.fullmatch(r"https?://[A-Za-z0-9._~:/?#@!$&()*+,;=%\[\]-]{1,500}", text) is not None
