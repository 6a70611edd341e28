"""A key changed in the middle of work: `python -m tests.programs.rekey_storm [MACHINES] [ROUNDS]`.

Machines refresh accounts all the time, at a server that ends a grant whose refresh token is used twice. Meanwhile the
key is changed ROUNDS times: begun, each machine given the new key file, finished. No command may fail, no grant may
end, and at the end the older keys open nothing in the database.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from gumauth.testing import AuthorizationServer
from gumauth.testing.person import consent, deliver
from tests.cli.connecting import acme, piped
from tests.cli.program import Ended, process
from tests.parts.opened import opened
from tests.parts.postgresql import running
from tests.parts.shared_store import SharedStore

PEOPLE = ("ada", "bob", "eve")


class Machines:
    """Machines that refresh accounts all the time, each on a thread.

    Args:
        store: What they share.
        count: How many there are.
    """

    def __init__(self, store: SharedStore, count: int) -> None:
        self._store = store
        self.files = {f"m{number}": store.key_file for number in range(count)}
        """The key file that each uses from its next command on."""
        self.used, self.ended, self._over = dict(self.files), list[Ended](), threading.Event()
        people = [PEOPLE[number % len(PEOPLE)] for number in range(count)]
        self._threads = [
            threading.Thread(target=self._work, args=pair) for pair in zip(self.files, people, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, machine: str, person: str) -> None:
        while not self._over.is_set():
            self.used[machine] = self.files[machine]
            environ = self._store.machine(machine, GUMAUTH_KEY_FILE=str(self.used[machine]))
            self.ended.append(process(environ, "refresh", f"acme/{person}@example.com"))

    def give(self, key: Path) -> None:
        """Give each a new key file, one after the other, and wait until no command uses another any more."""
        for machine in self.files:
            self.files[machine] = key
            time.sleep(0.3)
        while set(self.used.values()) != {key}:
            time.sleep(0.1)

    def end(self) -> None:
        """Let each end its command."""
        self._over.set()
        for thread in self._threads:
            thread.join()


def main(machines: int, rounds: int) -> None:
    """Play it, and print what happened."""
    with running() as server, AuthorizationServer() as provider, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = SharedStore(server, folder, server.password_file(folder))
        first = store.machine("first")
        assert process(first, "store", "init").status == 0
        file, credentials = acme(provider, folder)
        for person in PEOPLE:
            connect({**first, **credentials}, file, person)
        assert process({**first, **credentials}, "setup", "acme", "--from-env").status == 0
        at_work, keys = Machines(store, machines), [store.key_file]
        try:
            for number in range(rounds):
                keys.append(folder / f"key {number}")
                rekey(store, keys[-2], str(keys[-1]))
                at_work.give(keys[-1])
                rekey(store, keys[-1], "--finish")
            time.sleep(2)
        finally:
            at_work.end()
        tell(store, provider, at_work.ended, keys)


def rekey(store: SharedStore, key: Path, word: str) -> None:
    """Begin or finish with this machine's key file."""
    ended = process(store.machine("admin", GUMAUTH_KEY_FILE=str(key)), "store", "rekey", word)
    assert ended.status == 0, ended.err
    print(ended.out.strip())


def connect(environ: dict[str, str], file: Path, person: str) -> None:
    """Connect an account of this person."""
    with piped(environ, "connect", str(file), "--no-browser") as connecting:
        address = connecting.until(re.compile(r"http://127\S+/authorize\?\S+"))[0]
        assert deliver(consent(address, approve=True, login=person))[0] == 200
        assert connecting.end()[0] == 0, connecting.shown


def tell(store: SharedStore, provider: AuthorizationServer, ended: list[Ended], keys: list[Path]) -> None:
    """Print the counts, and whether the grants live and which keys open what."""
    print("commands by status:", dict(Counter(each.status for each in ended)))
    print("refreshes:", provider.count("refresh"), "reuses:", sum(event.kind == "reuse" for event in provider.log))
    for words in sorted({each.err for each in ended if each.status}):
        print("  said:", words.strip().replace("\n", " / "))
    last = store.machine("last", GUMAUTH_KEY_FILE=str(keys[-1]))
    for person in PEOPLE:
        token = process(last, "token", f"acme/{person}@example.com").out.strip()
        print(person, "lives" if provider.is_active(token) else "IS DEAD")
    for key in keys:
        print(key.name, "opens:", ", ".join(opened(store, key.read_bytes())) or "nothing")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [4, 3][len(given) :]))
