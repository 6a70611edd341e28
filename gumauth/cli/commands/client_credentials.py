"""Client credentials on the way of a connect: asked for where they are missing or refused; where they come from."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shlex

from gumauth.cli.commands.connect_prompts import AtTerminal
from gumauth.cli.setup_questions import ask_and_keep
from gumauth.cli.terminal.questions import agreed, unlock
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.connect.connect import Connected, connect
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.unkept_credentials import Origin
from gumauth.client.context import Context
from gumauth.client.loading import again
from gumauth.errors import GumauthError, MissingCredentials
from gumauth.platform.text import one_line
from gumauth.registry.resolved import ResolvedProvider


def may_set_up(context: Context, resolved: ResolvedProvider, terminal: Terminal) -> bool:
    """Whether a client id and secret are nowhere, and the person can be asked for them."""
    return terminal.attended and not terminal.json and credentials.find(context, resolved.name) is None


def connect_with(context: Context, request: ConnectRequest, person: AtTerminal, terminal: Terminal) -> Connected:
    """Connect; where client credentials are missing or refused, ask for them as often as the person likes."""
    unlock(context)
    while True:
        try:
            return asyncio.run(connect(context, request, person))
        except MissingCredentials:
            if not may_set_up(context, request.resolved, terminal):
                raise
        except GumauthError as error:
            if not credentials.are_refused(error) or not _is_to_be_entered_anew(context, request.resolved, terminal):
                raise
        ask_and_keep(context, request.resolved, terminal, may_open=person.may_open)
        terminal.line()
        request = dataclasses.replace(request, resolved=again(context, request.resolved))


def _is_to_be_entered_anew(context: Context, resolved: ResolvedProvider, terminal: Terminal) -> bool:
    """Whether the person wants to enter the credentials that were kept, and refused, once more."""
    if not terminal.attended or terminal.json or credentials.is_given(context, resolved.name):
        return False
    shown = resolved.traits.title or resolved.name
    question = f"{one_line(shown)} refused the client id or secret that is kept. Enter them anew?"
    return credentials.is_stored(context, resolved.name) and agreed(terminal, question, usually=True)


def origin(terminal: Terminal, resolved: ResolvedProvider, env_file: str | None) -> Origin:
    """Where client credentials come from that are not in the store, and what keeps them there."""
    if env_file is None or credentials.variables(resolved.name)[0] in terminal.environ:
        return Origin(where="the environment", command=f"gumauth setup {resolved.argument} --from-env")
    if not os.path.isfile(env_file):  # a pipe of the shell's, which is gone by the next command
        return Origin(where="--env-file", command=f"gumauth setup {resolved.argument} --env-file FILE")
    file = one_line(env_file, 4096)
    return Origin(where=file, command=f"gumauth setup {resolved.argument} --env-file {shlex.quote(file)}")
