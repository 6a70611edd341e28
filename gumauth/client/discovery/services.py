"""The files of discovered services, `services/<name>.json` in the data folder. No secret is in them."""

from __future__ import annotations

import os

from gumauth.accounts.account import is_name
from gumauth.errors import GumauthError, HomeError, StoreError
from gumauth.oauth2.discovery.service import Service, encode, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.client.context import Context


def read(context: Context, name: str) -> Service | None:
    """The service of a name; None where none is remembered, or its file is damaged.

    Raises:
        HomeError: The file cannot be read.
        NewerRecord: A newer gumauth wrote it.
    """
    content = context.accounts.read_note(_note_name(name))
    return None if content is None else parse(content)


def write(context: Context, service: Service) -> None:
    """Remember a service.

    Raises:
        HomeError: The file cannot be written.
    """
    context.accounts.write_note(_note_name(service.name), encode(service))


def forget(context: Context, name: str) -> None:
    """Forget a service; nothing happens where none is remembered, or its file cannot be removed."""
    try:
        context.accounts.write_note(_note_name(name), None)
    except (HomeError, StoreError):
        pass  # it is harmless: a connect writes it anew


def named_by(context: Context, url: str) -> Service | None:
    """The service that is remembered for an address; None where there is none."""
    folder = os.path.join(context.home.data, "services")
    try:
        names = sorted(file[:-5] for file in os.listdir(folder) if file.endswith(".json") and is_name(file[:-5]))
    except OSError:
        return None
    for name in names:
        try:
            service = read(context, name)
        except GumauthError:
            continue  # another service's, perhaps; who needs this one hears of it
        if service is not None and service.url == url:
            return service
    return None


def _note_name(name: str) -> str:
    if not is_name(name):
        msg = f"not a provider's name: {name!r}"
        raise ValueError(msg)
    return f"services/{name}.json"
