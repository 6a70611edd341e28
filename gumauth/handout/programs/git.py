"""git, which runs a credential helper with `get`, `store` or `erase` behind its command line.

What git wants to be stored changes nothing: the token is stored. Words that are not known are for newer helpers, and
are passed over. Promises H3 and H5. git's `quit`, after which it asks neither other helpers nor the person, is not
used: where there is no token another helper or the person may have one, and on failure nothing is printed.

Source: gitcredentials(7), "CUSTOM HELPERS"; git-credential(1), "INPUT/OUTPUT FORMAT".
"""

from __future__ import annotations

from gumauth.client.lookup import find
from gumauth.client.token import usable_of
from gumauth.errors import UsageError
from gumauth.handout.programs.git_credential import Described, is_for, lines, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.client.context import Context
    from gumauth.handout.programs.asked import Asked
    from gumauth.registry.variant import Variant


def answer(asked: Asked) -> str:
    """The user name and the token for `get`, where git asks for a host of the account's provider; else "".

    For `erase`, a token that is stored is made due: git says so that the server has refused it.

    Raises:
        UsageError: git added no word, or what it sent cannot be read.
        GumauthError: As `gumauth token`.
    """
    if asked.word is None:
        raise UsageError(
            "`--for git` needs the word that git adds: get, store or erase.",
            hint="It is for git's configuration: `gumauth link git ACCOUNT` shows where the command goes.",
        )
    if asked.id_token:
        raise UsageError("No git server takes an id_token.", hint="Leave --id-token away.")
    if asked.word == "get":
        return _get(asked, read(asked.read()))
    if asked.word == "erase":
        _erase(asked.context, asked.reference, read(asked.read()))
    return ""


def _get(asked: Asked, wanted: Described) -> str:
    chosen = _chosen(asked.context, asked.reference, wanted)
    if chosen is None:
        return ""
    account, username = chosen
    _, record = usable_of(asked.context, account, min_valid=asked.min_valid)
    return lines(username, record)


def _erase(context: Context, reference: str, refused: Described) -> None:
    chosen = _chosen(context, reference, refused) if refused.password else None
    if chosen is not None and chosen[0].state == "ok":
        from gumauth.client.refresh.refused import make_due

        make_due(context, chosen[0], refused.password)


def _chosen(context: Context, reference: str, described: Described) -> tuple[Account, str] | None:
    """The account whose token git gets, and the user name with it; None where git asks for another host or person.

    A user name in a repository's URL chooses among the accounts of a provider, where the command names the provider
    alone; a command that names one account is for that account only.

    Raises:
        NotConnected: The command names a provider that has no account, or none of that user name.
    """
    account = find(context, reference)
    hosts, usual = _facts(context, account)
    if not is_for(described, hosts):
        return None
    wanted = described.username
    if wanted in ("", usual):
        return account, usual
    if reference == account.provider:
        named: Account | None = find(context, f"{account.provider}/{wanted}")
    else:
        from gumauth.accounts.references import meant

        named = meant(account.provider, wanted, [account])
    return (named, wanted) if named is not None and named.source == account.source else None


def _facts(context: Context, account: Account) -> tuple[tuple[str, ...], str]:
    """`git_hosts` and `git_username` of an account's provider.

    Raises:
        UsageError: The account is a key.
        GumauthError: The provider's file cannot be loaded.
    """
    if account.is_key:
        from gumauth.client.key_values import unfit

        raise unfit(account, "--for prints the token of a grant")
    if account.source == "built-in":
        from gumauth.providers import GIT

        return GIT.get(account.provider, ((), ""))
    from gumauth.registry.variant import parse

    if (variant := parse(account.source)) is not None and (known := _at_place(variant)) is not None:
        return known
    if account.issuer is not None:
        return (), ""  # a service that was found by its address says nothing of git
    from gumauth.client.loading import of_account

    traits = of_account(context, account).traits
    return traits.git_hosts, traits.git_username


def _at_place(variant: Variant) -> tuple[tuple[str, ...], str] | None:
    """The same of a built-in service at a place of somebody's own; None where its class has to say it."""
    from gumauth.providers import GIT, GIT_AT_OWN_HOST

    if variant.host is None:
        return GIT.get(variant.service, ((), ""))
    username = GIT_AT_OWN_HOST.get(variant.service)
    return None if username is None else ((variant.host,), username)
