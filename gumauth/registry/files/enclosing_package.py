"""The package that a provider file is a module of, from its folders and its source. Imports nothing. Promise P5."""

from __future__ import annotations

import ast
import os

from gumauth.platform.frozen import frozen


@frozen
class Package:
    """A module, and the packages around the module.

    Args:
        module: The module's name, from the topmost package on: "acme.oauth.auth".
        above: The folder that holds the topmost package.
        folders: The folders of the packages, the topmost first.
    """

    module: str
    above: str
    folders: tuple[str, ...]

    @property
    def top(self) -> str:
        """The topmost package's name."""
        return self.module.partition(".")[0]


def enclosing_package(path: str, content: bytes) -> Package | None:
    """The package that a file is a module of; None where there is none, or where the file imports nothing from it.

    A package's own code runs before its modules' code. So the package is left out where the file does not need it.

    Args:
        path: The file, absolute.
        content: The file's source.
    """
    package = by_folders(path)
    return package if package and _asks_for(package.top, content) else None


def by_folders(path: str) -> Package | None:
    """The package in whose folders a file is; None where no `__init__.py` is beside the file."""
    folder, file = os.path.split(path)
    module = os.path.splitext(file)[0]
    folders: list[str] = []
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.basename(folder).isidentifier():
        folders.insert(0, folder)
        module = f"{os.path.basename(folder)}.{module}"
        folder = os.path.dirname(folder)
    return Package(module=module, above=folder, folders=tuple(folders)) if folders else None


def _asks_for(top: str, content: bytes) -> bool:
    """Whether a source has a relative import, or an import from the package `top`."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return False  # `runner` reports the error
    return any(_is_of(top, node) for node in ast.walk(tree))


def _is_of(top: str, node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").partition(".")[0] == top
    return isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == top for alias in node.names)
