"""Imports the modules beside a provider file, for the code of that file and for no other code in the process.

With the file's folder in `sys.path`, an installed package would find there what the package only tries to import, such
as `brotli`; and of two folders that each hold a `helper.py`, the second file would get the first folder's. So each run
of a provider file has a root package of its own in `sys.modules`. The modules beside the file, and the package that
encloses the file, get names below that root, and only the `__import__` of that run's code leads to them. An installed
module of the same name comes first. Promise P5.
"""

from __future__ import annotations

import builtins
import copy
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from types import CodeType, FrameType, ModuleType
from typing import Any

from gumauth.registry.files.enclosing_package import Package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:
    Loader = MetaPathFinder = object  # their module imports `tempfile` and `shutil`, and adds no method that is called

PREFIX = "gumauth_beside_"
"""The names of the root packages begin so."""


def let_import(run: str, folder: str, read: Callable[[str], bytes], package: Package | None = None) -> _Import:
    """The `__import__` for the code of one run of a provider file, and of the modules that this code imports.

    Args:
        run: A name that no other run of a file has.
        folder: The file's folder, absolute.
        read: Gives the content of a file, or raises an error.
        package: The package that the file is a module of. This package comes before an installed one of its name.
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
    """Take the modules of a run that failed out of `sys.modules`."""
    own = PREFIX + run
    for name in list(sys.modules):
        if name in (run, own) or name.startswith(f"{own}."):
            sys.modules.pop(name, None)


class _Import:
    """`__import__` for the code of one run of a provider file.

    Args:
        root: The name of the run's root package.
        read: As in `let_import`.
        package: As in `let_import`.
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
        """The module that an `import` statement names."""
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
        """Whether a module of that name is beside the file."""
        try:
            return find_spec(f"{self.root}.{top}") is not None
        except ModuleNotFoundError:
            return False

    def give(self, module: ModuleType) -> None:
        """Make this the `__import__` of a module's code, and the root the package of its relative imports."""
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self}
        if module.__package__ is None:
            module.__package__ = self.root

    def run_in_package(self) -> ModuleType:
        """Run the file as a module of its package, after the package's own code."""
        assert self.package is not None  # noqa: S101
        return import_module(f"{self.root}.{self.package.module}")

    def places(self, fullname: str, path: Sequence[str]) -> Sequence[str]:
        """The folders in which a module is looked for."""
        if self.package and fullname == f"{self.root}.{self.package.top}":
            return [self.package.above]
        return path

    def _of_package(self, name: str, top: str, fromlist: Sequence[str]) -> ModuleType:
        """A module of the file's package, or else of an installed package with the same name."""
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
        """The error with the module's name as the file has it."""
        if not (error.name or "").startswith(f"{self.root}."):
            return error
        missing = written or (error.name or "").removeprefix(f"{self.root}.")
        return ModuleNotFoundError(f"No module named {missing!r}", name=missing)


class _Source(SourceFileLoader):
    """Loads a file beside a provider file: from its source, by `read`, and never from compiled code."""

    importer: _Import

    def get_code(self, fullname: str) -> CodeType:
        """The module's code."""
        path = self.get_filename(fullname)
        return compile(self.importer.read(path), path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code with the run's `__import__`."""
        self.importer.give(module)
        super().exec_module(module)


class _Below(MetaPathFinder):
    """Finds modules below a root package: source files, and folders of source files.

    Raises an error for any other name below a root: another finder would run a file that `read` has not checked.
    """

    def find_spec(self, fullname: str, path: Sequence[str] | None, _target: Any = None) -> ModuleSpec | None:
        """Where a module below a root is; None for any other name.

        Raises:
            ModuleNotFoundError: There is no such module below the root.
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
    """Finds modules for `importlib.import_module`, which does not call `__import__`."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, _target: Any = None) -> ModuleSpec | None:
        """Where a module is, if a provider file's code called importlib."""
        importer = _asking(sys._getframe(1)) if path is None else None  # noqa: SLF001
        if importer is None or not importer.has(fullname):
            return None
        return _Loaded(import_module(f"{importer.root}.{fullname}")).spec()


class _Loaded(Loader):
    """Gives a module that is loaded already, under its own name."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._own = module, module.__spec__

    def spec(self) -> ModuleSpec:
        """The answer of a finder."""
        spec = copy.copy(self._own)
        assert spec is not None  # noqa: S101
        spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002
        """The module, which exists already."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own spec; its code ran before."""
        module.__spec__ = self._own


def _asking(frame: FrameType | None) -> _Import | None:
    """The `__import__` of the code that called importlib, where that is a provider file's."""
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "importlib":
        frame = frame.f_back
    importer = frame.f_builtins.get("__import__") if frame is not None else None
    return importer if isinstance(importer, _Import) else None


_BELOW, _ASKED = _Below(), _Asked()
