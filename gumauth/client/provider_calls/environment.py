"""Variables that a provider's code sees in `os.environ`, and that no other code in the process sees. Promise Y4.

The process's own environment never changes: a child that another thread starts would inherit the variables, and a fork
would keep them. Instead `os.environ` looks into the context (`contextvars`) of the code that reads it. There is no
lock, so that no fork can inherit a locked one.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, ValuesView
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, ParamSpec, TypeAlias, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Value: TypeAlias = str | Callable[[], str | None]
"""The value of a variable, or a function that gives the value at the first read; None for an unset variable."""


class Overlay(dict[Any, Any]):
    """Variables over the process's environment, encoded as in `os.environ`. Empty after the end of the block.

    Args:
        environ: Encodes and decodes names and values.
        variables: Values by name. Secret.
        otherwise: Gives the value of a variable that is set nowhere, by name; None for a variable that stays unset.
    """

    def __init__(
        self,
        environ: os._Environ[str],
        variables: Mapping[str, Value],
        otherwise: Callable[[str], str | None] | None = None,
    ) -> None:
        super().__init__()
        self._environ, self._otherwise, self._variables = environ, otherwise, variables
        for name, value in variables.items():
            self[environ.encodekey(name)] = value if callable(value) else environ.encodevalue(value)
        self.read: dict[str, str | None] = {}
        """The variables that the code has read; None for a variable that is set nowhere."""

    def take(self, name: Any) -> Any:
        """The value of a variable, encoded; None where the overlay has no such variable."""
        value = self.get(name)
        if callable(value):
            del self[name]  # the function may read the environment
            made = value()
            if made is None:
                return None
            self[name] = value = self._environ.encodevalue(made)
        if value is not None:
            self.read[self._environ.decodekey(name)] = self._environ.decodevalue(value)
        return value

    def fallback(self, name: Any) -> str | None:
        """The value of a variable that is set nowhere, decoded; None for a variable that stays unset."""
        shown = self._environ.decodekey(name)
        value = self.read[shown] = self._otherwise(shown) if self._otherwise else None
        return value

    def computes(self, names: Iterable[str]) -> bool:
        """Whether the value of one of these variables comes from a function."""
        return any(callable(self._variables.get(name)) for name in names)

    def end(self) -> None:
        """Take the variables away, also from tasks that still run."""
        self.clear()
        self._otherwise = None


_overlay: ContextVar[Overlay | None] = ContextVar("gumauth_overlay", default=None)


@contextlib.contextmanager
def overlay(
    variables: Mapping[str, Value], *, otherwise: Callable[[str], str | None] | None = None
) -> Iterator[Overlay]:
    """Variables for the code of this block, and for the tasks, callbacks and worker threads that the code starts.

    Other threads that the code starts, and children, get the process's own environment. What the code writes goes into
    the process's own environment, and takes the variable of that name out of the overlay.

    Args:
        variables: Values by name. They hide the process's own; the variables of an outer overlay are not seen. Secret.
        otherwise: As in `Overlay`.
    """
    current = Overlay(_installed(), variables, otherwise)
    token = _overlay.set(current)
    try:
        yield current
    finally:
        current.end()  # for the tasks that are left behind
        with contextlib.suppress(ValueError):  # a coroutine that is thrown away ends in another context
            _overlay.reset(token)


class ContextExecutor(ThreadPoolExecutor):
    """Worker threads that run each function in the context of its caller, as `asyncio.to_thread` does."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function on a worker thread."""
        return super().submit(partial(copy_context().run, fn, *args, **kwargs))


class _Environ(os._Environ[str]):  # noqa: SLF001 - the class of os.environ, which has no other name
    """`os.environ` and `os.environb`, with the overlay of the running code in front."""

    def __getitem__(self, key: str) -> str:
        current = _overlay.get()
        if current and (value := current.take(self.encodekey(key))) is not None:
            return self.decodevalue(value)
        try:
            return super().__getitem__(key)
        except KeyError:
            if current is None or (value := current.fallback(self.encodekey(key))) is None:
                raise
            return value

    def __setitem__(self, key: str, value: str) -> None:
        super().__setitem__(key, value)
        self._end(key)

    def __delitem__(self, key: str) -> None:
        if not self._end(key) or key in self:
            super().__delitem__(key)

    def __iter__(self) -> Iterator[str]:
        if current := _overlay.get():
            for name in list(current):
                current.take(name)
            return iter(dict.fromkeys([*super().__iter__(), *map(self.decodekey, list(current))]))
        return super().__iter__()

    def __len__(self) -> int:
        return super().__len__() if _is_for_a_child() or not _overlay.get() else sum(1 for _ in self)

    def keys(self) -> KeysView[str]:
        """The names; for `subprocess`, which gives them to a child by posix_spawn, those of the process alone."""
        return self._own().keys() if _is_for_a_child() else super().keys()

    def values(self) -> ValuesView[str]:
        """The values, in the order of `keys`."""
        return self._own().values() if _is_for_a_child() else super().values()

    def _own(self) -> dict[str, str]:
        """A copy of the process's own environment."""
        own = copy_context()
        own.run(_overlay.set, None)
        return own.run(dict, self)

    def _end(self, key: str) -> bool:
        current = _overlay.get()
        return current is not None and current.pop(self.encodekey(key), None) is not None


class _Replacement(_Environ):
    """`os.environ` over another mapping that the program has put in its place, as tests do."""

    def __init__(self, behind: Any) -> None:
        super().__init__(behind, str, str, str, str)
        self._behind = behind

    def __setitem__(self, key: str, value: str) -> None:
        self._behind[key] = value
        self._end(key)

    def __delitem__(self, key: str) -> None:
        if not self._end(key) or key in self._behind:
            del self._behind[key]


def _installed() -> _Environ:
    """`os.environ`, made to look into the context: the same object as before, because other code has imported it."""
    environ: Any = os.environ
    if isinstance(environ, _Environ):
        return environ
    if type(environ) is not _Environ.__base__:
        os.environ = replaced = _Replacement(environ)
        return replaced
    for each in (environ, getattr(os, "environb", None)):  # Windows has no `os.environb`
        if each is not None:
            each.__class__ = _Environ
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget)
    return _installed()


def _forget() -> None:
    """Take the overlay away in a forked child of the provider's code."""
    _overlay.set(None)


def _is_for_a_child() -> bool:
    caller = sys._getframe(2)  # noqa: SLF001 - the documented way to a frame
    return caller.f_globals.get("__name__") == "subprocess"
