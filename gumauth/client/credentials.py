"""Client credentials: the id and secret of the person's own app at a provider, or of a client that gumauth registered.

They are read from the environment, with which a command has merged `--env-file`; without a client id there, from the
store, in which `gumauth setup` has kept them; and for a discovered service, from the clients registered for its issuer.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from gumauth.accounts.account import is_name
from gumauth.client.context import Context
from gumauth.errors import GumauthError, HomeError, MissingCredentials, RecordCorrupt, StoreAway, StoreError, UsageError
from gumauth.oauth2.discovery.addresses import is_address, same_issuer
from gumauth.platform.frozen import from_json, frozen, members
from gumauth.platform.json import dumps
from gumauth.platform.text import one_line
from gumauth.provider import credential_variables
from gumauth.registry.resolved import ResolvedProvider
from gumauth.registry.variant import is_variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeVar

    from gumauth.errors import ClientSecret
    from gumauth.oauth2.facts import AuthMethod
    from gumauth.oauth2.registered_client import RegisteredClient

    E = TypeVar("E", bound=GumauthError)


@frozen
class Credentials:
    """A client id with its client secret.

    Args:
        client_id: Public.
        client_secret: Secret; None for a public client.
        origin: Where the two were found, in words.
        auth_method: The method of client authentication that the server registered; None for the provider's own.
        is_registered: Whether gumauth registered the client, and may register another in its place.
    """

    client_id: str
    client_secret: str | None = None
    origin: str = ""
    auth_method: AuthMethod | None = None
    is_registered: bool = False

    _secret = ("client_secret",)


@frozen
class Note:
    """The content of `clients/<provider>.json`, without secrets: the store is asked only where there is such a file.

    Args:
        store: The name of the store with the provider's credentials.
        file: The absolute path of the provider's file; None for a provider without a file.
        issuer: The issuer of a discovered service, or the words of a service's host; its credentials are used at no
            other. None for other providers.
    """

    store: str
    file: str | None = None
    issuer: str | None = None

    def is_for(self, issuer: str | None) -> bool:
        """Whether the credentials may be used at an issuer; None stands for a provider without one.

        Those of a host's words are for that host: a provider that has their name by now is another one.
        """
        if issuer is None:
            return self.issuer is None or is_address(self.issuer)
        return self.issuer is not None and same_issuer(issuer, self.issuer)


variables = credential_variables
"""The environment variables of a provider: `linear` → LINEAR_CLIENT_ID, LINEAR_CLIENT_SECRET."""

VERSION = 1
"""The version of the stored credentials, and of a note without an issuer."""

WITH_ISSUER = 2
"""The version of a note with an issuer, which an older gumauth would not heed."""

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


def check_variables(context: Context, provider: str, hint: str) -> None:
    """Stop where a new name has the variables of another provider: its client would be sent to both. Promise F12.

    Args:
        context: Where the accounts are.
        provider: The name.
        hint: How to give another one.

    Raises:
        UsageError: There is such a provider.
    """
    from gumauth.registry import lookup

    others = {one.name for one in lookup.names()} | {a.provider for a in context.accounts.all() if not a.is_key}
    for other in sorted(others - {provider}):
        if variables(other) == variables(provider):
            raise UsageError(
                f"{provider} would have the client of {other}: both are read from {variables(provider)[0]}.", hint=hint
            )


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


def place(
    context: Context, provider: str, *, issuer: str | None = None
) -> Literal["environment", "stored", "registered"] | None:
    """Where a provider's client credentials are; None where there are none. The store is not read.

    Args:
        context: Environment and folders.
        provider: The provider's name.
        issuer: Of a discovered service; None for other providers.
    """
    if is_given(context, provider):
        return "environment"
    if _readable_note(context, provider) is not None:
        return "stored"
    return "registered" if _is_registered(context, issuer) else None


def find(
    context: Context,
    provider: str,
    argument: Callable[[], str] | None = None,
    *,
    issuer: str | None = None,
    client_id: str | None = None,
) -> Credentials | None:
    """A provider's client credentials; None where there are none.

    Args:
        context: Environment and store.
        provider: The provider's name.
        argument: Gives what a command line calls the provider, for an error's hint.
        issuer: Of a discovered service; None for other providers. Stored credentials are used at their own issuer only,
            and the clients that are registered for it are looked at too. Promise M29.
        client_id: The client to which an account's tokens were issued. Its credentials are preferred, wherever they
            are; those of another client are found where it is nowhere. Promise M41.

    Raises:
        StoreError: The credentials are stored, and the store cannot be read.
        MissingCredentials: The stored credentials are another issuer's.
    """
    environment = _in_environment(context, provider)
    if client_id is not None and (environment is None or environment.client_id != client_id):
        kept = _with_id(context, provider, client_id, issuer)
        if kept is not None:
            return kept
    if environment is not None:
        return environment
    return stored(context, provider, argument, issuer=issuer) or _newest_registered(context, issuer)


def _in_environment(context: Context, provider: str) -> Credentials | None:
    id_variable, secret_variable = variables(provider)
    values = given(context, provider)
    if client_id := values.get(id_variable):
        return Credentials(
            client_id=client_id,
            client_secret=values.get(secret_variable) or None,
            origin=f"{id_variable} in the environment",
        )
    return None


def _with_id(context: Context, provider: str, client_id: str, issuer: str | None) -> Credentials | None:
    """The kept credentials of one client; None where they are nowhere."""
    note = _read_note(context, provider)
    if note is not None and note.is_for(issuer):
        prepared = stored(context, provider, issuer=issuer)
        if prepared is not None and prepared.client_id == client_id:
            return prepared
    if _is_registered(context, issuer):
        from gumauth.client.registered_clients import RegisteredClients

        client = RegisteredClients(context, issuer or "").find(client_id)
        if client is not None:
            return of_registered(client)
    return None if issuer is None else _of_document(client_id)


def _of_document(client_id: str) -> Credentials | None:
    """The credentials of the client that a client metadata document describes, whose address is its id."""
    from gumauth.oauth2.discovery.document import document_fault

    if document_fault(client_id) is not None:
        return None
    return Credentials(client_id=client_id, origin="its client metadata document", auth_method="none")


def _newest_registered(context: Context, issuer: str | None) -> Credentials | None:
    """The newest client that is registered for an issuer, the newest usable one where there is such."""
    if not _is_registered(context, issuer):
        return None
    from gumauth.client.registered_clients import RegisteredClients

    clients = RegisteredClients(context, issuer or "").all()
    usable = [client for client in clients if client.is_usable(context.clock())]
    return of_registered((usable or clients)[0]) if clients else None


def _is_registered(context: Context, issuer: str | None) -> bool:
    if issuer is None:
        return False
    from gumauth.client.registered_clients import is_noted

    return is_noted(context, issuer)


def of_registered(client: RegisteredClient) -> Credentials:
    """The credentials of a client that gumauth registered."""
    return Credentials(
        client_id=client.client_id,
        client_secret=client.client_secret,
        origin="registered by gumauth",
        auth_method=client.auth_method,
        is_registered=True,
    )


def stored(
    context: Context, provider: str, argument: Callable[[], str] | None = None, *, issuer: str | None = None
) -> Credentials | None:
    """The client credentials that `gumauth setup` has stored; None for none. The arguments are as for `find`.

    Raises:
        StoreError: The credentials are stored, and the store cannot be read.
        MissingCredentials: The credentials are another issuer's.
    """
    note = _read_note(context, provider)
    if note is not None and not note.is_for(issuer):
        raise _other_issuer(provider, note, issuer, argument() if argument else provider)
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


def _other_issuer(provider: str, note: Note, issuer: str | None, argument: str) -> MissingCredentials:
    """The error for stored credentials that may be another issuer's: they would tell this one a secret. Promise M29."""
    whose = one_line(note.issuer) if note.issuer else "an issuer that was not noted"
    now = f"is {one_line(issuer)} now" if issuer else "is another provider now"
    if issuer and is_address(issuer):
        now = f"now has the issuer {one_line(issuer)}"
    return MissingCredentials(
        f"The stored client of {provider} belongs to {whose}, and {provider} {now}.",
        hint="If you trust that issuer, run `gumauth setup {argument}` to enter the client that is registered there.",
        argument=argument,
    )


def save(
    context: Context,
    provider: str,
    client_id: str,
    client_secret: str | None,
    *,
    file: str | None = None,
    issuer: str | None = None,
) -> str:
    """Keep client credentials in the store; gives the store's name.

    Args:
        context: The store.
        provider: The provider's name.
        client_id: Public.
        client_secret: Secret; None for an app without one.
        file: The absolute path of the provider's file, whose code may read the credentials while it is imported.
        issuer: The issuer of a discovered service, at which alone the credentials may be used.

    Raises:
        StoreError: The store does not keep the credentials.
    """
    store = context.store()
    text = dumps({"version": VERSION, "client_id": client_id, "client_secret": client_secret})
    store.set(_key(provider), text)
    if store.get(_key(provider)) != text:
        raise StoreError(f"{store.name} did not give back what was stored.", command="gumauth doctor")
    note: dict[str, object] = {"version": VERSION, "store": store.name, **({"file": file} if file else {})}
    if issuer is not None:
        note |= {"version": WITH_ISSUER, "issuer": issuer}
    context.accounts.write_note(_note_name(provider), dumps(note).encode() + b"\n")
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
    context.accounts.write_note(_note_name(provider), None)
    return True


def is_noted(context: Context, provider: str) -> bool:
    """Whether there is a note about stored credentials, also one that cannot be read."""
    return context.accounts.read_note(_note_name(provider)) is not None


def is_stored(context: Context, provider: str, *, issuer: str | None = None) -> bool:
    """Whether `gumauth setup` has stored a provider's credentials, or a client is registered for its issuer.

    The store is not read.

    Args:
        context: Folders.
        provider: The provider's name.
        issuer: Of a discovered service; None for other providers.
    """
    return _readable_note(context, provider) is not None or _is_registered(context, issuer)


def kept_place(context: Context, provider: str) -> str | None:
    """The words of the host or tenant for which a name's credentials are kept, as `Variant.source`; None for others."""
    note = _readable_note(context, provider) if is_name(provider) else None
    return note.issuer if note is not None and note.issuer is not None and is_variant(note.issuer) else None


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


def missing(provider: str, argument: str | None = None, secret: ClientSecret = "needed") -> MissingCredentials:
    """The error for a provider whose client credentials are neither in the environment nor in the store.

    Args:
        provider: The provider's name.
        argument: What a command line calls the provider; None for its name.
        secret: Whether the provider's apps have a client secret.
    """
    return MissingCredentials.of_client(
        provider, variables(provider), argument or provider, secret=secret, was_read=True
    )


def are_refused(error: GumauthError) -> bool:
    """Whether an error says that the client id or secret is wrong."""
    if not error.error:
        return False
    from gumauth.oauth2.error_meaning import meaning

    return meaning(error.error) == "client"


def advised(error: E, resolved: ResolvedProvider, *, given: bool, registered: bool = False) -> E:
    """The error. If it says that the client id or secret is wrong, its hint is where the two can be mended.

    Args:
        error: Any error.
        resolved: The provider.
        given: Whether the credentials came from the environment.
        registered: Whether gumauth registered the client.
    """
    if registered and are_refused(error):
        error.hint = f"Run `gumauth connect {resolved.argument}` to register a new client and consent once more."
    elif are_refused(error):
        id_variable, secret_variable = variables(resolved.name)
        error.hint = (
            f"Check {id_variable} and {secret_variable}, which the environment or --env-file sets."
            if given
            else f"Run `gumauth setup {resolved.argument}` to enter the client id and secret anew."
        )
    return error


def _key(provider: str) -> str:
    return f"client/{provider}"


def _note_name(provider: str) -> str:
    """The name of a provider's `Note` among the files beside the accounts."""
    if not is_name(provider):
        msg = f"not a provider's name: {provider!r}"
        raise ValueError(msg)
    return f"clients/{provider}.json"


def note_of(context: Context, provider: str) -> Note | None:
    """The note about what `gumauth setup` has kept; None where it has kept nothing, or the note is damaged.

    Raises:
        HomeError: It cannot be read, or a newer gumauth wrote it.
    """
    return _read_note(context, provider)


def _read_note(context: Context, provider: str) -> Note | None:
    name = _note_name(provider)
    content = context.accounts.read_note(name)
    try:
        return from_json(Note, members(content, WITH_ISSUER, name, HomeError)) if content is not None else None
    except ValueError:
        return None


def _readable_note(context: Context, provider: str) -> Note | None:
    """The note; None also for a note that cannot be read, for which `find` raises the error."""
    try:
        return _read_note(context, provider)
    except (HomeError, StoreAway):
        return None
