"""Hints which file the person probably meant. Parses the sources of files; runs none of them."""

from __future__ import annotations

import ast
import os

from gumauth.errors import ProviderFileError
from gumauth.registry.files.trusted_source import read
from gumauth.registry.resolved import shown_path

BASES = frozenset({"AuthProvider", "OAuth2Provider"})
METHODS = frozenset({"get_url", "exchange"})

SERVERS = ("mcp.gumstack.", "mcp.server.")
"""The names of modules that only a server needs begin so."""

MOST = 50
"""Files of a folder that are parsed."""


def is_a_servers(module: str | None) -> bool:
    """Whether only a server needs a module. A provider needs what gumauth has of it."""
    return f"{module}.".startswith(SERVERS)


def hint_for(path: str) -> str:
    """Which file to connect in place of a server's file, with the command.

    Args:
        path: The server's file, absolute.
    """
    found = providers_of(path)
    if any(file == path for file, _ in found):
        return "Put the class of the provider into a file of its own, and connect that one."
    if found:
        commands = " or ".join(f"`gumauth connect {shown_path(file)}`" for file, _ in dict(found).items())
        return f"Connect the file that defines its provider: {commands}."
    return "Connect the file that defines its provider: the class that inherits AuthProvider."


def hint_instead(path: str) -> str | None:
    """Which file a path without a file probably means; None where there is no such file.

    Args:
        path: Absolute.
    """
    if os.path.isfile(f"{path}.py"):
        return f"Did you mean {shown_path(f'{path}.py')}?"
    try:
        names = sorted(name for name in os.listdir(path) if name.endswith(".py"))[:MOST]
    except (OSError, ValueError):
        return None
    files = [os.path.join(path, name) for name in names if _classes(_parsed(os.path.join(path, name)))]
    return f"Name a file in it: {' or '.join(shown_path(file) for file in files)}." if files else None


def providers_of(path: str) -> list[tuple[str, str]]:
    """The file and the name of each provider's class that a file defines, or imports from a file beside it."""
    tree = _parsed(path)
    own = [(path, name) for name in _classes(tree)]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            file = _file_of(node, os.path.dirname(path))
            names = {alias.name for alias in node.names}
            own += [(file, name) for name in _classes(_parsed(file)) if name in names or "*" in names]
    return list(dict.fromkeys(own))


def _parsed(path: str) -> ast.Module:
    try:
        return ast.parse(read(path))
    except (ProviderFileError, SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _classes(tree: ast.Module) -> list[str]:
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef) and _is_a_provider(node)]


def _is_a_provider(node: ast.ClassDef) -> bool:
    bases = {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
    methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    return bool(bases & BASES) or methods >= METHODS


def _file_of(node: ast.ImportFrom, folder: str) -> str:
    """The file that a `from` statement imports from, if that file is in the folder or in its package."""
    for _ in range(node.level - 1):
        folder = os.path.dirname(folder)
    names = (node.module or "").split(".")
    if not node.level and names[0] == os.path.basename(folder):
        names = names[1:]  # by its package's name
    return os.path.join(folder, *names) + ".py"
