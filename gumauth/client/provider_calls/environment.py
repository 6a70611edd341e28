"""Variables that stand in `os.environ` for a provider's method, and for nobody else in the process.

The process's own environment is never changed: a child that another thread starts would have them, and a fork would
keep them. Instead `os.environ` asks the context (`contextvars`) of whoever reads it. There is no lock, so that no fork
can take one along.
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
"""What a variable is, or what gives it when it is first read; None where it is not set after all."""


class Lent(dict[Any, Any]):
    """What the running code is lent, as `os.environ` encodes names and values. Emptied when the lending ends.

    Args:
        environ: Encodes and decodes.
        variables: By their names.
        otherwise: Gives what is set nowhere, by its name; None where it stays so.
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
        """What was read of it; None for what is set nowhere."""

    def take(self, name: Any) -> Any:
        """The value of a variable, encoded; None where there is none."""
        value = self.get(name)
        if callable(value):
            del self[name]  # whoever gives it may look into the environment
            made = value()
            if made is None:
                return None
            self[name] = value = self._environ.encodevalue(made)
        if value is not None:
            self.read[self._environ.decodekey(name)] = self._environ.decodevalue(value)
        return value

    def made_up(self, name: Any) -> str | None:
        """The value of a variable that is set nowhere, decoded; None where there is none."""
        shown = self._environ.decodekey(name)
        value = self.read[shown] = self._otherwise(shown) if self._otherwise else None
        return value

    def has_kept(self, names: Iterable[str]) -> bool:
        """Whether one of these is given by somebody who is asked for it."""
        return any(callable(self._variables.get(name)) for name in names)

    def end(self) -> None:
        """Nothing is lent any more."""
        self.clear()
        self._otherwise = None


_lent: ContextVar[Lent | None] = ContextVar("gumauth_lent", default=None)


@contextlib.contextmanager
def lend(variables: Mapping[str, Value], *, otherwise: Callable[[str], str | None] | None = None) -> Iterator[Lent]:
    """Variables for the code of this block, and for the tasks, callbacks and worker threads that it starts.

    Not for threads that it starts by itself, and not for children: those get the process's own environment. What the
    code writes goes there too, and ends the lending of that name.

    Args:
        variables: They hide those of the same names; what another lending gave is not seen at all.
        otherwise: As in `Lent`.
    """
    lent = Lent(_overlaid(), variables, otherwise)
    token = _lent.set(lent)
    try:
        yield lent
    finally:
        lent.end()  # for the tasks that are left behind
        with contextlib.suppress(ValueError):  # a coroutine that is thrown away ends in another context
            _lent.reset(token)


class CarryingExecutor(ThreadPoolExecutor):
    """Worker threads that do each piece of work in the context of whoever gave it, as `asyncio.to_thread` does."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have it done."""
        return super().submit(partial(copy_context().run, fn, *args, **kwargs))


class _Overlaid(os._Environ[str]):  # noqa: SLF001 - the class of os.environ, which has no other name
    """`os.environ` and `os.environb`, with what is lent to the running code in front."""

    def __getitem__(self, key: str) -> str:
        lent = _lent.get()
        if lent and (value := lent.take(self.encodekey(key))) is not None:
            return self.decodevalue(value)
        try:
            return super().__getitem__(key)
        except KeyError:
            if lent is None or (value := lent.made_up(self.encodekey(key))) is None:
                raise
            return value

    def __setitem__(self, key: str, value: str) -> None:
        super().__setitem__(key, value)
        self._end(key)

    def __delitem__(self, key: str) -> None:
        if not self._end(key) or key in self:
            super().__delitem__(key)

    def __iter__(self) -> Iterator[str]:
        if lent := _lent.get():
            for name in list(lent):
                lent.take(name)
            return iter(dict.fromkeys([*super().__iter__(), *map(self.decodekey, list(lent))]))
        return super().__iter__()

    def __len__(self) -> int:
        return super().__len__() if _is_for_a_child() or not _lent.get() else sum(1 for _ in self)

    def keys(self) -> KeysView[str]:
        """The names; for `subprocess`, which gives them to a child where it starts one by posix_spawn, its own."""
        return self._own().keys() if _is_for_a_child() else super().keys()

    def values(self) -> ValuesView[str]:
        """The values, in the order of `keys`."""
        return self._own().values() if _is_for_a_child() else super().values()

    def _own(self) -> dict[str, str]:
        """A copy of the process's own environment."""
        own = copy_context()
        own.run(_lent.set, None)
        return own.run(dict, self)

    def _end(self, key: str) -> bool:
        lent = _lent.get()
        return lent is not None and lent.pop(self.encodekey(key), None) is not None


class _Replaced(_Overlaid):
    """A mapping that somebody has put in the place of `os.environ`, as tests do."""

    def __init__(self, behind: Any) -> None:
        super().__init__(behind, str, str, str, str)
        self._behind = behind

    def __setitem__(self, key: str, value: str) -> None:
        self._behind[key] = value
        self._end(key)

    def __delitem__(self, key: str) -> None:
        if not self._end(key) or key in self._behind:
            del self._behind[key]


def _overlaid() -> _Overlaid:
    """`os.environ`, made to ask the context: the same object as before, for whoever has imported it."""
    environ: Any = os.environ
    if isinstance(environ, _Overlaid):
        return environ
    if type(environ) is not _Overlaid.__base__:
        os.environ = replaced = _Replaced(environ)
        return replaced
    for each in (environ, getattr(os, "environb", None)):  # of Windows there is only the first
        if each is not None:
            each.__class__ = _Overlaid
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget)
    return _overlaid()


def _forget() -> None:
    """A fork that the provider's own method makes is not the provider's method."""
    _lent.set(None)


def _is_for_a_child() -> bool:
    caller = sys._getframe(2)  # noqa: SLF001 - the documented way to a frame
    return caller.f_globals.get("__name__") == "subprocess"
