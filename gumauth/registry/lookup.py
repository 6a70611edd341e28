"""A name or a path → a resolved provider. No provider is imported before a caller asks for that provider."""

from __future__ import annotations

import os

from gumauth.accounts.account import is_name
from gumauth.errors import ProviderFileError, UnknownProvider, UsageError
from gumauth.platform.files import NO_FOLDER
from gumauth.platform.frozen import frozen, replace
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider
from gumauth.registry.variant import BUILT_IN as BUILT_IN
from gumauth.registry.variant import is_variant, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from gumauth.registry.variant import Variant

GROUP = "gumauth.providers"
NEAR = 0.75
"""How much of a name has to be right (as `difflib` counts it) for the name to have been meant perhaps."""


@frozen
class Listed:
    """A provider that a person can connect by name.

    Args:
        name: The provider's.
        source: "built-in", or the distribution that brings it.
    """

    name: str
    source: str


def find(reference: str, *, cwd: str) -> ResolvedProvider:
    """The provider that PROVIDER of a command line means.

    Args:
        reference: A name, `./auth.py`, `./auth.py:Class`, or the words of `Variant.source`.
        cwd: The folder that a relative path starts from; "" where that folder was deleted.

    Raises:
        UnknownProvider: No provider has that name.
        ProviderFileError: The file or plugin cannot be used.
        UsageError: The service has no hosts or tenants of people's own, or its host makes no name.
    """
    if (variant := parse(reference)) is not None:
        return _at_place(variant)
    if is_path(reference):
        return _file(reference, cwd)
    if reference in built_in_names():
        return _built_in(reference)
    for entry in _plugins():
        if entry.name == reference:
            return _plugin(entry)
    raise unknown(reference)


def load(source: str, name: str) -> ResolvedProvider:
    """The provider of an account, whatever the working directory is.

    Args:
        source: `ResolvedProvider.source`.
        name: `ResolvedProvider.name`.

    Raises:
        UnknownProvider: The provider is not installed any more.
        ProviderFileError: The file or plugin cannot be used, or holds another provider now.
    """
    if source == BUILT_IN:
        if name in built_in_names():
            return _built_in(name)
        raise unknown(name)
    if (variant := parse(source)) is not None:
        return _at_place(variant, name)
    if is_path(source):
        return _remembered_file(source, name)
    for entry in _plugins():
        if entry.name == name and distribution(entry) == source:
            return _plugin(entry)
    from gumauth.platform.known_packages import command

    raise UnknownProvider(
        f"{one_line(source)}, which provides {name}, is not installed here.",
        hint=f"Install it where gumauth runs: `{command(one_line(source))}`.",
    )


def instead_of(resolved: ResolvedProvider) -> str | None:
    """A sentence on the provider of gumauth or of an installed package that a file's name hides; None without one."""
    other = next((listed for listed in names() if listed.name == resolved.name), None)
    if other is None or not is_path(resolved.source):
        return None
    whose = "gumauth" if other.source == BUILT_IN else one_line(other.source)
    return f"{one_line(resolved.origin, 500)} is used, not the {resolved.name} that {whose} brings."


def _file(reference: str, cwd: str) -> ResolvedProvider:
    from gumauth.registry.files import runner

    path, class_name = split_path(reference)
    return runner.load(full_path(path, cwd), class_name)


def full_path(path: str, cwd: str) -> str:
    """The path of a provider file, from the root.

    Raises:
        ProviderFileError: The path is relative to a folder that was deleted.
    """
    full = os.path.join(cwd, os.path.expanduser(path))
    if not os.path.isabs(full):
        raise ProviderFileError(
            f"{one_line(path, 500)} cannot be read: {NO_FOLDER}.",
            hint="Change to a folder that is there, or give the whole path.",
        )
    return full


def _remembered_file(source: str, name: str) -> ResolvedProvider:
    try:
        resolved = _file(source, "/")
    except ProviderFileError as error:
        if not os.path.exists(split_path(source)[0]):
            error.hint = (
                f"Put it back, or connect {name} with the file where it is now; `disconnect --keep-grant` forgets it."
            )
        raise
    if resolved.name != name:
        raise ProviderFileError(
            f"{one_line(source)} provides {resolved.name} now, not {name}.",
            hint=f"Change its `name` back, or run `gumauth connect` with the file that provides {name}.",
        )
    return resolved


def client_place(source: str, name: str) -> str | None:
    """The place of somebody's own at which alone the client of an account's provider is used; None for other providers.

    Args:
        source: `ResolvedProvider.source`.
        name: `ResolvedProvider.name`.

    Raises:
        GumauthError: As `load`, for a built-in service at such a place.
    """
    return load(source, name).client_place if is_variant(source) else None


def is_url(reference: str) -> bool:
    """Whether PROVIDER, or an account's source, is the address of a service that is discovered."""
    return reference[:8].lower().startswith(("https://", "http://"))


def is_path(reference: str) -> bool:
    """Whether PROVIDER means a file, not a name, an address or a built-in service at a place of one's own."""
    if is_url(reference) or is_variant(reference):
        return False
    path, _ = split_path(reference)
    return path.endswith(".py") or "/" in reference or os.sep in reference


def file_in(source: str) -> str | None:
    """The provider file of a source; None for a built-in provider and an installed package."""
    return split_path(source)[0] if is_path(source) else None


def split_path(reference: str) -> tuple[str, str | None]:
    """`./auth.py:Class` → the path and the class's name."""
    path, colon, class_name = reference.rpartition(":")
    return (path, class_name) if colon and class_name.isidentifier() else (reference, None)


def built_in_names() -> list[str]:
    """The names of the built-in providers, from the names of their files."""
    from gumauth import providers

    files = {file for folder in providers.__path__ for file in os.listdir(folder)}
    return sorted(file[:-3] for file in files if file.endswith(".py") and is_name(file[:-3]))


def names() -> list[Listed]:
    """Every provider with a name; none is imported. A plugin cannot take a built-in provider's name. Promise P2."""
    own = built_in_names()
    brought = {entry.name: distribution(entry) for entry in reversed(_plugins()) if entry.name not in own}
    everything = dict.fromkeys(own, BUILT_IN) | brought
    return [Listed(name=name, source=source) for name, source in sorted(everything.items())]


def is_installed(name: str) -> bool:
    """Whether gumauth or an installed package brings a provider of that name."""
    return name in {listed.name for listed in names()}


def file_of(name: str) -> str | None:
    """The file and class that an installed package brings under a name, as "/absolute/file.py:Class"; else None.

    The provider is not imported, but the package that its module is in.
    """
    from importlib.util import find_spec

    if name in built_in_names():
        return None
    entry = next((entry for entry in _plugins() if entry.name == name), None)
    if entry is None:
        return None
    try:
        spec = find_spec(entry.module)
    except (ImportError, ValueError):
        return None
    return f"{spec.origin}:{entry.attr}" if spec and spec.has_location else None


def unknown(name: str, meant: str = "") -> UnknownProvider:
    """The error for a name that no provider has.

    Args:
        name: The name.
        meant: What was perhaps meant, for the hint; "" for the names that are spelled alike.
    """
    import difflib

    known, lower = [listed.name for listed in names()], name.lower()
    near = [lower] if lower in known else difflib.get_close_matches(lower, known, n=3, cutoff=NEAR)
    meant = meant or " or ".join(near)
    hint = f"Did you mean {meant}?" if meant else "`gumauth providers` lists them."
    return UnknownProvider(f"There is no provider {one_line(name, 64)!r}.", hint=hint)


def fingerprint(path: str) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        ProviderFileError: The file cannot be read, or others can write the file.
    """
    from gumauth.registry.files import trusted_source

    try:
        return trusted_source.fingerprint_of(trusted_source.read(path))
    except ProviderFileError as error:
        from gumauth.registry.files.file_hints import hint_instead

        error.hint = hint_instead(path) or error.hint
        raise


def distribution(entry: EntryPoint) -> str:
    """The name of the installed distribution that brings a plugin."""
    return entry.dist.name if entry.dist else entry.module


def built_in(name: str) -> ResolvedProvider:
    """A built-in service, with {host} and {tenant} in its facts.

    Raises:
        UnknownProvider: There is none of that name.
    """
    from importlib import import_module

    from gumauth.registry.files import provider_class

    if name not in built_in_names():
        raise unknown(name)
    module = import_module(f"gumauth.providers.{name}")
    chosen = provider_class.choose(module, None)
    return ResolvedProvider(provider_class=chosen, source=BUILT_IN, name=name, origin=module.__file__ or BUILT_IN)


def _built_in(name: str) -> ResolvedProvider:
    """A built-in service at its usual host and tenant."""
    from gumauth.registry.places import at

    resolved = built_in(name)
    return replace(resolved, provider_class=at(resolved.provider_class))


def _at_place(variant: Variant, name: str | None = None) -> ResolvedProvider:
    """A built-in service at a place of somebody's own.

    Args:
        variant: The place.
        name: The provider's, as an account remembers it; None for the name that is made of the place.
    """
    from gumauth.registry import places

    usual = built_in(variant.service)
    own = [place for place in places.PLACES if getattr(variant, place) is not None]
    if foreign := [place for place in own if place not in places.wanted(usual.provider_class)]:
        raise UsageError(
            f"{variant.service} has no {foreign[0]}s of people's own, so --{foreign[0]} cannot be used with it.",
            hint=f"Leave --{foreign[0]} out; a server of your own is connected by its address, or by a provider file.",
        )
    if variant.host is not None and not places.is_trusted(variant.host, usual.provider_class):
        raise UsageError(
            f"{variant.service} signs in at its own host, and {one_line(variant.host)} is none of its hosts.",
            hint=f"It would get a token of {variant.service}. Check the host.",
        )
    if name is None:
        variant = places.simplest(variant, usual.provider_class)
        if variant.source == variant.service:
            return _built_in(variant.service)
    name = name or variant.name or places.name_of(variant, usual.provider_class)
    if name is None:
        raise UsageError(
            f"{one_line(variant.source)} makes no name for the accounts there.",
            hint=f"Give it one: `gumauth connect {one_line(variant.source)} --name NAME`.",
        )
    if name in built_in_names() and not places.has_usual_name(replace(variant, name=name), usual.provider_class):
        bare = replace(variant, name=None).source
        raise UsageError(
            f"{name} is another provider already.",
            hint=f"Give this one another: `gumauth connect {bare} --name NAME`.",
        )
    placed = places.at(usual.provider_class, host=variant.host, tenant=variant.tenant, name=name)
    place = places.client_place(replace(variant, name=name), usual.provider_class)
    return replace(usual, provider_class=placed, source=variant.source, name=name, client_place=place)


def _plugins() -> list[EntryPoint]:
    """The entry points of installed packages, without those that have an impossible name."""
    from importlib.metadata import entry_points

    return sorted((entry for entry in entry_points(group=GROUP) if is_name(entry.name)), key=lambda e: e.name)


def _plugin(entry: EntryPoint) -> ResolvedProvider:
    from gumauth.registry.files import runner

    return runner.load_plugin(entry, source=distribution(entry))
