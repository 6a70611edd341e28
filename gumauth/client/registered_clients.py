"""The clients that a server has registered for gumauth, kept for its issuer: in the store, all in one entry.

Older ones are kept too: a refresh token is good only for the client that it was issued to. Promises D7, M28, M41.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator

from gumauth.client.context import Context
from gumauth.errors import HomeError, NewerRecord, RecordCorrupt, StoreAway, StoreError
from gumauth.oauth2 import registered_client
from gumauth.oauth2.discovery.addresses import same_issuer
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.platform.frozen import fields_of, from_json, frozen, members, replace
from gumauth.platform.json import dumps
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.interface import Exclusive

VERSION = 1
"""The version of the entry and of the note."""

MOST = 20
"""Clients that are kept for an issuer, beside those that accounts are known to use."""

LARGEST = 48 << 10
"""Characters of the entry, of which a store takes 64 KiB."""

PATIENCE = 120.0
"""Seconds to wait for another process: a registration that is tried three times, and a slow keyring after it."""


@frozen
class Note:
    """The content of `issuers/<key>.json`, without secrets: the store is asked only where there is such a file.

    Args:
        store: The name of the store with the issuer's clients.
        issuer: The issuer, as its metadata spells it.
    """

    store: str
    issuer: str


class RegisteredClients:
    """The clients of one issuer. Reading takes no lock; what changes something takes it, unless `locked` holds it.

    Args:
        context: Folders and store.
        issuer: As its metadata spells it.
        patience: Seconds to wait for another process.
    """

    def __init__(self, context: Context, issuer: str, *, patience: float = PATIENCE) -> None:
        self._context, self._issuer = context, issuer
        name = _name(issuer)
        self._key = f"issuer/{name}"
        self._note_name = _note_name(issuer)
        self._lock = context.accounts.exclusive(self._key, patience=patience, what=f"the clients of {one_line(issuer)}")
        self._is_locked = False
        self._has_moved = False

    @contextlib.contextmanager
    def locked(self) -> Iterator[Exclusive]:
        """The lock of the issuer, across processes; within the block of the same object it is held already.

        Raises:
            Busy: Another process has held the lock for too long.
            HomeError: The lock file cannot be made.
            StoreError: A store that machines share cannot be asked.
        """
        if self._is_locked:
            yield self._lock
            return
        with self._lock:
            self._is_locked = True
            try:
                yield self._lock
            finally:
                self._is_locked = False

    def all(self) -> tuple[RegisteredClient, ...]:
        """The clients, the newest first.

        Raises:
            StoreError: The clients are in the store, and cannot be read.
            HomeError: The note about them cannot be read.
        """
        note = self._note()
        text = self._context.store(note.store).get(self._key) if note else None
        if text is None:
            return ()
        try:
            data = members(text, VERSION, f"The stored clients of {one_line(self._issuer)}")
            clients = [registered_client.parse(each) for each in data["clients"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordCorrupt(
                f"The stored clients of {one_line(self._issuer)} cannot be read.",
                hint="Connect its accounts again: a new client is registered then.",
            ) from error
        return tuple(sorted(clients, key=lambda client: client.registered_at, reverse=True))

    def readable(self) -> tuple[RegisteredClient, ...]:
        """The clients, as `all`; none where the entry is damaged, or its store is gone and another one selected.

        A new client, which is kept in the selected store then, takes the place of those.

        Raises:
            NewerRecord: A newer gumauth wrote the entry.
            StoreError: The selected store cannot be used.
        """
        try:
            return self.all()
        except NewerRecord:
            raise
        except RecordCorrupt:
            return ()
        except StoreError:
            note = self._note()
            if note is None or self._context.store().name == note.store:
                raise
            self._has_moved = True
            return ()

    def find(self, client_id: str) -> RegisteredClient | None:
        """The client with an id; None where it is not kept. Raises as `all`."""
        return next((client for client in self.all() if client.client_id == client_id), None)

    def newest(self, grant_type: str, redirect_uri: str | None, now: float) -> RegisteredClient | None:
        """The newest client with which a connect may begin; None where there is none. Raises as `all`.

        Args:
            grant_type: The grant that the connect begins with.
            redirect_uri: The one that it will send; None where it sends none.
            now: Seconds since 1970.
        """
        uris = () if redirect_uri is None else (redirect_uri,)
        return next(iter(usable(self.all(), grant_type, uris, now)), None)

    def add(self, client: RegisteredClient, keep: Collection[str] = ()) -> None:
        """Keep a client, in place of an older one with its id.

        Args:
            client: Newly registered.
            keep: Ids of clients that accounts use; no bound makes any of them go.

        Raises:
            StoreError: The store does not keep the client.
            HomeError: The note about it cannot be written.
        """
        with self.locked():
            others = [each for each in self.readable() if each.client_id != client.client_id]
            self._write(bounded([client, *others], {client.client_id, *keep}))

    def update(self, client: RegisteredClient) -> None:
        """Keep what has changed of a client; nothing happens where it is not kept. Raises as `add`."""
        with self.locked():
            before = self.all()
            after = [client if each.client_id == client.client_id else each for each in before]
            if tuple(after) != before:
                self._write(after)

    def worked(self, client_id: str, now: float) -> None:
        """Remember that tokens came with a client, which ends any doubt about it. Raises as `add`."""
        with self.locked():
            if client := self.find(client_id):
                self.update(replace(client, worked_at=now, doubtful_since=None))

    def doubt(self, client_id: str, now: float) -> None:
        """Remember that a connect with a client ended without an answer. Promise M25. Raises as `add`."""
        with self.locked():
            if client := self.find(client_id):
                self.update(replace(client, doubtful_since=now))

    def drop(self, client_id: str) -> None:
        """Forget a client here; nothing happens where it is not kept. Raises as `add`."""
        with self.locked():
            before = self.all()
            after = [each for each in before if each.client_id != client_id]
            if len(after) != len(before):
                self._write(after)

    def _note(self) -> Note | None:
        content = self._context.accounts.read_note(self._note_name)
        try:
            return from_json(Note, members(content, VERSION, self._note_name, HomeError)) if content else None
        except ValueError:
            return None

    def _write(self, clients: Collection[RegisteredClient]) -> None:
        note = self._note()
        store = self._context.store(note.store if note and not self._has_moved else None)
        if not clients:
            store.delete(self._key)
            self._context.accounts.write_note(self._note_name, None)
            return
        text = encoded(clients)
        store.set(self._key, text)
        if store.get(self._key) != text:
            raise StoreError(f"{store.name} did not give back what was stored.", command="gumauth doctor")
        note = Note(store=store.name, issuer=self._issuer)
        self._context.accounts.write_note(
            self._note_name, dumps({"version": VERSION, **fields_of(note)}).encode() + b"\n"
        )


def usable(
    clients: Collection[RegisteredClient], grant_type: str, redirect_uris: Collection[str], now: float
) -> list[RegisteredClient]:
    """The clients with which a connect may begin, in their order.

    Args:
        clients: All of them.
        grant_type: The grant that the connect begins with.
        redirect_uris: The client has one of these among its own; empty where none is sent.
        now: Seconds since 1970.
    """
    return [
        client
        for client in clients
        if client.is_usable(now)
        and grant_type in client.grant_types
        and (not redirect_uris or any(uri in client.redirect_uris for uri in redirect_uris))
    ]


def bounded(clients: Collection[RegisteredClient], keep: Collection[str]) -> list[RegisteredClient]:
    """The clients without those that are too many: first those that never worked, the oldest first. Promise M41.

    Args:
        clients: All of them.
        keep: The ids of those that stay in any case.
    """
    kept = list(clients)
    for client in sorted(clients, key=lambda each: (each.worked_at or 0.0, each.registered_at)):
        if len(kept) <= MOST and len(encoded(kept)) <= LARGEST:
            break
        if client.client_id not in keep:
            kept.remove(client)
    return kept


def encoded(clients: Collection[RegisteredClient]) -> str:
    """The store's entry. Secret."""
    return dumps({"version": VERSION, "clients": [fields_of(client) for client in clients]})


def is_noted(context: Context, issuer: str) -> bool:
    """Whether clients are kept for an issuer. The store is not read."""
    try:
        return context.accounts.read_note(_note_name(issuer)) is not None
    except HomeError:
        return True  # it cannot be read, which is told when it is needed
    except StoreAway:
        return False


def port_of_kept(context: Context, issuer: str) -> int | None:
    """The port of the redirect URIs that the issuer's newest client has; None where there is none. Promise M20.

    Raises:
        StoreError: The clients are in the store, and cannot be read.
    """
    from urllib.parse import urlsplit

    for client in RegisteredClients(context, issuer).readable():
        for uri in client.redirect_uris:
            with contextlib.suppress(ValueError):
                if port := urlsplit(uri).port:
                    return port
    return None


def _name(issuer: str) -> str:
    """The issuer's name in the store and among the files: an issuer is a URL of any length.

    Its metadata may gain or lose the slash behind a host without a path, and it is the same issuer. Promise M10.
    """
    from gumauth.platform.digest import sha256

    bare = issuer.removesuffix("/")
    issuer = bare if same_issuer(issuer, bare) else issuer
    return sha256(issuer.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _note_name(issuer: str) -> str:
    return f"issuers/{_name(issuer)}.json"
