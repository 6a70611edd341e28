"""The modules that lie beside a provider file: for its own code, found last, and for nobody else in the process.

Were their folder in `sys.path`, installed packages would find there what they only try to import, such as `brotli`;
and of two folders with a `helper.py` each the second would get the first's. So they have names of their own in
`sys.modules`, below a package that one run of a provider file has, and only its code's imports lead to them. The
package that the file itself is a module of stands below it too.
"""

from __future__ import annotations

import builtins
import copy
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from types import CodeType, FrameType, ModuleType
from typing import Any

from gumauth.registry.files.enclosing_package import Package

PREFIX = "gumauth_beside_"
"""Begins the names of such packages."""


def let_import(run: str, folder: str, read: Callable[[str], bytes], package: Package | None = None) -> _Import:
    """Let a provider file's code, and what it imports so, import what lies beside it; what is installed comes first.

    Args:
        run: A name that no other run of a file has.
        folder: The file's, absolute.
        read: Gives the content of a file, or refuses it.
        package: What the file is a module of: found by its name before anything that is installed.

    Returns:
        What gives it to a module.
    """
    root = ModuleType(PREFIX + run)
    root.__path__ = [folder]
    sys.modules[root.__name__] = root
    for finder, place in ((_BELOW, 0), (_ASKED, len(sys.meta_path))):
        if finder not in sys.meta_path:
            sys.meta_path.insert(place, finder)
    importer = _Import(root.__name__, read, package)
    importer.give(root)
    return importer


def forget(run: str) -> None:
    """Take what a run whose code failed has made out of `sys.modules`."""
    own = PREFIX + run
    for name in list(sys.modules):
        if name in (run, own) or name.startswith(f"{own}."):
            sys.modules.pop(name, None)


class _Import:
    """`__import__` for the code of one run of a provider file.

    Args:
        root: What is beside the file has names below this one.
        read: As in `let_import`.
        package: As there.
    """

    def __init__(self, root: str, read: Callable[[str], bytes], package: Package | None) -> None:
        self.root, self.read, self.package = root, read, package

    def __call__(
        self,
        name: str,
        globals: Any = None,  # noqa: A002 - the names that __import__ has
        locals: Any = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """The module of that name, as an `import` statement asks for it."""
        top = name.partition(".")[0]
        if level == 0 and self.package and top == self.package.top:
            return self._of_package(name, top, fromlist or ())
        try:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        except ModuleNotFoundError as error:
            if level > 0:
                raise self._as_written(error, "." * level + name) from error
            if error.name != top or not self.has(top):
                raise
        return self._below(name, top, fromlist or ())

    def has(self, top: str) -> bool:
        """Whether there is a module of that name beside the file."""
        try:
            return find_spec(f"{self.root}.{top}") is not None
        except ModuleNotFoundError:
            return False

    def give(self, module: ModuleType) -> None:
        """Make a module's code import so, also where it says `from . import`."""
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self}
        if module.__package__ is None:
            module.__package__ = self.root

    def run_in_package(self) -> ModuleType:
        """The file, run as the module of its package that it is, after the package's own code."""
        assert self.package is not None  # noqa: S101
        return import_module(f"{self.root}.{self.package.module}")

    def places(self, fullname: str, path: Sequence[str]) -> Sequence[str]:
        """The folders in which a module is looked for."""
        if self.package and fullname == f"{self.root}.{self.package.top}":
            return [self.package.above]
        return path

    def _of_package(self, name: str, top: str, fromlist: Sequence[str]) -> ModuleType:
        """A module of the file's own package; what that has not may be in an installed one of the same name."""
        try:
            return self._below(name, top, fromlist)
        except ModuleNotFoundError as error:
            if not f"{name}.".startswith(f"{error.name}."):
                raise
            try:
                return builtins.__import__(name, None, None, fromlist, 0)
            except ModuleNotFoundError:
                raise error from None

    def _below(self, name: str, top: str, fromlist: Sequence[str]) -> ModuleType:
        try:
            leaf = builtins.__import__(f"{self.root}.{name}", None, None, fromlist, 0)
        except ModuleNotFoundError as error:
            raise self._as_written(error) from error
        return leaf if fromlist else sys.modules[f"{self.root}.{top}"]

    def _as_written(self, error: ModuleNotFoundError, written: str | None = None) -> ModuleNotFoundError:
        """The error with the name that stands in the file."""
        if not (error.name or "").startswith(f"{self.root}."):
            return error
        missing = written or (error.name or "").removeprefix(f"{self.root}.")
        return ModuleNotFoundError(f"No module named {missing!r}", name=missing)


class _Source(SourceFileLoader):
    """A file beside a provider file: read with the same care, and not from what an interpreter has compiled before."""

    importer: _Import

    def get_code(self, fullname: str) -> CodeType:
        """Its code."""
        path = self.get_filename(fullname)
        return compile(self.importer.read(path), path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        self.importer.give(module)
        super().exec_module(module)


class _Below(MetaPathFinder):
    """Finds by the names that are nobody else's: source files, and folders of them, and nothing that is compiled.

    What it does not find is nowhere: another finder would run what was not looked at.
    """

    def find_spec(self, fullname: str, path: Sequence[str] | None, _target: Any = None) -> ModuleSpec | None:
        """Where that module is.

        Raises:
            ModuleNotFoundError: Nowhere.
        """
        if not fullname.startswith(PREFIX) or path is None:
            return None
        importer: _Import = vars(sys.modules[fullname.partition(".")[0]])["__builtins__"]["__import__"]
        places = importer.places(fullname, path)
        finders = (FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES)) for folder in places)
        spec = next((found for finder in finders if (found := finder.find_spec(fullname)) is not None), None)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        if spec.origin is None:
            return spec
        loader = _Source(fullname, spec.origin)
        loader.importer = importer
        spec.loader = loader
        return spec


class _Asked(MetaPathFinder):
    """Finds for `importlib.import_module`, which asks by the plain name and not through `__import__`."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, _target: Any = None) -> ModuleSpec | None:
        """Where that module is, if the code that asks for it is a provider file's."""
        importer = _asking(sys._getframe(1)) if path is None else None  # noqa: SLF001
        if importer is None or not importer.has(fullname):
            return None
        return _Loaded(import_module(f"{importer.root}.{fullname}")).spec()


class _Loaded(Loader):
    """Gives a module that is there already, under the name that it has."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._own = module, module.__spec__

    def spec(self) -> ModuleSpec:
        """What a finder answers."""
        spec = copy.copy(self._own)
        assert spec is not None  # noqa: S101
        spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002
        """It is made."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It has been run."""
        module.__spec__ = self._own


def _asking(frame: FrameType | None) -> _Import | None:
    """The `__import__` of the code that called importlib, where it is one of ours."""
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "importlib":
        frame = frame.f_back
    importer = frame.f_builtins.get("__import__") if frame is not None else None
    return importer if isinstance(importer, _Import) else None


_BELOW, _ASKED = _Below(), _Asked()
