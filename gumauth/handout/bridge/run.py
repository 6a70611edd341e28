"""One run of the bridge: from the first line of standard input to the end of the session."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass

from gumauth.client.context import Context
from gumauth.handout.bridge.bridge import Bridge
from gumauth.handout.bridge.conversation import Conversation
from gumauth.handout.bridge.requests import Requests
from gumauth.handout.bridge.server import Server
from gumauth.handout.bridge.standard_streams import Input, Output
from gumauth.handout.bridge.tokens import Tokens
from gumauth.handout.bridge.waiting import first_of

GRACE = 5.0
"""Seconds after the end of the input for answers that are still to come; a signal ends the wait."""

LAST_WORDS = 2.0
"""Seconds for the client to read what is left."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a run is made of.

    Args:
        make_context: Gives folders and environment, anew for each look at the account; may raise GumauthError.
        reference: The account, as it was written.
        url: Of the MCP server, where the person names one.
        stdin: The file descriptor of the client's messages.
        stdout: The file descriptor of the messages for the client.
        say: Takes a sentence for the person.
        clock: Gives the time, in seconds since 1970.
    """

    make_context: Callable[[], Context]
    reference: str
    url: str | None
    stdin: int
    stdout: int
    say: Callable[[str], None]
    clock: Callable[[], float]


FILES = 2048
"""File descriptors that the bridge wants: a request under way has one, and some systems begin with 256 for all."""


def run(asked: Asked) -> int:
    """Pass messages on until the input ends, the output breaks, or SIGTERM or SIGINT comes.

    Returns:
        The exit status: that of the error with which the last message was answered, or 0.
    """
    _want_files(FILES)
    return asyncio.run(_run(asked))


def _want_files(number: int) -> None:
    """Raise this process's own limit of file descriptors, as far as the system lets it."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ImportError, OSError, ValueError):
        pass  # it works with fewer, for fewer requests at once


async def _run(asked: Asked) -> int:
    loop, ended, hurried = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    output = Output(asked.stdout, loop, lambda _error: hurried.set())
    conversation = Conversation()
    tokens = Tokens(asked.make_context, asked.reference, asked.url, asked.clock)
    server = Server(Requests(tokens), conversation, output.write, asked.say)
    bridge = Bridge(server, conversation, output.write, asked.say)
    with _signals(loop, hurried.set):
        Input(asked.stdin, loop, bridge.take, ended.set)
        try:
            await _first_of(bridge.crash, ended.wait(), hurried.wait())
            if not hurried.is_set():
                await _first_of(bridge.crash, bridge.end(GRACE), hurried.wait())
            failure = bridge.failure
        finally:
            await bridge.end(0)
            await server.close()
            await output.close(LAST_WORDS)
    return failure.exit_code if failure is not None else 0


async def _first_of(crash: asyncio.Future[None], *awaited: Coroutine[None, None, object]) -> None:
    """Wait until one of several has ended; raises its exception, or that of a crash."""
    tasks = [asyncio.create_task(each) for each in awaited]
    try:
        await first_of(crash, *tasks)
        for task in tasks:
            if task.done():
                task.result()
        if crash.done():
            crash.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, heard: Callable[[], None]) -> Iterator[None]:
    """Call a function at SIGTERM and SIGINT; not outside the main thread, which alone gets them."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
        for number in numbers:
            loop.add_signal_handler(number, heard)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
            for number in numbers:
                loop.remove_signal_handler(number)
