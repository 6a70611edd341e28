"""A mail server on loopback: SMTP and IMAP over TLS, where an access token is the password.

It speaks as much of both as msmtp, mutt, mbsync and curl need to send a mail and to read the inbox.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

from gumauth.cli.check.authority import Authority
from tests.parts.sasl import MECHANISMS, reason, token_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

HOST = "localhost"
USER = "ada@example.com"

LETTER = (
    b"From: Grace <grace@example.com>\r\nTo: ada@example.com\r\nSubject: The engine\r\n"
    b"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\nIt weaves algebraic patterns.\r\n"
)


@dataclass(frozen=True)
class Login:
    """A try to log in.

    Args:
        protocol: `smtp` or `imap`.
        mechanism: As the client named it.
        accepted: Whether each byte was as it has to be, and the token good.
    """

    protocol: str
    mechanism: str
    accepted: bool


class MailSite:
    """The server; a context manager.

    Args:
        folder: Gets the certificate of the authority that signed for `localhost`, and the key.
        is_good: Whether a token is accepted now.
    """

    def __init__(self, folder: Path, is_good: Callable[[str], bool]) -> None:
        authority = Authority(folder)
        self.certificate = authority.certificate
        self.is_good = is_good
        self.logins: list[Login] = []
        self.sent: list[bytes] = []
        """The mails that were handed in."""
        self.inbox: list[bytes] = [LETTER]
        context = authority.context(HOST)
        self._servers = [Server(self, kind, context) for kind in (Smtp, Smtps, Imaps)]
        self.smtp_port, self.smtps_port, self.imaps_port = (server.server_address[1] for server in self._servers)
        """STARTTLS; TLS from the first byte; TLS from the first byte."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()

    def logged_in(self, protocol: str, mechanism: str, said: bytes, port: int) -> bool:
        """Judge a client's first message, and note it."""
        token = token_of(mechanism, said, user=USER, host=HOST, port=port)
        return token is not None and self.is_good(token)


class Server(ThreadingTCPServer):
    """One port."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, site: MailSite, handler: type[Conversation], context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.site, self.context = site, context
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or does not like the certificate, is no failure of the server."""


class Conversation(StreamRequestHandler):
    """A client's connection."""

    server: Server
    timeout = 20
    protocol = ""
    at_once = True
    is_secure = False

    def handle(self) -> None:
        if self.at_once:
            self.secure()
        self.greet()
        user = None
        while user != "gone" and (line := self.rfile.readline()):
            user = self.answer(line.rstrip(b"\r\n"))

    def secure(self) -> None:
        """Speak TLS from now on."""
        self.connection = self.request = self.server.context.wrap_socket(self.connection, server_side=True)
        self.is_secure = True
        StreamRequestHandler.setup(self)

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def say(self, *lines: str | bytes) -> None:
        for line in lines:
            self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def log_in(self, mechanism: str, first: bytes | None, ask: str) -> bool:
        """The exchange of SASL, from the client's first message to before the server's last word.

        Args:
            mechanism: As the client named it.
            first: The client's first message, if it came with the command.
            ask: What precedes a message of the server.
        """
        site = self.server.site
        if first is None:
            self.say(f"{ask} ")
            first = self.rfile.readline().rstrip(b"\r\n")
        accepted = site.logged_in(self.protocol, mechanism, first, self.server.server_address[1])
        site.logins.append(Login(self.protocol, mechanism, accepted))
        if not accepted:
            self.say(f"{ask} ".encode() + reason())
            self.rfile.readline()  # an empty message, "*", or as RFC 7628 §3.2.3 has it: each program does it otherwise
        return accepted

    def greet(self) -> None:
        raise NotImplementedError

    def answer(self, line: bytes) -> str | None:
        """Answer a command; "gone" ends the conversation."""
        raise NotImplementedError


class Smtp(Conversation):
    """Source: RFC 5321, RFC 3207, RFC 4954."""

    protocol = "smtp"
    at_once = False
    is_known = False

    def greet(self) -> None:
        self.say("220 localhost ESMTP")

    def answer(self, line: bytes) -> str | None:
        words = line.decode("ascii", "replace").split()
        verb = words[0].upper() if words else ""
        if verb == "QUIT":
            self.say("221 bye")
            return "gone"
        if verb == "EHLO":
            offers = "AUTH " + " ".join(MECHANISMS) if self.is_secure else "STARTTLS"
            self.say("250-localhost", f"250 {offers}")
        elif verb == "STARTTLS" and not self.is_secure:
            self.say("220 go ahead")
            self.secure()
        elif verb == "AUTH" and self.is_secure and words[1].upper() in MECHANISMS:
            first = words[2].encode() if words[2:] else None
            self.is_known = self.log_in(words[1].upper(), first, "334")
            self.say("235 welcome" if self.is_known else "535 5.7.8 the token is not good")
        else:
            self.hand_in(verb)
        return None

    def hand_in(self, verb: str) -> None:
        if not self.is_known:
            self.say("530 5.7.0 who are you?")
        elif verb == "DATA":
            self.say("354 go on")
            lines = iter(self.rfile.readline, b".\r\n")
            self.server.site.sent.append(b"".join(line.removeprefix(b".") for line in lines))
            self.say("250 kept")
        else:
            self.say("250 ok" if verb in ("MAIL", "RCPT", "RSET", "NOOP") else "502 what?")


class Smtps(Smtp):
    """Source: RFC 8314 §3.3."""

    at_once = True


class Imaps(Conversation):
    """Source: RFC 3501, RFC 4959, RFC 8314 §3.2."""

    protocol = "imap"
    offers = "CAPABILITY IMAP4rev1 SASL-IR " + " ".join(f"AUTH={each}" for each in MECHANISMS)
    is_known = False

    def greet(self) -> None:
        self.say(f"* OK [{self.offers}] ready")

    def answer(self, line: bytes) -> str | None:
        tag, _, rest = line.decode("utf-8", "replace").partition(" ")
        uid = rest.upper().startswith("UID ")
        verb, _, words = rest[4 * uid :].partition(" ")
        verb = verb.upper()
        if verb == "AUTHENTICATE":
            mechanism, _, first = words.partition(" ")
            self.is_known = self.log_in(mechanism.upper(), first.encode() or None, "+")
            self.say(f"{tag} OK welcome" if self.is_known else f"{tag} NO the token is not good")
            return None
        free = verb in ("CAPABILITY", "NOOP", "LOGOUT")
        if not (self.is_known or free):
            self.say(f"{tag} NO who are you?")
            return None
        for answered in self.answered(verb, words, uid=uid):
            self.say(answered)
        self.say(f"{tag} OK {verb} done")
        return "gone" if verb == "LOGOUT" else None

    def answered(self, verb: str, words: str, *, uid: bool) -> Iterator[str | bytes]:
        """The untagged answers to a command."""
        inbox = self.server.site.inbox
        if verb == "FETCH":
            wanted, _, items = words.partition(" ")
            for number in chosen(wanted, len(inbox)):
                asked = f"UID {items}" if uid else items
                yield b"* %d FETCH (%b)" % (number, b" ".join(fetched(asked, number, inbox[number - 1])))
        elif verb in ("LIST", "LSUB"):
            yield f'* {verb} (\\Noselect) "/" ""' if words.endswith('""') else f'* {verb} () "/" INBOX'
        elif verb == "CAPABILITY":
            yield f"* {self.offers}"
        else:
            yield from of_inbox(verb, len(inbox))


def of_inbox(verb: str, mails: int) -> Iterator[str]:
    """The untagged answers to a command that is about the whole inbox, and to LOGOUT."""
    if verb in ("SELECT", "EXAMINE"):
        yield "* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)"
        yield f"* {mails} EXISTS"
        yield "* 0 RECENT"
        yield "* OK [UIDVALIDITY 1]"
        yield f"* OK [UIDNEXT {mails + 1}]"
    elif verb == "STATUS":
        yield f"* STATUS INBOX (MESSAGES {mails} UIDNEXT {mails + 1} UIDVALIDITY 1 UNSEEN {mails})"
    elif verb == "SEARCH":
        yield "* SEARCH " + " ".join(str(number) for number in range(1, mails + 1))
    elif verb == "LOGOUT":
        yield "* BYE"


def chosen(wanted: str, last: int) -> list[int]:
    """The numbers of a sequence set that there are. A mail's UID is its number."""
    found: set[int] = set()
    for piece in wanted.split(","):
        ends = [last if end == "*" else int(end) for end in piece.split(":")]
        found.update(range(min(ends), min(max(ends), last) + 1))
    return sorted(found)


def fetched(items: str, number: int, letter: bytes) -> Iterator[bytes]:
    """What is asked of a mail, each in its form."""
    for name in re.findall(r"BODY(?:\.PEEK)?\[[^\]]*\]|[A-Z0-9.]+", items.upper()):
        if name.startswith("BODY"):
            section = name.partition("[")[2].removesuffix("]")
            head, _, text = letter.partition(b"\r\n\r\n")
            part = letter if not section else text if section == "TEXT" else head + b"\r\n\r\n"
            yield b"BODY[%b] {%d}\r\n%b" % (section.encode(), len(part), part)
            continue
        said = {
            "UID": b"%d" % number,
            "FLAGS": b"()",
            "INTERNALDATE": b'"02-Nov-2026 10:00:00 +0000"',
            "RFC822.SIZE": b"%d" % len(letter),
        }.get(name)
        if said is not None:
            yield b"%b %b" % (name.encode(), said)
