"""`gumauth token`: prints an access token that is valid now."""

from __future__ import annotations

from gumauth.client.token import one_word, own_header, usable
from gumauth.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context

LONGEST_REQUEST = 65536
"""Bytes of standard input that a program may send: git's are some hundred."""


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Print the token of an account, or the value of a key."""
    if (program := arguments.maybe("for")) is not None:
        _for(program, arguments, terminal)
        return
    _check(arguments, terminal)
    context = terminal.context(arguments.maybe("env_file"))
    if arguments.flag("id_token"):
        _id_token(context, arguments, terminal)
        return
    account, record = usable(context, arguments.text("account"), min_valid=arguments.number("min_valid"))
    if account.is_key or arguments.maybe("field") is not None:
        from gumauth.cli.commands.token_of_key import show

        show(arguments, terminal, account, record)
        return
    value = one_word(record.access_token)
    if arguments.flag("header"):
        own = own_header(account)
        terminal.out(f"{own}: {value}" if own else f"Authorization: {one_word(record.scheme)} {value}")
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


def _check(arguments: Arguments, terminal: Terminal) -> None:
    """Stop at words that do not go together.

    Raises:
        UsageError: There are such.
    """
    if (word := arguments.maybe("word")) is not None:
        raise _unwanted(arguments.text("account"), word)
    if terminal.json and arguments.flag("header"):
        raise UsageError("--header and --json are two ways to print the same.", hint="Give one of them.")
    if arguments.maybe("field") is not None and arguments.flag("id_token"):
        raise UsageError("--field is of a key, and --id-token of a person's account.", hint="Give one of them.")


def _id_token(context: Context, arguments: Arguments, terminal: Terminal) -> None:
    """Print the id_token of an account. In a header it is a bearer token, for the services that take one as such."""
    from gumauth.client.id_token import id_token

    found = id_token(context, arguments.text("account"), min_valid=arguments.number("min_valid"))
    value = one_word(found.value)
    if arguments.flag("header"):
        terminal.out(f"Authorization: Bearer {value}")
    elif terminal.json:
        from gumauth.cli.terminal.formatting import iso

        terminal.answer(
            provider=found.account.provider,
            account=found.account.label,
            id_token=value,
            issuer=found.issuer,
            audience=list(found.audience),
            expires_at=iso(found.ends),
        )
    else:
        terminal.out(value)


def _for(program: str, arguments: Arguments, terminal: Terminal) -> None:
    """Print what a program asks for, in its words."""
    from gumauth.handout.programs import Asked, answer

    if terminal.json or arguments.flag("header"):
        raise UsageError("--for says by itself what is printed.", hint="Leave --json and --header away.")
    if arguments.maybe("field") is not None:
        raise UsageError("--field is of a key, and --for of an account with a token.", hint="Give one of them.")
    asked = Asked(
        context=terminal.context(arguments.maybe("env_file")),
        reference=arguments.text("account"),
        min_valid=arguments.number("min_valid"),
        id_token=arguments.flag("id_token"),
        word=arguments.maybe("word"),
        read=lambda: _request(terminal.stdin.buffer),
    )
    if text := answer(program, asked):
        terminal.out(text)


def _unwanted(account: str, word: str) -> UsageError:
    from gumauth.cli.parsing.mistakes import mistake

    return mistake(["token", account, word])


def _request(stdin: BinaryIO) -> bytes:
    """What a program sends: lines up to an empty one, or up to the end. Who sends need not close the stream.

    Raises:
        UsageError: It is longer than any program's question.
    """
    lines, length = [], 0
    while (line := stdin.readline(LONGEST_REQUEST)).strip(b"\r\n"):
        lines.append(line)
        length += len(line)
        if length >= LONGEST_REQUEST:
            raise UsageError(
                f"More than {LONGEST_REQUEST} bytes came on standard input.", hint="`gumauth help token` explains it."
            )
    return b"".join(lines)
