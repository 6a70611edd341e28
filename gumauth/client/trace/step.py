"""One step of a run, such as a method of a provider: who has to hear of its requests."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator

from gumauth.errors import GumauthError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.client.trace.trace import Step, Trace


@contextlib.contextmanager
def step(trace: Trace | None, name: str, secrets: Collection[str] = ()) -> Iterator[tuple[Step, ...]]:
    """Who has to hear of the requests of this block; an error with which it ends gets the lines that are kept.

    Args:
        trace: Of the run; None where nothing is traced.
        name: Of the step, as it is shown.
        secrets: What the step's code is given, which is cut wherever it stands; may grow meanwhile.
    """
    if trace is None:
        yield ()
        return
    heard = trace.listener(name, secrets)
    try:
        yield (heard,)
    except GumauthError as error:
        error.way = (*heard.end(), *error.way)
        raise
    finally:
        heard.end()
