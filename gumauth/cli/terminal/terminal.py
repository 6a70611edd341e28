"""The person's side of a run: standard streams, whether somebody is there, and all that is written to them.

Results go to standard output, everything else to standard error. Colour is for terminals.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TextIO

    from gumauth.client.context import Context
    from gumauth.errors import GumauthError

STYLES = {"bold": "1", "dim": "2", "red": "1;31", "green": "32", "yellow": "33", "cyan": "36"}
CHECK = "✓"
LIMIT = 2000
"""Characters of one message at most."""


class Closed(io.StringIO):
    """In place of a standard output that was closed: whoever runs `gumauth token` must not take nothing for a token."""

    def write(self, _text: str) -> int:
        """Refuse."""
        raise OSError(errno.EBADF, "it is closed")


class Terminal:
    """Where a command prints and asks.

    Args:
        environ: The environment variables.
        stdin: Read only by prompts.
        stdout: Takes results.
        stderr: Takes everything else.
        clock: Gives the time, in seconds since 1970 in UTC.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.environ, self.clock = environ, clock
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.json = False

    @classmethod
    def of_this_process(cls) -> Terminal:
        """The terminal of the process; a closed stream is like an empty one, but no result can be written to it."""
        stdin, stdout, stderr = _streams()
        return cls(os.environ, stdin or open(os.devnull), stdout or Closed(), stderr or open(os.devnull, "w"))

    @property
    def attended(self) -> bool:
        """Whether a person is there to read a question and answer it."""
        return self.stdin.isatty() and self.stderr.isatty()

    def context(self, env_file: str | None = None) -> Context:
        """The context of a command: this environment, this person.

        Args:
            env_file: A file of NAME=VALUE lines; the environment's own variables win.

        Raises:
            GumauthError: The file cannot be read or understood.
        """
        from gumauth.client.context import Context

        environ = self.environ
        if env_file is not None:
            from gumauth.cli.env_file import merged, read

            environ = merged(read(env_file), environ)
        return Context(environ, clock=self.clock, notify=self.say, ask=self.ask if self.attended else None)

    def colours(self, stream: TextIO) -> bool:
        """Whether this stream takes colour. Source: https://no-color.org."""
        return stream.isatty() and not self.environ.get("NO_COLOR") and self.environ.get("TERM") != "dumb"

    def paint(self, style: str, text: str, stream: TextIO | None = None) -> str:
        """A text in a style, where the stream (standard error, unless said) takes colour."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colours(stream or self.stderr) else text

    def width(self, stream: TextIO) -> int | None:
        """How many characters fit on a line; None where it is no terminal."""
        if not stream.isatty():
            return None
        try:
            return os.get_terminal_size(stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def out(self, text: str) -> None:
        """Write a result on a line of its own."""
        write(self.stdout, f"{text}\n")

    def answer(self, **members: Any) -> None:
        """Write the one object of `--json`; what is not ASCII is escaped, so that a terminal obeys none of it."""
        from gumauth.platform.json import dumps

        self.out(dumps({"schema_version": 1, **members}))

    def say(self, sentence: str) -> None:
        """Write one sentence for the person; foreign text in it has become harmless."""
        self.line(harmless(sentence))

    def line(self, text: str = "", *, indent: str = "", style: str | None = None) -> None:
        """Write our own text, folded where the terminal is narrow; addresses and commands stay whole."""
        folded = self.folded(text, indent=indent)
        write(self.stderr, f"{self.paint(style, folded) if style else folded}\n")
        self.stderr.flush()

    def folded(self, text: str, *, indent: str = "", taken: int = 0, stream: TextIO | None = None) -> str:
        """A text in lines that fit the window; a stream that is no terminal gets one line.

        Args:
            text: Ours, or made harmless.
            indent: Of the lines behind the first.
            taken: Characters that stand before it on the first line.
            stream: Standard error, unless said.
        """
        width = self.width(stream or self.stderr)
        if width is None or len(text) + taken < width:
            return text
        from gumauth.cli.terminal.formatting import fold

        # Blanks would go where the first word does not fit behind what is taken.
        folded = fold(f"{'x' * (taken - 1)} {text}", width, indent) if taken else fold(text, width, indent)
        return folded[taken:] if not taken or folded[taken - 1] == " " else folded[taken - 1 :]

    def done(self, sentence: str) -> None:
        """Write the sentence that is a command's result."""
        text = harmless(sentence)
        if self.stdout.isatty():
            folded = self.folded(text, indent="  ", taken=2, stream=self.stdout)
            text = f"{self.paint('green', CHECK, self.stdout)} {folded}"
        self.out(text)

    def fail(self, error: GumauthError) -> None:
        """Write an error: what happened and what to do, or its one JSON object."""
        message = harmless(error.message)
        hint = harmless(error.hint) if error.hint else None
        if self.json:
            from gumauth.platform.json import dumps

            body = {"error": {"code": error.code, "message": message, "hint": hint}}
            write(self.stderr, f"{dumps(body)}\n")
            return
        self._labelled("error:", "red", message)
        if hint:
            self._labelled("hint:", "cyan", hint)

    def _labelled(self, label: str, style: str, text: str) -> None:
        folded = self.folded(f"{label:<6} {text}", indent=" " * 7)
        write(self.stderr, f"{self.paint(style, label)}{folded[len(label) :]}\n")

    def ask(self, words: str) -> str:
        """What the person types, unseen.

        Raises:
            UsageError: The input ended.
        """
        from gumauth.cli.terminal.hidden_input import read_hidden

        return read_hidden(self.stderr, words)


def harmless(text: str) -> str:
    """A message as a terminal may have it; most are that already, and cost nothing to clean."""
    if text.isprintable() and len(text) <= LIMIT:
        return text
    from gumauth.platform.text import one_line

    return one_line(text, LIMIT)


def write(stream: TextIO, text: str) -> None:
    """Write, with `?` for what the stream's encoding does not know."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))


def _streams() -> tuple[TextIO | None, TextIO | None, TextIO | None]:
    return sys.stdin, sys.stdout, sys.stderr
