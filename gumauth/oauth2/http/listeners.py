"""Who hears of the requests that the HTTP clients of this process send, and of what comes of them.

A listener hears the clients of the code in its block, and of the tasks and worker threads that this code starts
(`contextvars`): those of provider files (httpx, requests) and gumauth's own. Without a listener the clients behave as
before: other threads, and a program that gumauth is part of, notice nothing.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any


class Listener:
    """Hears of requests; a subclass overrides what it wants to hear. Requests and responses hold secrets."""

    is_over = False
    """Whether its block has ended; what tasks do that were left behind is not heard."""

    def sending(self, request: Any) -> None:
        """A request is about to be sent, also one that follows a redirect or is sent again."""

    def writing(self, request: Any) -> None:
        """The connection is there, and the request's first byte is written next; httpx alone says it."""

    def answered(self, request: Any, response: Any) -> None:
        """The status and the headers have come; of the body, mostly nothing yet."""

    def failed(self, request: Any, error: BaseException) -> None:
        """No answer came."""

    def read(self, response: Any, body: bytes) -> None:
        """A body, decoded, has been read by gumauth's own client; others leave theirs in the response."""

    def returned(self, response: Any) -> None:
        """A client gives its caller a response, after all redirects; None in place of one that is still to be read."""


CLIENTS = (("httpx", "AsyncClient", "send"), ("httpx", "Client", "send"), ("requests", "Session", "send"))
"""Methods that give the last response: module, class, and name."""

CONNECTIONS = (
    ("httpx", "AsyncHTTPTransport", "handle_async_request"),
    ("httpx", "HTTPTransport", "handle_request"),
    ("requests.adapters", "HTTPAdapter", "send"),
)
"""Methods that send one request and give its response."""

_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("gumauth_listeners", default=())


@contextlib.contextmanager
def heard_by(*listeners: Listener) -> Iterator[None]:
    """Let these hear the requests of this block, and of the tasks and worker threads that it starts; no others do."""
    let_clients_tell()
    token = _listeners.set(listeners)
    try:
        yield
    finally:
        for listener in listeners:
            listener.is_over = True
        with contextlib.suppress(ValueError):  # a coroutine that is thrown away ends in another context
            _listeners.reset(token)


def let_clients_tell() -> None:
    """Make the clients of the libraries that are imported by now tell the listeners."""
    _wrap(CLIENTS, _returning)
    _wrap(CONNECTIONS, _exchanging)


def listening() -> list[Listener]:
    """The listeners of the running code."""
    return [listener for listener in _listeners.get() if not listener.is_over]


def writing(request: Any) -> None:
    """Tell the listeners that gumauth's own client has a connection for a request."""
    for listener in listening():
        listener.writing(request)


def returned(response: Any) -> None:
    """Tell the listeners that gumauth's own client has a response; None for one whose body is still to be read."""
    for listener in listening():
        listener.returned(response)


def read(response: Any, body: bytes) -> None:
    """Tell the listeners of a body that gumauth's own client has read."""
    for listener in listening():
        listener.read(response, body)


def _wrap(methods: tuple[tuple[str, str, str], ...], wrapping: Callable[..., Callable[..., Any]]) -> None:
    for module, name, method in methods:
        of = getattr(sys.modules.get(module), name, None)
        send = getattr(of, method, None)
        if send is not None and not hasattr(send, "tells_gumauth"):
            told = functools.wraps(send)(wrapping(send, is_async=inspect.iscoroutinefunction(send)))
            told.tells_gumauth = True  # type: ignore[attr-defined]
            setattr(of, method, told)


def _returning(send: Callable[..., Any], *, is_async: bool) -> Callable[..., Any]:
    """`send` of a client, which tells of the response that it returns; a coroutine function where `send` is one."""

    def told(response: Any, *, is_stream: bool) -> Any:
        for listener in listening():
            listener.returned(None if is_stream else response)
        return response

    def returning(*args: Any, **options: Any) -> Any:
        return told(send(*args, **options), is_stream=bool(options.get("stream")))

    async def returning_async(*args: Any, **options: Any) -> Any:
        return told(await send(*args, **options), is_stream=bool(options.get("stream")))

    return returning_async if is_async else returning


def _exchanging(send: Callable[..., Any], *, is_async: bool) -> Callable[..., Any]:
    """`send` of a connection, which tells of the request, and of the answer or why there is none."""

    def exchanging(of: Any, request: Any, *args: Any, **options: Any) -> Any:
        _trace(request, is_async=False)
        with told(request) as answered:
            return answered(send(of, request, *args, **options))

    async def exchanging_async(of: Any, request: Any, *args: Any, **options: Any) -> Any:
        _trace(request, is_async=True)
        with told(request) as answered:
            return answered(await send(of, request, *args, **options))

    return exchanging_async if is_async else exchanging


def _trace(request: Any, *, is_async: bool) -> None:
    """Have httpx tell the listeners when the connection for a request is there.

    Source: httpcore documentation, "Request Extensions", "trace".
    """
    extensions = getattr(request, "extensions", None)
    if isinstance(extensions, dict):
        wrapping = _tracing_async if is_async else _tracing
        request.extensions = {**extensions, "trace": wrapping(request, listening(), extensions.get("trace"))}


def _tracing(request: Any, listeners: list[Listener], earlier: Any) -> Callable[..., Any]:
    def trace(event: str, info: Any) -> None:
        _tell_of(event, request, listeners)
        if earlier is not None:
            earlier(event, info)

    return trace


def _tracing_async(request: Any, listeners: list[Listener], earlier: Any) -> Callable[..., Any]:
    async def trace(event: str, info: Any) -> None:
        _tell_of(event, request, listeners)
        if earlier is not None:
            await earlier(event, info)

    return trace


def _tell_of(event: str, request: Any, listeners: list[Listener]) -> None:
    if event.endswith(".send_request_headers.started"):
        for listener in listeners:
            listener.writing(request)


@contextlib.contextmanager
def told(request: Any) -> Iterator[Callable[[Any], Any]]:
    """Tell the listeners of a request; the function that this gives tells them of its response, and returns it."""
    listeners = listening()

    def answered(response: Any) -> Any:
        for listener in listeners:
            listener.answered(request, response)
        return response

    for listener in listeners:
        listener.sending(request)
    try:
        yield answered
    except BaseException as error:
        for listener in listeners:
            listener.failed(request, error)
        raise
