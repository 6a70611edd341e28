"""A shared store's key is changed, without a moment in which only one of two keys opens it and half the machines fail.

It begins with the old key: every data key is sealed under the new key too. From then on both open everything, also what
is connected meanwhile. It is finished with the new key, when every machine has it: a fresh data key is made that only
the new key opens, everything is sealed anew under it, value by value and only where it is as it was read, and then the
other data keys are forgotten. Whoever writes under one of those meanwhile is sealed anew in the next round, or is
refused and seals again. Killed at any point, it is run again. Promise T3.
"""

from __future__ import annotations

from gumauth.accounts.shared.entries import opened_entry, sealed_entry
from gumauth.accounts.shared.keys import DataKeys, new_keys
from gumauth.accounts.shared.sealed import resealed
from gumauth.errors import HomeError, PassphraseError, RecordCorrupt, StoreError
from gumauth.platform.settings import source
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gumauth.accounts.shared.administered import AdministeredEngine, Seal
    from gumauth.accounts.shared.keys import MachineKey

ROUNDS = 100
"""How often what was written meanwhile is sealed anew before it is given up."""


def begin(engine: AdministeredEngine, keys: DataKeys, old: MachineKey, new: MachineKey) -> None:
    """Seal every data key under a new key too. Run again, it makes that key the one that `finish` keeps.

    Raises:
        PassphraseError: The old key does not open every data key, or the two are one key.
        StoreError: The role may not.
    """
    if new.ids == old.ids:
        raise PassphraseError(
            "The file has the key that the database has already; nothing was changed.", hint="Name a new file."
        )
    # All of them, or none: else the new key would be the latest one, and could not be the one that is kept.
    engine.add_key([new.seal(kind, data_key, opened, keys.store) for data_key, kind, opened in keys.open_all()])


def finish(engine: AdministeredEngine, key: MachineKey, environ: Mapping[str, str]) -> int | None:
    """Have this key alone open everything.

    Returns:
        How many values were sealed anew; None where no other key opens anything.

    Raises:
        PassphraseError: It is not the key that was added last, or does not open every data key.
        StoreError: The role may not, or a value does not open: the other keys are kept then.
    """
    keys = DataKeys(key, engine.welcome(key.all_ids), environ, again=engine.welcome)
    seals = engine.seals()
    others = {seal.data_key for seal in seals if not key.is_id(seal.key_id)}
    if not others and len(keys.all) == 1:
        return None
    _check_latest(key, keys, seals, environ)
    made = new_keys(key, keys.store)  # in each run: one that is there may have been put there by somebody
    engine.add_key(made)
    return _reseal_all(engine, keys, made[0].data_key)


def _check_latest(key: MachineKey, keys: DataKeys, seals: Sequence[Seal], environ: Mapping[str, str]) -> None:
    """Stop where another key is to replace this one, or where this one does not open everything."""
    if not key.is_id(seals[-1].key_id):
        raise PassphraseError(
            f"The key of {source(environ, 'GUMAUTH_KEY_FILE')} is the one that is being replaced; nothing was changed.",
            hint="Set GUMAUTH_KEY_FILE to the new key file, here and on every machine, and run this again.",
        )
    keys.open_all()


def _reseal_all(engine: AdministeredEngine, keys: DataKeys, fresh: str) -> int:
    count = 0
    for _ in range(ROUNDS):
        damaged = []
        for name, is_account in engine.to_reseal(fresh):
            try:
                count += (_reseal if is_account else _reseal_entry)(engine, keys, name, fresh)
            except (RecordCorrupt, HomeError):
                damaged.append(name)
        if damaged:
            raise StoreError(
                f"{one_line(', '.join(damaged), 300)} in the database cannot be opened, and so not be sealed anew;"
                " the old key was kept.",
                hint="Disconnect or connect again, or `gumauth setup`, what these belong to, and run this again.",
            )
        if engine.drop_keys(fresh):
            return count
    raise StoreError("Other machines wrote all the time; the old key was kept.", hint="Run this again.")


def _reseal(engine: AdministeredEngine, keys: DataKeys, name: str, fresh: str) -> bool:
    """Whether an account was sealed anew; not, where it was written meanwhile."""
    row = engine.take(name, whole=True)
    return row is not None and engine.reseal(name, row, resealed(keys, row, fresh))


def _reseal_entry(engine: AdministeredEngine, keys: DataKeys, name: str, fresh: str) -> bool:
    found = engine.entry(name)
    if found is None:
        return False
    plain = opened_entry(keys, name, *found)
    if plain is None:
        raise RecordCorrupt(f"The value of {name} does not open.")
    return engine.reseal_entry(name, found[0], sealed_entry(keys, name, plain, fresh), fresh)
