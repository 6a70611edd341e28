"""Running a provider file or plugin: read once, looked at, and every way to fail one clear error."""

from __future__ import annotations

import itertools
import os
import sys
from importlib.metadata import EntryPoint
from types import ModuleType

from gumauth import gumstack
from gumauth.errors import ProviderFileError
from gumauth.platform.permissions import is_private_folder, is_vouched_for
from gumauth.platform.text import one_line
from gumauth.registry.files import neighbours, provider_class
from gumauth.registry.files.enclosing_package import enclosing_package
from gumauth.registry.files.import_errors import guarded
from gumauth.registry.files.source_text import fingerprint_of, read
from gumauth.registry.resolved import ResolvedProvider

_ran: dict[tuple[str, str], ModuleType] = {}
"""What was run, by path and fingerprint. Once is enough, and classes stay the same for all threads that use them."""

_runs = itertools.count(1)


def load(path: str, class_name: str | None) -> ResolvedProvider:
    """The provider in a file, which is run.

    Args:
        path: Absolute.
        class_name: Which of its classes; None where there is only one provider.

    Raises:
        ProviderFileError: There is no such file, others can write it, it is broken, or holds no provider.
    """
    path = path if "\0" in path else os.path.realpath(path)  # `read` refuses it in words
    content = read(path)
    module = _run(path, content)
    chosen = provider_class.choose(module, class_name)
    return ResolvedProvider(
        provider_class=chosen,
        source=f"{path}:{chosen.__name__}",
        name=chosen.name,
        origin=path,
        fingerprint=fingerprint_of(content),
    )


def forget(path: str) -> None:
    """Run a file's code again when it is loaded next."""
    for key in [key for key in list(_ran) if key[0] == path]:
        _ran.pop(key, None)


def _run(path: str, content: bytes) -> ModuleType:
    key = (path, fingerprint_of(content))
    if key not in _ran:
        _ran.setdefault(key, _run_anew(path, content))
    return _ran[key]


def _run_anew(path: str, content: bytes) -> ModuleType:
    gumstack.install()
    run = f"gumauth_provider_{next(_runs)}"
    try:
        return guarded(path, lambda: _executed(run, path, content))
    except BaseException:
        neighbours.forget(run)
        raise


def _executed(run: str, path: str, content: bytes) -> ModuleType:
    """The module that a file's code makes: by itself, or as one of its package where it imports from that."""
    folder, package = os.path.dirname(path), enclosing_package(path, content)
    importer = None
    if all(_is_safe(each) for each in {folder, *(package.folders if package else ())}):
        importer = neighbours.let_import(run, folder, lambda other: content if other == path else read(other), package)
        if package:
            return importer.run_in_package()
    module = ModuleType(run)
    module.__file__ = path
    sys.modules[module.__name__] = module  # dataclasses look there
    if importer:
        importer.give(module)
    else:
        module.__package__ = ""  # of none: the interpreter need not guess
    exec(compile(content, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def _is_safe(folder: str) -> bool:
    """Whether nobody else can put a module into a folder."""
    return is_private_folder(folder) or is_vouched_for(folder, os.environ)


def load_plugin(entry: EntryPoint, *, source: str) -> ResolvedProvider:
    """The provider that an installed package brings.

    Raises:
        ProviderFileError: It is broken, or not the provider that it is announced as.
    """
    gumstack.install()
    label = f"the plugin {entry.name} of {source}"
    chosen = guarded(label, entry.load)
    missing = provider_class.lacks(chosen) if isinstance(chosen, type) else ["class"]
    if missing:
        raise ProviderFileError(f"{label} is not a provider: it has no {', '.join(missing)}.")
    if chosen.name != entry.name:
        raise ProviderFileError(f"{label} names itself {one_line(chosen.name)!r}.", hint="Its two names have to agree.")
    origin = getattr(sys.modules.get(chosen.__module__), "__file__", None) or source
    return ResolvedProvider(provider_class=chosen, source=source, name=entry.name, origin=origin)
