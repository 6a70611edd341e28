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
