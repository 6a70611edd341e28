"""Client credentials: the id and secret of the person's own app at a provider.

They are read from the environment, with which a command has merged `--env-file`; without a client id there, from the
store, in which `gumauth setup` has kept them.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from gumauth.accounts.account import is_name
from gumauth.client.context import Context
from gumauth.errors import GumauthError, HomeError, MissingCredentials, RecordCorrupt, StoreError
from gumauth.platform.files import read_file, remove_file, write_file
from gumauth.platform.frozen import from_json, frozen, members
from gumauth.platform.json import dumps
from gumauth.provider import credential_variables
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeVar

    E = TypeVar("E", bound=GumauthError)


@frozen
class Credentials:
    """A client id with its client secret.

    Args:
        client_id: Public.
        client_secret: Secret; None for a public client.
        origin: Where the two were found, in words.
    """

    client_id: str
    client_secret: str | None = None
    origin: str = ""

    _secret = ("client_secret",)


@frozen
class Note:
    """The content of `clients/<provider>.json`, without secrets: the store is asked only where there is such a file.

    Args:
        store: The name of the store with the provider's credentials.
        file: The absolute path of the provider's file; None for a provider without a file.
    """

    store: str
    file: str | None = None


variables = credential_variables
"""The environment variables of a provider: `linear` → LINEAR_CLIENT_ID, LINEAR_CLIENT_SECRET."""

VERSION = 1
"""The version of the stored credentials and of the note."""

NO_ID = ("", "None")
"""Client ids that a provider file without a client id puts into its URL."""

UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
"""Invisible letters that web pages put beside a text, and that `str.strip` leaves."""


def without_blanks(value: str) -> str:
    """A pasted client id or secret without the blanks, line ends and invisible letters around it."""
    before = None
    while value != before:
        before, value = value, value.strip().strip(UNSEEN)
    return value


def given(context: Context, provider: str) -> dict[str, str]:
    """The provider's variables that the environment sets, with their values, without blanks around the values."""
    raw = {name: context.environ[name] for name in variables(provider) if name in context.environ}
    return {name: without_blanks(value) for name, value in raw.items()}


def blanks_taken_off(context: Context, provider: str) -> list[str]:
    """A sentence for each of the provider's variables whose value has blanks around it."""
    environ = context.environ
    mended = [name for name, value in given(context, provider).items() if value != environ[name]]
    return [f"Blanks around the value of {name} were taken off." for name in mended]


def is_given(context: Context, provider: str) -> bool:
    """Whether the environment sets the provider's client id."""
    return bool(given(context, provider).get(variables(provider)[0]))


def place(context: Context, provider: str) -> Literal["environment", "stored"] | None:
    """Where a provider's client credentials are; None where there are none. The store is not read."""
    if is_given(context, provider):
        return "environment"
    return "stored" if is_stored(context, provider) else None


def find(context: Context, provider: str, argument: Callable[[], str] | None = None) -> Credentials | None:
    """A provider's client credentials; None where there are none.

    Args:
        context: Environment and store.
        provider: The provider's name.
        argument: Gives what a command line calls the provider, for an error's hint.

    Raises:
        StoreError: The credentials are stored, and the store cannot be read.
    """
    id_variable, secret_variable = variables(provider)
    values = given(context, provider)
    if client_id := values.get(id_variable):
        return Credentials(
            client_id=client_id,
            client_secret=values.get(secret_variable) or None,
            origin=f"{id_variable} in the environment",
        )
    return stored(context, provider, argument)


def stored(context: Context, provider: str, argument: Callable[[], str] | None = None) -> Credentials | None:
    """The client credentials that `gumauth setup` has stored; None for none. The arguments are as for `find`.

    Raises:
        StoreError: The credentials are stored, and the store cannot be read.
    """
    note = _read_note(context, provider)
    text = context.store(note.store).get(_key(provider)) if note else None
    if note is None or text is None:
        return None
    try:
        kept = from_json(Credentials, members(text, VERSION, f"The stored client of {provider}"))
    except ValueError as error:
        raise RecordCorrupt(
            f"The stored client credentials of {provider} cannot be read.",
            command=f"gumauth setup {argument() if argument else provider}",
        ) from error
    return Credentials(
        client_id=without_blanks(kept.client_id),
        client_secret=without_blanks(kept.client_secret or "") or None,
        origin=f"stored in {note.store}",
    )


def save(context: Context, provider: str, client_id: str, client_secret: str | None, *, file: str | None = None) -> str:
    """Keep client credentials in the store; gives the store's name.

    Args:
        context: The store.
        provider: The provider's name.
        client_id: Public.
        client_secret: Secret; None for an app without one.
        file: The absolute path of the provider's file, whose code may read the credentials while it is imported.

    Raises:
        StoreError: The store does not keep the credentials.
    """
    store = context.store()
    text = dumps({"version": VERSION, "client_id": client_id, "client_secret": client_secret})
    store.set(_key(provider), text)
    if store.get(_key(provider)) != text:
        raise StoreError(f"{store.name} did not give back what was stored.", command="gumauth doctor")
    note = {"version": VERSION, "store": store.name, **({"file": file} if file else {})}
    write_file(_note_path(context, provider), dumps(note).encode() + b"\n")
    return store.name


def forget(context: Context, provider: str) -> bool:
    """Delete stored client credentials; gives whether there were any.

    Raises:
        StoreError: The store cannot be used, or still has the credentials.
    """
    if not is_noted(context, provider):
        return False
    note = _read_note(context, provider)
    store = context.store(note.store if note else None)
    store.delete(_key(provider))
    if store.get(_key(provider)) is not None:
        raise StoreError(f"{store.name} still has what was deleted.", command="gumauth doctor")
    remove_file(_note_path(context, provider))
    return True


def is_noted(context: Context, provider: str) -> bool:
    """Whether there is a note about stored credentials, also one that cannot be read."""
    return read_file(_note_path(context, provider)) is not None


def is_stored(context: Context, provider: str) -> bool:
    """Whether `gumauth setup` has stored a provider's credentials. The store is not read."""
    return _readable_note(context, provider) is not None


def kept_for(context: Context, file: str) -> list[str]:
    """The providers whose credentials `gumauth setup` has stored for the code of this file."""
    try:
        names = [name[:-5] for name in os.listdir(os.path.join(context.home.data, "clients")) if name.endswith(".json")]
    except OSError:
        return []
    notes = {name: _readable_note(context, name) for name in names if is_name(name)}
    return [name for name, note in notes.items() if note and note.file == file]


def file_of(context: Context, provider: str) -> str | None:
    """The provider file for whose code `gumauth setup` has stored the credentials; None without such a file."""
    note = _read_note(context, provider)
    return note.file if note else None


def missing(provider: str, argument: str | None = None) -> MissingCredentials:
    """The error for a provider whose client credentials are neither in the environment nor in the store.

    Args:
        provider: The provider's name.
        argument: What a command line calls the provider; None for its name.
    """
    return MissingCredentials.of_client(provider, variables(provider), argument or provider, was_read=True)


def are_refused(error: GumauthError) -> bool:
    """Whether an error says that the client id or secret is wrong."""
    if not error.error:
        return False
    from gumauth.oauth2.error_meaning import meaning

    return meaning(error.error) == "client"


def advised(error: E, resolved: ResolvedProvider, *, given: bool) -> E:
    """The error. If it says that the client id or secret is wrong, its hint is where the two can be mended.

    Args:
        error: Any error.
        resolved: The provider.
        given: Whether the credentials came from the environment.
    """
    if are_refused(error):
        id_variable, secret_variable = variables(resolved.name)
        error.hint = (
            f"Check {id_variable} and {secret_variable}, which the environment or --env-file sets."
            if given
            else f"Run `gumauth setup {resolved.argument}` to enter the client id and secret anew."
        )
    return error


def _key(provider: str) -> str:
    return f"client/{provider}"


def _note_path(context: Context, provider: str) -> str:
    """The file of a provider's `Note`."""
    if not is_name(provider):
        msg = f"not a provider's name: {provider!r}"
        raise ValueError(msg)
    return os.path.join(context.home.data, "clients", f"{provider}.json")


def _read_note(context: Context, provider: str) -> Note | None:
    path = _note_path(context, provider)
    content = read_file(path)
    try:
        return from_json(Note, members(content, VERSION, path, HomeError)) if content is not None else None
    except ValueError:
        return None


def _readable_note(context: Context, provider: str) -> Note | None:
    """The note; None also for a note that cannot be read, for which `find` raises the error."""
    try:
        return _read_note(context, provider)
    except HomeError:
        return None
