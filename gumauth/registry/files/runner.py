"""Runs a provider file or plugin; each way to fail is one clear error. Promise P1."""

from __future__ import annotations

import itertools
import os
import sys
from types import ModuleType

from gumauth import gumstack
from gumauth.errors import ProviderFileError
from gumauth.platform.permissions import is_private_folder, is_vouched_for
from gumauth.platform.text import one_line
from gumauth.registry.files import provider_class, sibling_imports
from gumauth.registry.files.enclosing_package import enclosing_package
from gumauth.registry.files.import_errors import guarded
from gumauth.registry.files.trusted_source import fingerprint_of, read
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_ran: dict[tuple[str, str], ModuleType] = {}
"""The modules that were run, by path and fingerprint. A file runs once, so that all threads use the same classes."""

_runs = itertools.count(1)


def load(path: str, class_name: str | None) -> ResolvedProvider:
    """The provider that a file defines; the file's code runs.

    Args:
        path: Absolute.
        class_name: The class in the file; None where the file should hold one provider.

    Raises:
        ProviderFileError: There is no such file, others can write the file, its code fails, or it holds no provider.
        MissingCredentials: The code reads an environment variable that is not set.
    """
    path = path if "\0" in path else os.path.realpath(path)  # `read` raises an error for such a path
    content = read(path)
    key = (path, fingerprint_of(content))
    module = _ran.get(key) or _ran.setdefault(key, _run(path, content))
    chosen = provider_class.choose(module, class_name)
    return ResolvedProvider(
        provider_class=chosen,
        source=f"{path}:{chosen.__name__}",
        name=chosen.name,
        origin=path,
        fingerprint=key[1],
    )


def forget(path: str) -> None:
    """Let the next `load` of a file run the file's code again."""
    for key in [key for key in list(_ran) if key[0] == path]:
        _ran.pop(key, None)


def _run(path: str, content: bytes) -> ModuleType:
    gumstack.install(host=False)
    run = f"gumauth_provider_{next(_runs)}"
    try:
        return guarded(path, lambda: _executed(run, path, content))
    except BaseException:
        sibling_imports.forget(run)
        raise


def _executed(run: str, path: str, content: bytes) -> ModuleType:
    """The module that a file's code makes: alone, or in its package where the code imports from that package."""
    folder, package = os.path.dirname(path), enclosing_package(path, content)
    importer = None
    if all(_is_safe(each) for each in {folder, *(package.folders if package else ())}):
        importer = sibling_imports.let_import(run, folder, lambda at: content if at == path else read(at), package)
        if package:
            return importer.run_in_package()
    module = ModuleType(run)
    module.__file__ = path
    sys.modules[module.__name__] = module  # dataclasses look there
    if importer:
        importer.give(module)
    else:
        module.__package__ = ""  # in no package, so that the interpreter does not guess one
    exec(compile(content, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def _is_safe(folder: str) -> bool:
    """Whether nobody else can put a module into a folder."""
    return is_private_folder(folder) or is_vouched_for(folder, os.environ)


def load_plugin(entry: EntryPoint, *, source: str) -> ResolvedProvider:
    """The provider that an installed package brings.

    Raises:
        ProviderFileError: The plugin's code fails, or the plugin holds another provider than the entry point names.
    """
    gumstack.install(host=False)
    label = f"the plugin {entry.name} of {source}"
    chosen = guarded(label, entry.load)
    missing = provider_class.lacks(chosen) if isinstance(chosen, type) else ["class"]
    if missing:
        raise ProviderFileError(f"{label} is not a provider: it has no {', '.join(missing)}.")
    if chosen.name != entry.name:
        raise ProviderFileError(f"{label} names itself {one_line(chosen.name)!r}.", hint="Its two names have to agree.")
    origin = getattr(sys.modules.get(chosen.__module__), "__file__", None) or source
    return ResolvedProvider(provider_class=chosen, source=source, name=entry.name, origin=origin)
