"""`gumauth token`: prints an access token that is valid now."""

from __future__ import annotations

from gumauth.client.token import token
from gumauth.errors import GumauthError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Print the token of an account."""
    if (program := arguments.maybe("for")) is not None:
        _for(program, arguments, terminal)
        return
    if (word := arguments.maybe("word")) is not None:
        raise _unwanted(arguments.text("account"), word)
    if terminal.json and arguments.flag("header"):
        raise UsageError("--header and --json are two ways to print the same.", hint="Give one of them.")
    context = terminal.context(arguments.maybe("env_file"))
    account, record = token(context, arguments.text("account"), min_valid=arguments.number("min_valid"))
    value = one_word(record.access_token)
    if arguments.flag("header"):
        terminal.out(f"Authorization: {one_word(record.scheme)} {value}")
    elif terminal.json:
        from gumauth.cli.terminal.formatting import iso

        terminal.answer(
            provider=account.provider,
            account=account.label,
            access_token=value,
            token_type=record.token_type,
            expires_at=iso(record.expires_at),
            scopes=list(account.scopes),
            extras=record.extras,
        )
    else:
        terminal.out(value)


def _for(program: str, arguments: Arguments, terminal: Terminal) -> None:
    """Print what a program asks for, in its words."""
    from gumauth.handout.programs import Asked, answer

    if terminal.json or arguments.flag("header"):
        raise UsageError("--for says by itself what is printed.", hint="Leave --json and --header away.")
    asked = Asked(
        context=terminal.context(arguments.maybe("env_file")),
        reference=arguments.text("account"),
        min_valid=arguments.number("min_valid"),
        id_token=arguments.flag("id_token"),
        word=arguments.maybe("word"),
        read=lambda: terminal.stdin.buffer.read(LONGEST_REQUEST),
    )
    if text := answer(program, asked):
        terminal.out(text)


LONGEST_REQUEST = 65536
"""Bytes of standard input that a program may send: git's are some hundred."""


def _unwanted(account: str, word: str) -> UsageError:
    from gumauth.platform.text import one_line

    meant = f"{account}/{word}"
    return UsageError(
        f"{one_line(word)!r} is one word too many for `gumauth token`.",
        hint=f"Did you mean `gumauth token {one_line(meant)}`?",
    )


def one_word(value: str) -> str:
    """The token, which may stand in a header line or in a shell's command substitution. Promise S5.

    Raises:
        GumauthError: The token holds a line end, another control character, or a character that no header may hold.

    Source: RFC 6750 §2.1 (b64token), RFC 9110 §5.5.
    """
    if value.isascii() and value.isprintable():
        return value
    raise GumauthError(
        "The stored token has characters in it that no header may hold; it was not printed.",
        hint="Run `gumauth refresh` with the account's name, or connect it again.",
    )
