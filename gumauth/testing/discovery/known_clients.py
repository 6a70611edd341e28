"""Every client that the server knows: those that are registered, and those that a document describes."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING

from gumauth.testing.discovery.client_documents import ClientDocumentSettings, client_of_document

if TYPE_CHECKING:
    from gumauth.testing.clients import Client


class KnownClients(MutableMapping[str, "Client"]):
    """The clients by id; its length and its values are those of the registered ones.

    Args:
        settings: Read at every look-up.
    """

    def __init__(self, settings: ClientDocumentSettings) -> None:
        self._settings = settings
        self._registered: dict[str, Client] = {}

    def __getitem__(self, client_id: str) -> Client:
        """The client with this id; `OAuthError` says why the document at the id is refused."""
        if self._settings.client_documents_supported and ":" in client_id and client_id not in self._registered:
            return client_of_document(client_id, self._settings)
        return self._registered[client_id]

    def __setitem__(self, client_id: str, client: Client) -> None:
        self._registered[client_id] = client

    def __delitem__(self, client_id: str) -> None:
        del self._registered[client_id]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._registered))

    def __len__(self) -> int:
        return len(self._registered)
