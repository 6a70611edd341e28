"""No circle of imports: not between files, not between the entries of a folder, and not by imports inside functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

Graph = dict[str, set[str]]


def imports() -> Graph:
    """Which modules each module of gumauth imports, wherever in its file, and for whatever reason.

    The package's own file is left out: it only hands on, by name, what lies below.
    """
    graph = grimp.build_graph("gumauth", cache_dir=None)
    modules = graph.modules - {"gumauth"}
    return {module: graph.find_modules_directly_imported_by(module) - {"gumauth"} for module in modules}


def between_entries(graph: Mapping[str, set[str]], folder: str) -> Graph:
    """The same for the entries of one folder, each taken as a whole."""
    found: Graph = {}
    for module, imported in graph.items():
        for other in imported:
            mine, theirs = _entry(folder, module), _entry(folder, other)
            if mine and theirs and mine != theirs:
                found.setdefault(mine, set()).add(theirs)
    return found


def _entry(folder: str, module: str) -> str | None:
    return ".".join(module.split(".")[: folder.count(".") + 2]) if module.startswith(f"{folder}.") else None


def folders(graph: Mapping[str, set[str]]) -> Iterator[str]:
    """The package, and every folder in it."""
    yield from sorted({module.rpartition(".")[0] for module in graph})


def check(graph: Mapping[str, set[str]]) -> None:
    """Raise `CycleError` where there is a circle."""
    TopologicalSorter(graph).prepare()


def test_no_two_files_import_each_other_by_whatever_way() -> None:
    graph = imports()
    assert len(graph) > 200
    check(graph)


def test_no_two_entries_of_a_folder_import_each_other() -> None:
    graph = imports()
    assert "gumauth.client" in set(folders(graph))
    for folder in folders(graph):
        check(between_entries(graph, folder))


def test_a_circle_is_found() -> None:
    one = {"gumauth.a.x": {"gumauth.b.y"}, "gumauth.b.z": {"gumauth.a.x"}, "gumauth.b.y": set[str]()}
    check(one)
    with pytest.raises(CycleError):
        check(between_entries(one, "gumauth"))
    with pytest.raises(CycleError):
        check({**one, "gumauth.b.y": {"gumauth.b.z"}})
