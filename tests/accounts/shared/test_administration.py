"""What administers a shared store: it is made ready once, by whoever is first, and nothing of another's is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gumauth.accounts.shared.administration import Administration
from gumauth.accounts.shared.engine import Claim, Moved, Welcome
from gumauth.accounts.shared.held_claim import HeldClaim, waited_for
from gumauth.accounts.shared.keys import MachineKey, new_keys
from gumauth.accounts.shared.session import holder
from gumauth.errors import Busy, PassphraseError, StoreError
from gumauth.platform.folders import Home
from gumauth.platform.frozen import replace
from gumauth.platform.lock import Lock
from tests.accounts.shared.fleet import Clock
from tests.accounts.shared.memory_administered import AdministeredMemory
from tests.accounts.shared.memory_engine import Hear, Memory

pytestmark = pytest.mark.requirement("T3")


class Scene:
    """A store in memory, and one machine that administers it.

    Attributes:
        prepared: The version of the schema that is there.
        administers: Whether the role may.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.memory = Memory(self.clock)
        self.key_file = folder / "keys" / "key"
        self.prepared, self.administers = 0, True
        self.asked: list[str] = []
        self.hear: Hear = lambda _what, _when: None

    def administration(self, key_file: Path | None = None, name: str = "admin") -> Administration:
        scene = self

        class Engine(AdministeredMemory):
            prepared = scene.prepared

            def welcome(self, key_ids: object = ()) -> Welcome:
                return replace(super().welcome(key_ids), administers=scene.administers)  # type: ignore[arg-type]

        def make(_environ: object, machine: str, folder: str) -> Engine:
            return Engine(self.memory, machine=machine, holder=folder, clock=self.clock, hear=self._hear)

        environ = {"GUMAUTH_KEY_FILE": str(key_file or self.key_file), "GUMAUTH_MACHINE": name}
        home = self.folder / name
        home.mkdir(exist_ok=True)
        return Administration(environ, Home(data=str(home), service="gumauth"), make)

    def _hear(self, what: str, when: str) -> None:
        if when == "before":
            self.asked.append(what)
        self.hear(what, when)

    def key(self) -> MachineKey:
        return MachineKey(self.key_file.read_bytes())


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """Where the store was made ready by this machine."""
    scene.administration().init()
    scene.prepared = 1
    scene.asked.clear()
    return scene


def written(path: Path, key: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(key)
    return path


def test_the_engine_is_for_this_machine_and_its_folder(scene: Scene) -> None:
    administration = scene.administration()
    assert (administration.where, administration.key_file) == ("memory:1", str(scene.key_file))
    assert isinstance(administration.engine, AdministeredMemory)
    assert administration.engine._machine == "admin"
    assert administration.engine._holder == holder(str(scene.folder / "admin"))
    assert scene.asked == []


def test_the_first_has_schema_key_file_and_keys_made(scene: Scene) -> None:
    begun = scene.administration().init()
    assert (begun.prepared.before, begun.prepared.version, begun.store) == (0, 1, "memory")
    assert begun.key_file == str(scene.key_file)
    assert (begun.made_file, begun.made_keys, begun.can_refresh) == (True, True, True)
    assert len(scene.key_file.read_bytes()) == 32
    assert [seal.key_id for seal in scene.memory.rows.sealed_keys] == list(scene.key().ids.values())


def test_a_key_file_that_is_there_already_is_taken(scene: Scene) -> None:
    scene.key_file.parent.mkdir()
    written(scene.key_file, bytes(range(32)))
    begun = scene.administration().init()
    assert (begun.made_file, begun.made_keys, begun.can_refresh) == (False, True, True)
    assert scene.key_file.read_bytes() == bytes(range(32))


def test_run_again_it_makes_nothing(ready: Scene) -> None:
    before, key = list(ready.memory.rows.sealed_keys), ready.key_file.read_bytes()
    begun = ready.administration().init()
    assert (begun.made_file, begun.made_keys, begun.can_refresh) == (False, False, True)
    assert (ready.memory.rows.sealed_keys, ready.key_file.read_bytes()) == (before, key)
    assert "prepare" in ready.asked


def test_a_schema_without_keys_gets_the_first(scene: Scene) -> None:
    scene.prepared = 1
    begun = scene.administration().init()
    assert (begun.prepared.before, begun.made_file, begun.made_keys) == (1, True, True)


def test_a_path_is_that_of_the_home_directory_where_it_begins_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(scene.folder))
    administration = scene.administration(Path("~/keys/key"))
    assert administration.key_file == administration.init().key_file == str(scene.key_file)
    assert administration.write_reader_key("~/reader") == str(scene.folder / "reader")
    assert administration.begin_rekey("~/new") == (str(scene.folder / "new"), True)
    written(scene.folder / "other", b"no key")
    with pytest.raises(PassphraseError, match=f"^{scene.folder}/other does not hold a key"):
        administration.begin_rekey("~/other")


def test_a_file_that_is_there_is_not_tried_to_be_made(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder may be one that only others write."""

    def made(path: str, _key: bytes) -> bool:
        raise StoreError(f"The key file {path} cannot be written.")

    monkeypatch.setattr("gumauth.accounts.shared.administration.make_key_file", made)
    scene.key_file.parent.mkdir()
    written(scene.key_file, bytes(range(32)))
    assert scene.administration().init().made_file is False
    new = str(written(scene.folder / "new", bytes(32)))
    assert scene.administration().begin_rekey(new) == (new, False)


def test_a_file_that_another_process_makes_meanwhile_is_left(scene: Scene) -> None:
    def hear(what: str, when: str) -> None:
        if (what, when) == ("prepare", "after"):
            scene.key_file.parent.mkdir()
            written(scene.key_file, b"no key")

    scene.hear = hear
    with pytest.raises(PassphraseError, match="does not hold a key of 32 bytes"):
        scene.administration().init()
    assert scene.key_file.read_bytes() == b"no key"


def test_a_schema_of_an_older_gumauth_is_brought_up_to_date_with_the_keys_that_there_are(ready: Scene) -> None:
    ready.prepared = 0
    begun = ready.administration().init()
    assert (begun.prepared.before, begun.made_keys, begun.made_file) == (0, False, False)


def test_a_role_that_administers_nothing_only_looks(ready: Scene) -> None:
    ready.administers = False
    begun = ready.administration().init()
    assert (begun.prepared.grants, begun.can_refresh) == ((), True)
    assert "prepare" not in ready.asked


def test_a_machine_that_only_reads_is_told_so(ready: Scene) -> None:
    administration = ready.administration()
    path = ready.folder / "reader"
    assert administration.write_reader_key(str(path)) == str(path)
    assert path.read_bytes() == ready.key().for_readers
    assert ready.administration(path).init().can_refresh is False
    with pytest.raises(
        PassphraseError, match=r"^The key of GUMAUTH_KEY_FILE is itself that of a machine that may only"
    ):
        ready.administration(path).write_reader_key(str(ready.folder / "another"))
    assert not (ready.folder / "another").exists()
    with pytest.raises(StoreError, match="reader is there already; nothing was written"):
        administration.write_reader_key(str(path))
    with pytest.raises(PassphraseError, match="is not the key of this database"):
        ready.administration(written(ready.folder / "other", bytes(32))).write_reader_key(str(ready.folder / "x"))


@pytest.mark.parametrize("prepared", [0, 1])
@pytest.mark.parametrize("kind", ["missing", "another"])
def test_a_store_with_keys_takes_no_other_key_and_nothing_is_changed(ready: Scene, kind: str, prepared: int) -> None:
    ready.prepared = prepared
    path = ready.folder / "other"
    if kind == "another":
        written(path, bytes(32))
    before = list(ready.memory.rows.sealed_keys)
    words = (
        r"^The database has a key already, and the file that GUMAUTH_KEY_FILE names is not there; nothing was changed\."
        if kind == "missing"
        else "is not the key of this database; nothing was changed"
    )
    with pytest.raises(PassphraseError, match=words) as raised:
        ready.administration(path).init()
    assert (path.exists(), ready.memory.rows.sealed_keys) == (kind == "another", before)
    assert ("prepare" in ready.asked) is (prepared == 0)
    assert kind == "another" or f"to {path}." in str(raised.value.hint)


def test_without_the_variable_there_is_no_path(scene: Scene) -> None:
    administration = scene.administration()
    administration._environ = {}
    with pytest.raises(PassphraseError, match="GUMAUTH_KEY_FILE is not set"):
        administration.init()
    assert scene.asked == []


@pytest.mark.parametrize("has_file", [False, True])
def test_of_two_that_are_first_one_makes_the_keys_and_the_other_leaves_no_file(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, has_file: bool
) -> None:
    monkeypatch.setenv("HOME", str(scene.folder))
    if has_file:
        scene.key_file.parent.mkdir()
        written(scene.key_file, bytes(range(32)))
    theirs = new_keys(MachineKey(bytes(32)), "memory")

    def hear(what: str, when: str) -> None:
        if (what, when) == ("first_keys", "before"):
            scene.memory.rows.sealed_keys += theirs

    scene.hear = hear
    with pytest.raises(PassphraseError, match="is not the key of this database"):
        scene.administration(Path("~/keys/key")).init()
    assert (scene.key_file.exists(), scene.memory.rows.sealed_keys) == (has_file, theirs)


def test_of_two_that_are_first_with_one_key_file_the_second_goes_on(scene: Scene) -> None:
    def hear(what: str, when: str) -> None:
        if (what, when) == ("first_keys", "before") and not scene.memory.rows.sealed_keys:
            scene.memory.rows.sealed_keys += new_keys(scene.key(), "memory")

    scene.hear = hear
    begun = scene.administration().init()
    assert (begun.made_file, begun.made_keys, begun.can_refresh) == (True, False, True)
    assert scene.key_file.exists()


def test_no_key_file_is_left_in_a_folder_that_others_can_write(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(scene.folder))
    scene.key_file.parent.mkdir()
    scene.key_file.parent.chmod(0o777)
    with pytest.raises(PassphraseError):
        scene.administration(Path("~/keys/key")).init()
    assert (scene.key_file.exists(), scene.memory.rows.sealed_keys) == (False, [])


def test_the_log_is_that_of_the_engine(ready: Scene) -> None:
    ready.memory.log += [("connect", "linear/1", "a"), ("take", "linear/2", "b"), ("refresh", "linear/1", "b")]
    log = ready.administration().log
    assert [entry.action for entry in log(2, None)] == ["refresh", "take"]
    assert [entry.action for entry in log(9, "linear/1")] == ["refresh", "connect"]


def test_the_machines_of_the_last_month_are_those_of_the_log(ready: Scene) -> None:
    ready.memory.log += [("connect", "linear/1", "a"), ("take", "linear/2", "b"), ("refresh", "linear/1", "a")]
    assert ready.administration().machines() == ["a", "b"]
    assert ready.asked[-1] == "machines of 30"

    def hear(_what: str, _when: str) -> None:
        raise StoreError("It may not.")

    ready.hear = hear
    assert ready.administration().machines() == []


def test_a_key_is_changed_in_two_steps(ready: Scene) -> None:
    new = ready.folder / "new"
    assert ready.administration().begin_rekey(str(new)) == (str(new), True)
    assert len(new.read_bytes()) == 32
    assert ready.administration().begin_rekey(str(new)) == (str(new), False)
    assert ready.administration(new).finish_rekey() == 0
    assert {seal.key_id for seal in ready.memory.rows.sealed_keys} == set(MachineKey(new.read_bytes()).ids.values())
    assert ready.administration(new).finish_rekey() is None
    with pytest.raises(PassphraseError):
        ready.administration().init()


def test_a_role_that_may_not_change_the_key_leaves_no_file(ready: Scene) -> None:
    ready.administers = False
    new = ready.folder / "new"
    for change in (lambda: ready.administration().begin_rekey(str(new)), ready.administration().finish_rekey):
        with pytest.raises(StoreError, match="The role admin may not change the key of the database at memory:1") as no:
            change()
        assert no.value.hint == "Its administrator grants it: `GRANT gumauth_admin TO admin;`."
    assert (new.exists(), ready.memory.claims) == (False, {})


def test_a_key_that_is_not_the_stores_changes_nothing(ready: Scene) -> None:
    other, new = written(ready.folder / "other", bytes(32)), ready.folder / "new"
    with pytest.raises(PassphraseError, match="is not the key of this database"):
        ready.administration(other).begin_rekey(str(new))
    assert (new.exists(), ready.asked) == (False, ["welcome"])


def test_a_key_that_only_reads_changes_nothing(ready: Scene) -> None:
    reader, new = written(ready.folder / "reader", ready.key().for_readers), ready.folder / "new"
    with pytest.raises(PassphraseError, match="refresh tokens are sealed under another key"):
        ready.administration(reader).begin_rekey(str(new))
    assert (new.exists(), ready.memory.claims) == (False, {})


def test_another_process_that_changes_the_key_is_not_waited_for(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def lock(path: str, *, timeout: float, what: str) -> Lock:
        waits.append(timeout)
        return Lock(path, timeout=timeout, what=what)

    def claimed(engine: AdministeredMemory, name: str, *, patience: float, what: str) -> Claim | Moved:
        waits.append(patience)
        return waited_for(engine, name, patience=patience, what=what)

    monkeypatch.setattr("gumauth.accounts.shared.administration.Lock", lock)
    monkeypatch.setattr("gumauth.accounts.shared.administration.waited_for", claimed)
    ready.administration().begin_rekey(str(ready.folder / "new"))
    assert waits == [0, 0]


def test_a_file_that_holds_no_key_is_named_and_left(ready: Scene) -> None:
    path = written(ready.folder / "new", b"no key")
    with pytest.raises(PassphraseError, match=r"new does not hold a key of 32 bytes\.") as raised:
        ready.administration().begin_rekey(str(path))
    assert raised.value.hint == "Name a file in a folder of your own that is not there yet."
    assert path.read_bytes() == b"no key"


def test_one_process_of_all_machines_changes_the_key(ready: Scene) -> None:
    new = ready.folder / "new"
    ready.administration().begin_rekey(str(new))
    other = ready.administration(new, name="other").engine
    claim = other.claim("store/rekey", 45.0, take_over=True)
    with pytest.raises(Busy, match=r"^other has been at the change of the key for 0 s"):
        ready.administration(new).finish_rekey()
    with pytest.raises(Busy, match=r"^other has been at the change of the key for 0 s"):
        ready.administration().begin_rekey(str(ready.folder / "third"))
    assert not (ready.folder / "third").exists()
    other.release(claim)  # type: ignore[arg-type]
    path = os.path.join(ready.folder, "admin", "locks", "rekey.lock")
    with Lock(path, timeout=0, what="x"), pytest.raises(Busy, match="the change of the key"):
        ready.administration(new).finish_rekey()
    during: list[str] = []

    def hear(what: str, when: str) -> None:
        if (what, when) == ("drop_keys", "before"):
            during.extend(ready.memory.claims)

    ready.hear = hear
    assert ready.administration(new).finish_rekey() == 0
    assert (during, ready.memory.claims) == (["store/rekey"], {})


def test_the_claim_is_kept_alive_and_ended_also_where_it_fails(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed: list[bool] = []
    begin = HeldClaim.__init__

    def begun(self: HeldClaim, engine: AdministeredMemory, claim: object, *, is_renewed: bool) -> None:
        renewed.append(is_renewed)
        begin(self, engine, claim, is_renewed=is_renewed)  # type: ignore[arg-type]

    monkeypatch.setattr(HeldClaim, "__init__", begun)
    ready.administration().begin_rekey(str(ready.folder / "new"))
    with pytest.raises(PassphraseError, match="is being replaced"):
        ready.administration().finish_rekey()
    assert (renewed, ready.memory.claims) == ([True, True], {})
