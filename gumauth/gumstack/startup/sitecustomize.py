"""Runs as a Python process starts, and makes `mcp.gumstack` gumauth's there, in whichever environment that is.

What such a process serves by uvicorn is served on loopback: with `ENVIRONMENT=local` a server does not ask
`GumstackHost`, and listens at all addresses of the machine.

It needs the standard library alone, of Python 3.10 and later. It prints nothing, imports neither `mcp` nor `gumauth`,
and then runs the `sitecustomize` that the environment has of its own. Source: Python's documentation of `site`.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

HERE = os.path.dirname(os.path.abspath(__file__))
IN_SERVER = os.path.join(os.path.dirname(HERE), "in_server")


class Finder:
    """Finds `mcp.gumstack` before all others do: also where Gumstack's own is installed, which asks Gumstack."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        """The place of gumauth's `mcp.gumstack`, or uvicorn's `Config`, changed; None for every other module."""
        if name == "uvicorn.config":
            return on_loopback(name, path)
        if name != "mcp.gumstack":
            return None
        from importlib.util import spec_from_file_location

        init = os.path.join(IN_SERVER, "__init__.py")
        return spec_from_file_location(name, init, submodule_search_locations=[IN_SERVER])


def on_loopback(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Where uvicorn's module is; once it has run, its `Config` knows loopback alone."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec, spec_from_file_location

    spec = PathFinder.find_spec(name, path)
    ours = spec_from_file_location("gumauth_loopback", os.path.join(IN_SERVER, "loopback.py"))
    loader = spec and spec.loader
    if loader and ours and ours.loader:
        loopback = module_from_spec(ours)
        ours.loader.exec_module(loopback)
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            loopback.keep_to_loopback(module.Config)

        loader.exec_module = exec_module  # type: ignore[method-assign]
    return spec


def run_the_next() -> None:
    """Run the `sitecustomize` of the environment, which this file's name hides; its errors are its own."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec(__name__, [place for place in sys.path if os.path.abspath(place) != HERE])
    if spec and spec.loader:
        module = module_from_spec(spec)
        sys.modules[__name__] = module
        spec.loader.exec_module(module)


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, Finder)
    run_the_next()
