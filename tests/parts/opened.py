"""What somebody opens in a whole dump of a shared store who has one key file."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable

from gumauth.store.sealing import unseal
from tests.parts.shared_store import SharedStore

KINDS = ("access", "refresh")


def opened(store: SharedStore, key: bytes) -> list[str]:
    """The kinds of values that the key opens, by every way from it that there is, in order.

    Args:
        store: Its rows are read as a superuser.
        key: The content of a key file.
    """
    derived = [key, *(hmac.digest(key, f"gumauth {kind}".encode(), "sha256") for kind in KINDS)]
    keys = [(f"data key for {kind}", plain) for kind, plain in _each(_sealed_keys(store), derived)]
    known = [*derived, *(plain for _, plain in keys)]
    rest = _each([*_tokens(store), *_entries(store)], known)
    return sorted({*(name for name, _ in keys), *(name for name, _ in rest)})


def _each(values: Iterable[tuple[str, str, str]], keys: list[bytes]) -> list[tuple[str, bytes]]:
    """Name and content of each value that one of the keys opens."""
    tried = ((name, unseal(key, bytes.fromhex(value), about.encode())) for name, about, value in values for key in keys)
    return [(name, plain) for name, plain in tried if plain is not None]


def _sealed_keys(store: SharedStore) -> Iterable[tuple[str, str, str]]:
    for line in store.ask("select json_build_array(data_key, kind, encode(sealed, 'hex')) from gumauth.sealed_key"):
        data_key, kind, sealed = json.loads(line)
        yield kind, f"data key {data_key} {kind} {store.store_id}", sealed


def _tokens(store: SharedStore) -> Iterable[tuple[str, str, str]]:
    columns = "name, content ->> 'grant', generation, data_key, encode(access, 'hex'), encode(refresh, 'hex')"
    for line in store.ask(f"select json_build_array({columns}) from gumauth.account where access is not null"):
        name, grant, generation, data_key, *values = json.loads(line)
        beside = ("", hashlib.sha256(bytes.fromhex(values[0])).hexdigest())  # of the access token's, with the other
        for kind, value, bound in zip(KINDS, values, beside, strict=True):
            yield f"{kind} token", f"{kind} {store.store_id} {name} {grant} {generation} {data_key} {bound}", value


def _entries(store: SharedStore) -> Iterable[tuple[str, str, str]]:
    for line in store.ask("select json_build_array(name, data_key, encode(value, 'hex')) from gumauth.entry"):
        name, data_key, value = json.loads(line)
        yield "client secret", f"entry {store.store_id} {name} {data_key}", value
