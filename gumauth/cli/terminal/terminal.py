"""The terminal of a run: the three streams, whether a person can be asked, and everything that is written.

Results are written to standard output, everything else to standard error. Only terminals get colour. Promise S4.
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

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
CHECK = "✓"
LIMIT = 2000
"""Characters of one message at most."""


class Closed(io.StringIO):
    """Stands for a closed standard output: writing fails, so that no program takes an empty output for a token."""

    def write(self, _text: str) -> int:
        """Raise OSError."""
        raise OSError(errno.EBADF, "it is closed")


class Terminal:
    """Where a command prints and asks.

    Args:
        environ: The environment variables.
        stdin: The input, which only prompts and `setup -` read.
        stdout: The output for results.
        stderr: The output for everything else.
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
        self.gave_up_root = False
        """Whether root started the process, which is by now that of the user whose accounts it uses."""

    @classmethod
    def of_this_process(cls) -> Terminal:
        """The terminal of this process. A closed stream is replaced by an empty one, standard output by `Closed`."""
        stdin, stdout, stderr = _streams()
        return cls(os.environ, stdin or open(os.devnull), stdout or Closed(), stderr or open(os.devnull, "w"))

    @property
    def attended(self) -> bool:
        """Whether a person can read a question and answer it."""
        return self.stdin.isatty() and self.stderr.isatty()

    @property
    def can_ask(self) -> bool:
        """Whether a command may ask a question: a person can answer, and `--json` was not given."""
        return self.attended and not self.json

    def context(self, env_file: str | None = None, *, reads_settings: bool = True) -> Context:
        """The context of a command: the environment, the clock, and this terminal for notices and questions.

        Args:
            env_file: The value of `--env-file`; the environment's own variables win.
            reads_settings: Whether `settings.toml` is read.

        Raises:
            GumauthError: The file cannot be read or understood.
        """
        if env_file is None:
            return self.context_with(self.environ, reads_settings=reads_settings)
        from gumauth.cli.env_file import merged, read

        return self.context_with(merged(read(env_file), self.environ), reads_settings=reads_settings)

    def context_with(self, environ: Mapping[str, str], *, reads_settings: bool = True) -> Context:
        """The context of a command with these environment variables."""
        from gumauth.client.context import Context

        ask = self.ask if self.attended else None
        return Context(environ, clock=self.clock, notify=self.say, ask=ask, reads_settings=reads_settings)

    def colours(self, stream: TextIO) -> bool:
        """Whether a stream is a terminal that shows colours. Source: https://no-color.org."""
        shows = self.environ.get("TERM", "").lower() not in ("dumb", "unknown")
        return shows and stream.isatty() and not self.environ.get("NO_COLOR")

    def paint(self, style: str, text: str, stream: TextIO | None = None) -> str:
        """A text in a style, if the stream (standard error by default) shows colours."""
        return painted(style, text) if self.colours(stream or self.stderr) else text

    def width(self, stream: TextIO) -> int | None:
        """Characters to a line of a stream; None for a stream that is no terminal."""
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
        """Write the JSON object of `--json`, in ASCII, so that a terminal obeys no control character in it."""
        from gumauth.platform.json import dumps

        self.out(dumps({"schema_version": 1, **members}))

    def say(self, sentence: str) -> None:
        """Write one sentence on standard error, without control characters."""
        self.line(harmless(sentence))

    def line(self, text: str = "", *, indent: str = "", style: str | None = None) -> None:
        """Write a text without foreign parts on standard error, folded to the window."""
        folded = self.folded(text, indent=indent)
        write(self.stderr, f"{self.paint(style, folded) if style else folded}\n")
        self.stderr.flush()

    def folded(self, text: str, *, indent: str = "", taken: int = 0, stream: TextIO | None = None) -> str:
        """A text in lines that fit the window; one line for a stream that is no terminal.

        Args:
            text: The text, without control characters.
            indent: Stands before every line but the first.
            taken: The number of characters that stand before the text on the first line.
            stream: The stream; standard error by default.
        """
        width = self.width(stream or self.stderr)
        if width is None or len(text) + taken < width:
            return text
        from gumauth.cli.terminal.formatting import fold

        # A word of x stands for the taken characters: `fold` drops blanks at the end of a line.
        folded = fold(f"{'x' * (taken - 1)} {text}", width, indent) if taken else fold(text, width, indent)
        return folded[taken:] if not taken or folded[taken - 1] == " " else folded[taken - 1 :]

    def done(self, sentence: str) -> None:
        """Write the sentence that is a command's result, on standard output."""
        text = harmless(sentence)
        if self.stdout.isatty():
            folded = self.folded(text, indent="  ", taken=2, stream=self.stdout)
            text = f"{self.paint('green', CHECK, self.stdout)} {folded}"
        self.out(text)

    def fail(self, error: GumauthError) -> None:
        """Write an error on standard error: message and hint, or with `--json` one JSON object.

        With GUMAUTH_DEBUG its way stands before it, or that of the error behind it.
        """
        for line in _way(error) if self.environ.get("GUMAUTH_DEBUG") else ():
            self.line(line, indent=" " * 7)
        message = harmless(error.message)
        hint = harmless(error.hint) if error.hint else None
        if self.json:
            from gumauth.platform.json import dumps

            body = {"error": {"code": error.code, "message": message, "hint": hint}}
            write(self.stderr, f"{dumps(body)}\n")
            return
        self._labelled("error:", "bold red", message)
        if hint:
            self._labelled("hint:", "cyan", hint)

    def _labelled(self, label: str, style: str, text: str) -> None:
        folded = self.folded(f"{label:<6} {text}", indent=" " * 7)
        write(self.stderr, f"{self.paint(style, label)}{folded[len(label) :]}\n")

    def ask(self, question: str) -> str:
        """The line that the person types; the terminal does not show it.

        Raises:
            UsageError: The input ended.
        """
        from gumauth.cli.terminal.hidden_input import read_hidden

        return read_hidden(self.stderr, question)


def _way(error: BaseException | None) -> tuple[str, ...]:
    """The way of an error, or of the first error behind it that has one."""
    while error is not None:
        if way := getattr(error, "way", ()):
            return way  # type: ignore[no-any-return]
        error = error.__cause__
    return ()


def painted(style: str, text: str) -> str:
    """A text in a style: a word of STYLES, or several with a blank between."""
    return f"\x1b[{';'.join(STYLES[word] for word in style.split())}m{text}\x1b[0m"


def harmless(text: str) -> str:
    """A message as one printable line of at most LIMIT characters."""
    if text.isprintable() and len(text) <= LIMIT:
        return text
    from gumauth.platform.text import one_line

    return one_line(text, LIMIT)


def write(stream: TextIO, text: str) -> None:
    """Write a text, with `?` for letters that the stream's encoding lacks."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))


def _streams() -> tuple[TextIO | None, TextIO | None, TextIO | None]:
    return sys.stdin, sys.stdout, sys.stderr
