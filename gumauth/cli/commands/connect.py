"""`gumauth connect`: an account, from the provider's name to the tokens in the store."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shlex
import sys

from gumauth.accounts.account import CLIENT_CREDENTIALS
from gumauth.accounts.references import joined
from gumauth.cli.browser.choice import Choice, choose
from gumauth.cli.commands import connect_keys
from gumauth.cli.commands.connect_device import is_by_device
from gumauth.cli.commands.connect_discovered import asked_again, client_of, found_at, remembered, wishes
from gumauth.cli.commands.connect_prompts import TerminalPrompts
from gumauth.cli.json_objects import account_object
from gumauth.cli.own_place import placed
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.provider_argument import Wanted, choose_provider, find_provider, find_wanted, split_account
from gumauth.cli.setup_questions import ask_and_keep
from gumauth.cli.terminal.hidden_input import end_by_sigterm
from gumauth.cli.terminal.questions import agreed, unlock
from gumauth.cli.terminal.terminal import Terminal
from gumauth.cli.traced import trace_as_asked
from gumauth.client import aliases, credentials
from gumauth.client.binding import check_client
from gumauth.client.connect.authorization_code import AuthorizationCode
from gumauth.client.connect.client_credentials import ClientCredentials
from gumauth.client.connect.connect import Connected
from gumauth.client.connect.connect_request import TIMEOUT, ConnectRequest
from gumauth.client.connect.device import DeviceCode
from gumauth.client.connect.flow import Flow
from gumauth.client.connect.retries import connect_as_needed
from gumauth.client.connect.unkept_credentials import Origin
from gumauth.client.context import Context
from gumauth.client.loading import again
from gumauth.errors import GumauthError, MissingCredentials, NoBrowser, UsageError
from gumauth.oauth2.device import GRANT_TYPE
from gumauth.platform.files import working_folder
from gumauth.platform.text import one_line
from gumauth.registry.lookup import is_url
from gumauth.registry.resolved import ResolvedProvider

NOT_NEEDED = Choice(command=None, reason="nobody is asked")
GRANT_TYPES: dict[type[Flow], str] = {ClientCredentials: CLIENT_CREDENTIALS, DeviceCode: GRANT_TYPE}
"""What a client is registered for, where that is not the authorization code."""


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Connect an account and print which."""
    end_by_sigterm()
    context = terminal.context(arguments.maybe("env_file"))
    if connect_keys.connected(context, arguments, terminal):
        return
    trace_as_asked(context, arguments, terminal)
    wanted = _wanted(context, arguments, terminal)
    resolved = wanted.resolved
    aliases.check_alias(wanted.alias)
    if wanted.like:
        labels = joined([account.label for account in wanted.like])
        terminal.say(
            f"{resolved.name}/{wanted.alias} is a new name. Where {labels} is meant, press Ctrl-C and connect that."
        )
    by_client = _is_by_client(arguments, wanted)
    flow = _flow(arguments, resolved, by_client=by_client)
    client = client_of(context, arguments, terminal, resolved, GRANT_TYPES.get(flow))
    browser = NOT_NEEDED if by_client else _browser(arguments, terminal, context, resolved, flow)
    timeout = arguments.number("timeout")
    request = ConnectRequest(
        resolved=resolved,
        alias=wanted.alias,
        scopes=arguments.many("scope"),
        added_scopes=arguments.many("add_scope"),
        client=client,
        port=arguments.port("port"),
        timeout=TIMEOUT if timeout is None else timeout,
        replace=arguments.flag("replace"),
        origin=origin(terminal, resolved, arguments.maybe("env_file")),
        grant_type=CLIENT_CREDENTIALS if by_client else None,
    )
    prompts = TerminalPrompts(terminal, browser, resolved.name, asks=not by_client)
    with remembered(context, resolved):
        connected = connect_with(context, request, prompts, terminal, flow)
    print_connected(terminal, context, connected)
    if wanted.account is not None and wanted.account.id != connected.account.id:
        terminal.say(f"That was not {wanted.account.label}, which is as it was.")


def _wanted(context: Context, arguments: Arguments, terminal: Terminal) -> Wanted:
    """What is to be connected, once the person has entered a client id that the provider's code reads on import."""
    given = arguments.maybe("provider") or choose_provider(terminal, context)
    cwd = working_folder()
    given, alias = placed(context, arguments, terminal, given, arguments.maybe("as"))
    if is_url(given):
        return Wanted(resolved=found_at(context, given, wishes(arguments), terminal.say), account=None, alias=alias)
    asked = wishes(arguments)
    try:
        return asked_again(context, find_wanted(context, given, alias, cwd), asked, terminal.say)
    except MissingCredentials:
        if not terminal.can_ask or arguments.flag("client_credentials"):
            raise
        resolved = find_provider(context, split_account(given, cwd)[0], cwd, alias, for_setup=True)
        if not may_set_up(context, resolved, terminal):
            raise
    ask_and_keep(context, resolved, terminal, may_open=not arguments.flag("no_browser"))
    terminal.line()
    return find_wanted(context, given, alias, cwd)


def _is_by_client(arguments: Arguments, wanted: Wanted) -> bool:
    """Whether the client asks on its own behalf, as the command says or the account remembers.

    Raises:
        UsageError: The account that is named is a person's.
    """
    if wanted.account is None or wanted.account.is_of_client or not arguments.flag("client_credentials"):
        return arguments.flag("client_credentials") or (wanted.account is not None and wanted.account.is_of_client)
    raise UsageError(
        f"{wanted.account.label} is a person's account, and --client-credentials connects the client itself.",
        hint=f"Run `gumauth connect {wanted.resolved.argument} --client-credentials`; --as gives that account a name.",
    )


def _flow(arguments: Arguments, resolved: ResolvedProvider, *, by_client: bool) -> type[Flow]:
    """How the grant is obtained.

    Raises:
        UsageError: Two ways are asked for, or one that the service does not have.
    """
    if by_client and arguments.flag("device"):
        raise UsageError(
            "--device is for a person, and --client-credentials connects the client itself.", hint="Give one of them."
        )
    if by_client:
        return ClientCredentials
    return DeviceCode if is_by_device(arguments, resolved) else AuthorizationCode


def _browser(
    arguments: Arguments, terminal: Terminal, context: Context, resolved: ResolvedProvider, flow: type[Flow]
) -> Choice:
    """The browser to open, or no browser and the reason.

    Raises:
        NoBrowser: There is no browser, no terminal to show the address on, and `--no-browser` was not given.
        MissingCredentials: The same, and the client credentials are missing too.
    """
    if arguments.flag("no_browser"):
        return Choice(command=None, reason="--no-browser was given")
    browser = choose(terminal.environ, sys.platform)
    if browser.command is None and not terminal.stderr.isatty() and flow is AuthorizationCode:
        if not credentials.is_stored(context, resolved.name) and resolved.traits.discovered is None:
            check_client(context, resolved)
        has_devices = resolved.traits.device_url is not None
        raise NoBrowser(
            f"There is no browser to open ({browser.reason}), and no terminal to show the address on.",
            hint=f"Run `{one_line(arguments.line('--no-browser'), 1000)}`: it prints the address and waits."
            + (" With --device in its place it prints a code to enter on any device." if has_devices else ""),
        )
    return browser


def may_set_up(context: Context, resolved: ResolvedProvider, terminal: Terminal) -> bool:
    """Whether a provider has no client credentials, and the person can be asked for them."""
    return terminal.can_ask and credentials.find(context, resolved.name, issuer=resolved.client_place) is None


def connect_with(
    context: Context,
    request: ConnectRequest,
    prompts: TerminalPrompts,
    terminal: Terminal,
    flow: type[Flow] = AuthorizationCode,
) -> Connected:
    """Connect; where client credentials are missing or refused, ask for them and connect again, until the person stops.

    Args:
        context: Environment, store and accounts.
        request: What is to be connected.
        prompts: Shows the address and asks the person.
        terminal: Where client credentials are asked for.
        flow: How the grant is obtained.

    Raises:
        GumauthError: The account was not connected.
    """
    unlock(context)
    while True:
        try:
            return asyncio.run(connect_as_needed(context, request, prompts, flow))
        except MissingCredentials as error:
            if not prompts.asks or not may_set_up(context, request.resolved, terminal):
                if flow is AuthorizationCode and request.resolved.traits.device_public:
                    alias = f" --as {request.alias}" if request.alias else ""
                    error.add(hint=f"`gumauth connect {request.resolved.argument}{alias} --device` needs no secret.")
                raise
        except GumauthError as error:
            if not prompts.asks or not credentials.are_refused(error):
                raise
            if not _is_to_be_entered_anew(context, request.resolved, terminal):
                raise
        ask_and_keep(context, request.resolved, terminal, may_open=prompts.may_open)
        terminal.line()
        request = dataclasses.replace(request, resolved=again(context, request.resolved))


def _is_to_be_entered_anew(context: Context, resolved: ResolvedProvider, terminal: Terminal) -> bool:
    """Whether the provider refused client credentials of the store, and the person wants to enter them anew."""
    if not terminal.can_ask or credentials.is_given(context, resolved.name):
        return False
    shown = resolved.traits.title or resolved.name
    question = f"{one_line(shown)} refused the client id or secret that is kept. Enter them anew?"
    return credentials.is_stored(context, resolved.name) and agreed(terminal, question, usually=True)


def origin(terminal: Terminal, resolved: ResolvedProvider, env_file: str | None) -> Origin:
    """Where client credentials outside the store come from, and the command that keeps them in the store.

    Args:
        terminal: The environment.
        resolved: The provider.
        env_file: The value of `--env-file`.
    """
    if env_file is None or credentials.variables(resolved.name)[0] in terminal.environ:
        return Origin(where="the environment", command=f"gumauth setup {resolved.argument} --from-env")
    if not os.path.isfile(env_file):  # a pipe of the shell, which the next command cannot read
        return Origin(where="--env-file", command=f"gumauth setup {resolved.argument} --env-file FILE")
    file = one_line(env_file, 4096)
    return Origin(where=file, command=f"gumauth setup {resolved.argument} --env-file {shlex.quote(file)}")


def print_connected(terminal: Terminal, context: Context, connected: Connected) -> None:
    """Print the notices of a connect, which account is connected, and the command for a token."""
    for notice in connected.notices:
        terminal.say(notice)
    account = connected.account
    if terminal.json:
        terminal.answer(account=account_object(context, account))
        return
    who = f" as {account.nickname}" if account.nickname else ""
    name = "" if account.name in (account.nickname, account.id) else f" ({account.name})"
    terminal.done(f"Connected {account.provider}{who}{name}.")
    default = context.accounts.default(account.provider)
    argument = account.provider if default is not None and default.id == account.id else account.argument
    terminal.say(f"Run `gumauth token {argument}` for a token.")
