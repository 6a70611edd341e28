"""A resolved provider: the provider's class, and where the class came from."""

from __future__ import annotations

from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.oauth2.traits import Traits
    from gumauth.provider import AuthProvider


FACTS = (str, bytes, int, float, tuple, list, dict, set, frozenset, type(None))
"""The types of values that are no code."""

OF_PYTHON = ("__dict__", "__weakref__", "_abc_impl")
"""Attributes that Python gives a class."""


@frozen
class ResolvedProvider:
    """A provider's class, and where the class came from.

    Args:
        provider_class: Has the contract's members; need not inherit from `AuthProvider`.
        source: The source that an account remembers: "built-in", "gitlab --host git.example.com" for a built-in service
            at a place of one's own, "/absolute/file.py:Class", or a distribution's name.
        name: The provider's name.
        origin: The file of the class, for messages; the source where the file is unknown.
        fingerprint: The SHA-256 of the provider file that was run; None for an installed provider.
        typed: The reference that the person typed, or a function that gives the reference as one word of a shell; None
            where the command line names the provider by its source.
        client_place: The place of one's own at which alone the client credentials of that name are used; None for every
            other provider.
    """

    provider_class: type[AuthProvider]
    source: str
    name: str
    origin: str
    fingerprint: str | None = None
    typed: str | Callable[[], str] | None = None
    client_place: str | None = None

    @property
    def traits(self) -> Traits:
        """What the class says of its service beyond the contract."""
        from gumauth.oauth2.traits import traits_of

        return traits_of(self.provider_class)

    @property
    def has_own_code(self) -> bool:
        """Whether the class is more than facts: its code may send requests by any HTTP library."""
        classes = self.provider_class.__mro__
        foreign = (cls for cls in classes if cls.__module__.partition(".")[0] not in ("gumauth", "abc", "builtins"))
        return any(
            not isinstance(value, FACTS)
            for cls in foreign
            for name, value in vars(cls).items()
            if name not in OF_PYTHON
        )

    @property
    def issuer(self) -> str | None:
        """The issuer of a discovered service; None for every other provider."""
        from gumauth.oauth2.discovery.service import Service

        service = self.traits.discovered
        return service.issuer if isinstance(service, Service) else None

    @property
    def client_issuer(self) -> str | None:
        """Where alone client credentials of that name are used: at the issuer, or at a place of one's own.

        None for a provider that has neither.
        """
        return self.issuer or self.client_place

    @property
    def argument(self) -> str:
        """The provider on a command line, as words of a shell: as typed, or by its source."""
        if isinstance(self.typed, str):
            return argument_of(self.typed)
        return self.typed() if self.typed is not None else argument(self.source, self.name)


def argument(source: str, name: str) -> str:
    """A provider on a command line, as words of a shell: its file where it is from a file, else its name.

    For a built-in service at a place of one's own, its name and the options.

    Args:
        source: As in `ResolvedProvider`.
        name: The provider's name.
    """
    import os

    return argument_of(source) if os.sep in source or " --" in source else name


def argument_of(reference: str) -> str:
    """A name, a file, an address or a built-in service with options, as words of a shell."""
    import shlex

    from gumauth.registry.variant import argument, is_variant

    return argument(reference) if is_variant(reference) else shlex.quote(reference)


def shown_path(path: str) -> str:
    """A file as one word of a shell: `./auth.py` below the working directory, absolute elsewhere."""
    import os
    import shlex

    try:
        here = os.path.join(os.path.realpath(os.curdir), "")
    except OSError:  # the folder is gone
        here = path
    return shlex.quote(os.curdir + os.sep + path.removeprefix(here) if path.startswith(here) and here != "/" else path)
