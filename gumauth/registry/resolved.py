"""A provider that was found, and where it came from."""

from __future__ import annotations

from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.oauth2.traits import Traits
    from gumauth.provider import AuthProvider


@frozen
class ResolvedProvider:
    """A provider, and where it came from.

    Args:
        provider_class: Has the contract's methods; not always a subclass of ours.
        source: What an account remembers: "built-in", "/absolute/file.py:Class", or a distribution's name.
        name: The provider's.
        origin: The file of the class, for messages; where that is unknown, the source.
        fingerprint: Of the provider file that was run; None for what is installed.
        notice: What the person should know before connecting with it, in a sentence.
        typed: What the person has called it, or what gives that as a word of a shell's when it is needed; None where it
            is called by its source.
    """

    provider_class: type[AuthProvider]
    source: str
    name: str
    origin: str
    fingerprint: str | None = None
    notice: str | None = None
    typed: str | Callable[[], str] | None = None

    @property
    def traits(self) -> Traits:
        """What the class says of its service beyond the contract."""
        from gumauth.oauth2.traits import traits_of

        return traits_of(self.provider_class)

    @property
    def argument(self) -> str:
        """What a command line calls it: as it was typed, which means the same still."""
        if isinstance(self.typed, str):
            import shlex

            return shlex.quote(self.typed)
        return self.typed() if self.typed is not None else argument(self.source, self.name)


def argument(source: str, name: str) -> str:
    """What a command line calls a provider, as one word of a shell's: its name, or its file where it is from one.

    Args:
        source: As in `ResolvedProvider`.
        name: The provider's.
    """
    import os
    import shlex

    return shlex.quote(source) if os.sep in source else name


def shown_path(path: str) -> str:
    """A file as it is typed where the person is: `./auth.py`, or absolute where it is not below."""
    import os
    import shlex

    try:
        here = os.path.join(os.path.realpath(os.curdir), "")
    except OSError:  # the folder is gone
        here = path
    return shlex.quote(os.curdir + os.sep + path.removeprefix(here) if path.startswith(here) and here != "/" else path)
