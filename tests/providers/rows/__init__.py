"""The table of services, a file for each kind."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.providers.row import Row


def every_row() -> list[Row]:
    """All rows, of all files."""
    files = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return [row for file in files for row in file.ROWS]


def row_of(name: str) -> Row:
    """The row of a service."""
    return next(row for row in every_row() if row.name == name)
