"""Listens at the redirect URI, until the one right answer has come and its page is shown. Promises C1, C4, C5, C8."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from typing import TYPE_CHECKING

from gumauth.callback import http_responses
from gumauth.callback.connection import Connection
from gumauth.callback.crowd import AT_ONCE, Crowd, Doing, most_at_once
from gumauth.callback.pasted_url import in_words_of_paste, read_paste
from gumauth.callback.presence import is_presence_check
from gumauth.callback.rejections import NOT_ENCRYPTED, UNREADABLE, Rejection, in_words
from gumauth.callback.sockets import BACKLOG, Redirect, bind
from gumauth.callback.validation import Answer, Expected, Unread, validate
from gumauth.errors import CallbackError
from gumauth.platform.threads import in_thread

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from gumauth.callback.certificate import Certificate
    from gumauth.callback.http_request import Request
    from gumauth.callback.pages import Page

PATIENCE = 5.0
"""Seconds that a connection has for its request."""

AFTERWARDS = 0.8
"""Seconds that browsers have to fetch the page after they were told where it is."""

ROUNDS = 4
"""Of the event loop, until a connection that was accepted just now is known, dropped and closed."""


class Listener:
    """Holds the redirect URI from bind to close; made with `bind`.

    The listener believes one answer, which carries this connect's state. Every other request is rejected and counted,
    and the wait goes on. Browsers with the right answer are kept waiting until `finish` says what became of it.
    """

    def __init__(self, redirect: Redirect, port: int, patience: float, certificate: Certificate | None = None) -> None:
        self.port = port
        self.redirect_uri = redirect.uri(port)
        self._certificate = certificate
        self.rejections: Counter[str] = Counter()
        self._redirect, self._patience = redirect, patience
        self._servers: list[asyncio.Server] = []
        self._expected: Expected | None = None
        self._note: Callable[[Rejection], None] = lambda _rejection: None
        self._answer: Answer | None = None
        self._settled = asyncio.Event()
        self._closed = False
        self._most = most_at_once()
        self._crowd: Crowd[Connection] = Crowd(self._most, asyncio.get_running_loop().time)
        self._page: Page | None = None
        # Not to be guessed: another's visit would count as the person's, and the page names the account.
        self._page_path = f"/done/{secrets.token_hex(8)}"
        self._owed = 0
        self._shown = asyncio.Event()

    @classmethod
    async def bind(cls, redirect: Redirect, *, port: int | None = None, patience: float = PATIENCE) -> Listener:
        """A listener that holds its port, and answers.

        Args:
            redirect: Where the provider sends the browser.
            port: In place of the redirect's own ports; 0 for any free one.
            patience: Seconds that a connection has for its request.

        Raises:
            PortInUse: Every port that may be used is another program's.
            CallbackError: The system does not let us listen there, or no certificate could be made.
        """
        sockets = bind(redirect, port)
        try:
            certificate = await _certificate() if redirect.tls else None
        except BaseException:
            for opened in sockets:
                opened.close()
            raise
        listener = cls(redirect, sockets[0].getsockname()[1], patience, certificate)
        await listener._serve(sockets)
        return listener

    @property
    def fingerprint(self) -> str | None:
        """The SHA-256 of the certificate that the browser is shown, 64 digits; None where the callback is http."""
        return None if self._certificate is None else self._certificate.fingerprint

    async def _serve(self, sockets: list[socket.socket]) -> None:
        loop = asyncio.get_running_loop()
        # Few at a time, so that those beyond the bound are closed before more are accepted; asyncio takes one number
        # for that and for the system's queue, which is made long again.
        at_once = min(AT_ONCE, max(1, self._most // AT_ONCE))
        for opened in sockets:
            server = await loop.create_server(self._connection, sock=opened, backlog=at_once)
            opened.listen(BACKLOG)
            self._servers.append(server)

    def _connection(self) -> Connection:
        if self._certificate is None:
            return Connection(self, self._patience)
        from gumauth.callback.tls_connection import TlsConnection

        return TlsConnection(self, self._patience, self._certificate.tls)

    def expect(self, expected: Expected, note: Callable[[Rejection], None] | None = None) -> None:
        """Say what the right answer carries; until then no request is believed.

        Args:
            expected: Of the right answer.
            note: Told of the first request that is rejected for each reason. Anybody may have sent it.
        """
        self._expected, self._note = expected, note or self._note

    async def wait(self) -> Answer:
        """The first believed answer, from a browser or a paste; a rejected request does not end the wait.

        Whoever calls this limits its time.

        Raises:
            CallbackError: The listener was closed meanwhile.
        """
        await self._settled.wait()
        if self._answer is None:
            raise CallbackError("The callback was closed before an answer came.")
        return self._answer

    def offer(self, pasted: str) -> str | None:
        """Take a pasted redirect URL, or its query, under the same checks as a request. Promise C12.

        Returns:
            None when it is the right answer; else why not, as it reads after a colon.
        """
        host = f"{self._redirect.host}:{self.port}"
        request = read_paste(pasted, host=host, path=self._redirect.path)
        result = request if isinstance(request, Rejection) else self._validate(request)
        if not isinstance(result, Answer):
            return in_words_of_paste(result if isinstance(result, Rejection) else UNREADABLE, self.redirect_uri)
        self._accept(result)
        return None

    def rejections_in_words(self) -> str:
        """How many requests were rejected and why, as one sentence; empty where there was none."""
        return in_words(self.rejections)

    async def finish(self, page: Page) -> None:
        """Show the page to every browser that brought the right answer; then close, within a second."""
        self._page = page
        for connection in self._crowd.who(Doing.WAITING):
            self._send_on(connection)
        if self._owed:
            try:
                async with asyncio.timeout(AFTERWARDS):
                    await self._shown.wait()
            except TimeoutError:
                pass  # it hung up, or does not follow: the outcome is the same
        await self.close()

    async def close(self) -> None:
        """Close everything at once. Browsers that still wait get a plain failure. Closing again does nothing."""
        self._closed = True
        self._stop_accepting()
        for connection in self._crowd.who(Doing.WAITING):
            connection.respond(http_responses.ended())
        for connection in self._crowd.who():
            connection.drop()
        self._settled.set()
        try:
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
        finally:
            for server in self._servers:
                server.close()
            self._servers.clear()

    def _stop_accepting(self) -> None:
        """Accept no more: asyncio forgets, and leaves open, what is under way when its server is closed."""
        loop = asyncio.get_running_loop()
        for opened in (each for server in self._servers for each in server.sockets):
            try:
                loop.remove_reader(opened)
            except NotImplementedError:  # pragma: no cover - Windows, which accepts without a reader
                return

    def opened(self, connection: Connection) -> None:
        """A connection is open; where there are many, older ones make room for it."""
        if self._closed:
            return connection.drop()  # it was accepted in the moment before
        for other in self._crowd.admit(connection):
            other.drop()
        return None

    def began(self, connection: Connection) -> None:
        """A connection has sent something."""
        self._crowd.note(connection, Doing.SENDING)

    def broken(self, connection: Connection, why: Rejection) -> None:
        """A connection's TLS has failed, as it does when a browser does not believe the certificate."""
        self._crowd.note(connection, Doing.LEAVING)
        self._count(why)

    def closed(self, connection: Connection) -> None:
        """A connection is closed."""
        self._crowd.forget(connection)

    def received(self, connection: Connection, request: Request | Rejection) -> None:
        """Validate a request and respond; only this connect's answer changes anything."""
        if isinstance(request, Rejection):
            return self._reject(connection, request)
        content = self._unvalidated_response(request)
        if content is not None:
            return self._respond(connection, content)
        if self._certificate is not None and not connection.encrypted:
            return self._reject(connection, NOT_ENCRYPTED)
        result = self._validate(request)
        if result is Unread.FORM:
            self.began(connection)
            return connection.read_form(request)
        if isinstance(result, Rejection):
            return self._reject(connection, result)
        self._accept(result)
        if self._page is not None:
            return self._send_on(connection)
        self._crowd.note(connection, Doing.WAITING)
        return connection.wait()

    def _reject(self, connection: Connection, rejection: Rejection) -> None:
        self._respond(connection, http_responses.rejection(rejection))
        self._count(rejection)

    def _count(self, rejection: Rejection) -> None:
        self.rejections[rejection.reason] += 1
        if self.rejections[rejection.reason] == 1:
            self._note(rejection)

    def _unvalidated_response(self, request: Request) -> bytes | None:
        """The response to another connect's presence check, or to a browser that fetches the page; else None."""
        if is_presence_check(request, self.port):
            return http_responses.another_connect()
        if self._page is None or (request.method, request.path) != ("GET", self._page_path):
            return None
        self._owed -= 1
        if self._owed <= 0:
            self._shown.set()
        return http_responses.page(self._page)

    def _respond(self, connection: Connection, content: bytes) -> None:
        self._crowd.note(connection, Doing.LEAVING)
        connection.respond(content)

    def _validate(self, request: Request) -> Answer | Rejection | Unread:
        return validate(request, self._expected, path=self._redirect.path, port=self.port)

    def _accept(self, answer: Answer) -> None:
        """Believe the first answer; a later copy changes nothing, and gets the same page."""
        if not self._settled.is_set():
            self._answer = answer
            self._settled.set()

    def _send_on(self, connection: Connection) -> None:
        self._owed += 1
        self._respond(connection, http_responses.see_other(self._page_path))


async def _certificate() -> Certificate:
    """A certificate, made on a thread: whoever connects meanwhile waits in the system's queue."""
    from gumauth.callback import certificate

    made: Certificate = await in_thread(certificate.make)
    return made
