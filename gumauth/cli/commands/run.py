"""`gumauth run`: becomes a command with tokens in its environment."""

from __future__ import annotations

from gumauth.client.token import printable
from gumauth.errors import GumauthError, UsageError
from gumauth.handout.run.become import become
from gumauth.handout.run.environment import without_tokens
from gumauth.handout.run.references import wanted, which
from gumauth.handout.run.tokens import kept_key, tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gumauth.accounts.account import Account
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context


def run(arguments: Arguments, terminal: Terminal) -> int:
    """Have every token, then become the command; gives its exit status on Windows, which cannot do that.

    Raises:
        UsageError: Root runs it for the user whose accounts these are. The command would not be root's, and root's
            process may not run that user's provider files.
        GumauthError: A token cannot be had, or the command cannot be run.
    """
    if terminal.gave_up_root:
        raise UsageError(
            "root runs this for another user, and the command would run as that user, not as root.",
            hint="As that user, run `gumauth run NAME=ACCOUNT -- sudo --preserve-env=NAME COMMAND`.",
        )
    environ, file = _variables(arguments.maybe("env_file"), terminal.environ)
    variables = without_tokens(terminal.environ, file)
    words = list(arguments.many("references"))
    if arguments.flag("gumstack"):
        named = [word for word in words if "=" not in word]
        words = [word for word in words if "=" in word]
        variables = _for_gumstack(terminal.context_with(environ), named, variables, arguments.maybe("env_file"))
    if references := wanted(words, variables):
        context, min_valid = terminal.context_with(environ), arguments.number("min_valid")
        had = tokens(context, references, min_valid=min_valid)
        values = {each.name: _value(each.name, *had[each.wanted]) for each in references}
        variables.update(values)
        kept = {
            each.name: (which(kept_key(had[each.wanted][0], each.account), id_token=each.id_token), values[each.name])
            for each in references
            if each.as_file
        }
        if kept:
            from gumauth.handout.run.start_keeper import fresh_files

            variables.update(fresh_files(context, kept, min_valid=min_valid))
    terminal.stderr.flush()
    return become(arguments.many("command"), variables)


def _for_gumstack(
    context: Context, named: Sequence[str], variables: Mapping[str, str], env_file: str | None
) -> dict[str, str]:
    """The variables for a Gumstack server, which asks for its credentials while it runs.

    Raises:
        UsageError: Two accounts of a provider are named, or it is not known which interpreter this is.
        GumauthError: An account that is named is not connected.
    """
    from gumauth.client.lookup import look_up
    from gumauth.gumstack.variables import for_server
    from gumauth.platform import interpreter

    if not interpreter.is_known():
        raise UsageError("--gumstack does not work here.", hint="Install gumauth by pipx or uv.")
    accounts = [look_up(context, word) for word in named]
    of: dict[str, str] = {}
    for account in accounts:
        if of.setdefault(account.provider, account.label) != account.label:
            raise UsageError(
                f"{of[account.provider]} and {account.label} are both named, and the server asks for one.",
                hint=f"Name one account of {account.provider}.",
            )
    return for_server(variables, [account.key for account in accounts], env_file)


def _value(name: str, account: Account, token: str) -> str:
    """The token, or the value of a key, for a variable. Secret.

    Raises:
        GumauthError: It may not stand in one; the message names the variable.
    """
    try:
        return printable(account, token)
    except GumauthError as error:
        error.name_account(name)
        raise


def _variables(path: str | None, environ: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The environment for gumauth, and what stands in the file behind `--env-file`, which is read once."""
    if path is None:
        return environ, {}
    from gumauth.cli.env_file import merged, read_every, settable

    file = read_every(path)
    return merged(settable(file), environ), file
