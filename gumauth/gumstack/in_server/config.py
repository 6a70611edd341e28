"""What a server's `config.yaml` says of the values that a person enters, read without a reader of YAML.

Source: docs.gumstack.com, "Authentication": `auth.credentials` is a list of objects, each with a `name`.
"""

from __future__ import annotations

import os
import re

FILE = "config.yaml"
LIMIT = 1 << 16
"""Characters of the file that are read."""

LIST = re.compile(r"\s*credentials:\s*(#.*)?")
NAME = re.compile(r"""\s*(?:-\s+)?name:\s*(["']?)([A-Za-z0-9_][A-Za-z0-9_-]{0,63})\1\s*(#.*)?""")
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def fields(text: str) -> list[str]:
    """The names of the values, in their order."""
    found: list[str] = []
    outer = -1
    for line in filter(str.strip, text.splitlines()):
        inner = line.lstrip()
        indent = len(line) - len(inner)
        if LIST.fullmatch(line):
            outer = indent
        elif outer >= 0 and (indent < outer or (indent == outer and not inner.startswith("-"))):
            outer = -1
        elif outer >= 0 and (name := NAME.fullmatch(line)):
            found.append(name[2])
    return found


def command() -> str | None:
    """The command that enters the values of the server in the working folder; None where its file names none."""
    try:
        with open(FILE, encoding="utf-8", errors="replace") as file:
            asked = fields(file.read(LIMIT))
    except OSError:
        return None
    folder = os.path.basename(os.path.realpath(os.curdir)).lower()
    account = folder if ACCOUNT.fullmatch(folder) else "NAME"
    return " ".join(["gumauth connect", account, *(f"--key {field}" for field in asked)]) if asked else None
