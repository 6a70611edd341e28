"""The encrypted file: what it keeps, and what it does when something is wrong with it."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.errors import PassphraseError, RecordCorrupt, StoreError
from gumauth.platform.folders import Home
from gumauth.platform.lock import Lock
from gumauth.store.encrypted_file import store as encrypted
from gumauth.store.encrypted_file.header import LEAST_WORK, MOST_WORK, Header, encode
from gumauth.store.encrypted_file.passphrase import memory_for, stretch
from gumauth.store.encrypted_file.store import EncryptedStore
from tests.store.contract import StoreContract, random_value

KEY = "linear/0123456789abcdef/a"
WORK = 14
NOTHING_KEPT = {"GUMAUTH_KEEP_KEY": "0"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(data=str(tmp_path / "data"), service="gumauth")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(secrets.token_bytes(32))
    path.chmod(0o600)
    return path


def store_with(home: Home, **environ: str) -> EncryptedStore:
    return EncryptedStore(home, {**NOTHING_KEPT, **environ}, None, work=WORK)


def files(home: Home) -> dict[str, bytes]:
    """What there is but locks, which hold nothing."""
    found = (path for path in Path(home.data).rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path): path.read_bytes() for path in found}


class TestWithAKeyFile(StoreContract):
    """The encrypted file under a key of 32 bytes keeps the contract."""

    @pytest.fixture
    def store(self, home: Home, key_file: Path) -> EncryptedStore:
        return store_with(home, GUMAUTH_KEY_FILE=str(key_file))

    @pytest.fixture
    def again(self, home: Home, key_file: Path) -> Callable[[], EncryptedStore]:
        return lambda: store_with(home, GUMAUTH_KEY_FILE=str(key_file))


class TestWithAPassphrase(StoreContract):
    """The encrypted file under a passphrase keeps the contract."""

    @pytest.fixture
    def store(self, home: Home) -> EncryptedStore:
        return store_with(home, GUMAUTH_PASSPHRASE="correct horse")

    @pytest.fixture
    def again(self, home: Home) -> Callable[[], EncryptedStore]:
        return lambda: store_with(home, GUMAUTH_PASSPHRASE="correct horse")


@pytest.mark.requirement("K10", "S6")
def test_its_files_are_for_their_owner_only_and_hold_nothing_in_the_open(home: Home) -> None:
    """Mode 0600 in folders of 0700, and neither the value nor the passphrase nor the key's name is in them."""
    value = random_value()
    store_with(home, GUMAUTH_PASSPHRASE="correct horse").set(KEY, value)
    assert len(files(home)) == 2
    for path, content in files(home).items():
        assert os.stat(path).st_mode & 0o777 == 0o600
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
        for secret in (value, value[35:60], "correct horse", KEY):
            assert secret.encode() not in content


@pytest.mark.requirement("K10")
def test_the_same_value_is_never_encrypted_twice_the_same(home: Home, key_file: Path) -> None:
    store = store_with(home, GUMAUTH_KEY_FILE=str(key_file))
    value = random_value()
    store.set(KEY, value)
    first = files(home)
    store.set(KEY, value)
    assert {len(content) for content in first.values()} == {len(content) for content in files(home).values()}
    assert first != files(home)


@pytest.mark.requirement("K10")
@pytest.mark.parametrize("action", ["get", "set"])
def test_a_wrong_passphrase_is_told_and_changes_nothing(home: Home, action: str) -> None:
    store_with(home, GUMAUTH_PASSPHRASE="correct horse").set(KEY, random_value())
    before = files(home)
    wrong = store_with(home, GUMAUTH_PASSPHRASE="wrong horse")
    with pytest.raises(PassphraseError, match="passphrase is not the one") as caught:
        wrong.get(KEY) if action == "get" else wrong.set(KEY, random_value())
    assert (caught.value.hint or "").startswith("Give the right passphrase: see GUMAUTH_PASSPHRASE")
    assert "horse" not in str(caught.value)
    assert files(home) == before


@pytest.mark.requirement("K10")
def test_a_wrong_key_file_is_told_and_changes_nothing(home: Home, key_file: Path) -> None:
    store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, random_value())
    before = files(home)
    key_file.write_bytes(secrets.token_bytes(32))
    with pytest.raises(PassphraseError, match="key is not the one"):
        store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, random_value())
    assert files(home) == before


@pytest.mark.requirement("K10", "K7")
def test_every_flipped_byte_and_every_truncation_of_an_entry_is_told_and_changes_nothing(
    home: Home, key_file: Path
) -> None:
    store = store_with(home, GUMAUTH_KEY_FILE=str(key_file))
    store.set(KEY, "{}")
    path = next(Path(home.data, "secrets").glob("*.secret"))
    whole = path.read_bytes()
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for broken in [*flipped, *(whole[:length] for length in range(len(whole)))]:
        path.write_bytes(broken)
        with pytest.raises(RecordCorrupt, match="was damaged"):
            store.get(KEY)
        assert path.read_bytes() == broken
    path.write_bytes(whole)
    assert store.get(KEY) == "{}"


@pytest.mark.requirement("K10", "K7")
def test_every_flipped_byte_and_every_truncation_of_the_header_is_told_and_changes_nothing(
    home: Home, key_file: Path
) -> None:
    """A damaged header is not taken for a wrong key, nor is a new one made over it."""
    store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
    path = Path(home.data, "secrets", "header")
    whole = path.read_bytes()
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole) - 1)]
    for broken in [*flipped, *(whole[:length] for length in range(len(whole) - 1))]:
        path.write_bytes(broken)
        with pytest.raises(RecordCorrupt):
            store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
        assert path.read_bytes() == broken


@pytest.mark.requirement("K10")
def test_entries_cannot_be_exchanged_for_one_another(home: Home, key_file: Path) -> None:
    """Two whole files changed places: both are refused."""
    store = store_with(home, GUMAUTH_KEY_FILE=str(key_file))
    store.set(KEY, "{}")
    store.set("github/0123456789abcdef/a", "{}")
    one, two = Path(home.data, "secrets").glob("*.secret")
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)
    for key in (KEY, "github/0123456789abcdef/a"):
        with pytest.raises(RecordCorrupt):
            store.get(key)


@pytest.mark.requirement("K10")
def test_a_lost_header_is_told_and_no_new_one_is_made_over_the_entries(home: Home, key_file: Path) -> None:
    store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
    Path(home.data, "secrets", "header").unlink()
    before = files(home)
    with pytest.raises(RecordCorrupt, match="header is missing"):
        store_with(home, GUMAUTH_KEY_FILE=str(key_file)).get(KEY)
    with pytest.raises(RecordCorrupt, match="header is missing"):
        store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
    assert files(home) == before


@pytest.mark.requirement("K10")
def test_a_header_that_asks_for_little_work_is_refused(home: Home) -> None:
    """Who can write the folder could otherwise have the passphrase stretched so little that it can be guessed."""
    EncryptedStore(home, {**NOTHING_KEPT, "GUMAUTH_PASSPHRASE": "correct horse"}, None, work=13).set(KEY, "{}")
    with pytest.raises(RecordCorrupt, match="damaged"):
        store_with(home, GUMAUTH_PASSPHRASE="correct horse").get(KEY)


@pytest.mark.requirement("K10", "K7")
@pytest.mark.parametrize("work", [21, 22])
def test_a_header_that_asks_for_more_than_can_be_had_is_refused(home: Home, work: int) -> None:
    path = Path(home.data, "secrets", "header")
    path.parent.mkdir(parents=True)
    path.write_bytes(encode(Header(work=work, salt=bytes(16), check=bytes(39))))
    with pytest.raises(RecordCorrupt, match="damaged") as caught:
        store_with(home, GUMAUTH_PASSPHRASE="correct horse").set(KEY, "{}")
    assert caught.value.exit_code == 6


@pytest.mark.requirement("K10")
def test_the_most_work_that_a_header_may_ask_for_can_be_done() -> None:
    assert len(stretch("correct horse", bytes(16), work=MOST_WORK)) == 32


@pytest.mark.requirement("K10")
@pytest.mark.parametrize("work", range(LEAST_WORK, MOST_WORK + 1))
def test_scrypt_is_allowed_what_it_needs_whatever_work_is_asked_for(work: int) -> None:
    """It needs 128 * r * (N + p) bytes and a little, and takes a C int as bound."""
    assert (1 << (work + 10)) + 4096 < memory_for(work) < 1 << 31
    assert len(hashlib.scrypt(b"x", salt=b"y", n=2, r=8, p=1, maxmem=memory_for(work))) == 64


LITTLE_MEMORY = """
import resource
from gumauth.errors import PassphraseError
from gumauth.store.encrypted_file.passphrase import stretch
import hashlib
resource.setrlimit(resource.RLIMIT_AS, (120 << 20, 120 << 20))
try:
    stretch("correct horse", bytes(16), work=17)
except PassphraseError as error:
    print(error.exit_code, error.message, error.hint, sep="\\n")
"""


@pytest.mark.requirement("K7")
@pytest.mark.skipif(sys.platform != "linux", reason="bounds a process's memory")
def test_too_little_memory_for_a_passphrase_is_told() -> None:
    done = subprocess.run([sys.executable, "-c", LITTLE_MEMORY], capture_output=True, text=True, check=True)
    code, message, hint = done.stdout.splitlines()
    assert code == "6"
    assert message.startswith("The passphrase could not be stretched: ")
    assert hint == "See to it that 128 MiB of memory are free, and try again."


@pytest.mark.requirement("K7")
def test_a_passphrase_of_other_bytes_than_utf_8_is_those_bytes(home: Home, key_file: Path) -> None:
    """Python gives such an environment variable with half characters in it."""
    phrase = os.fsdecode(b"caf\xe9")
    store_with(home, GUMAUTH_PASSPHRASE=phrase).set(KEY, "{}")
    assert store_with(home, GUMAUTH_PASSPHRASE=phrase).get(KEY) == "{}"
    with pytest.raises(PassphraseError, match="it is not text"):
        store_with(home, GUMAUTH_PASSPHRASE="\ud800").get(KEY)


@pytest.mark.requirement("K12")
def test_a_header_of_a_newer_gumauth_is_not_overwritten(home: Home, key_file: Path) -> None:
    store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
    path = Path(home.data, "secrets", "header")
    path.write_bytes(path.read_bytes().replace(b'"version": 1', b'"version": 2'))
    before = files(home)
    with pytest.raises(RecordCorrupt, match="newer gumauth"):
        store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
    assert files(home) == before


@pytest.mark.requirement("K7")
def test_without_any_passphrase_the_error_names_the_settings(home: Home) -> None:
    with pytest.raises(PassphraseError, match="nobody can be asked") as caught:
        store_with(home).set(KEY, "{}")
    assert caught.value.hint == "Set GUMAUTH_PASSPHRASE, GUMAUTH_PASSPHRASE_FILE or GUMAUTH_KEY_FILE."
    assert files(home) == {}


def test_no_passphrase_is_needed_to_see_that_there_is_nothing_or_to_delete(home: Home) -> None:
    store_with(home, GUMAUTH_PASSPHRASE="correct horse").set(KEY, "{}")
    without = store_with(home)
    assert without.get("linear/0123456789abcdef/b") is None
    without.delete(KEY)
    assert without.get(KEY) is None


class Person:
    """Somebody who answers prompts with these words, one after the other."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.prompts = list(answers), list[str]()

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return self.answers.pop(0)


@pytest.mark.requirement("S3")
def test_a_new_passphrase_is_asked_for_twice_and_a_known_one_once_in_a_run(home: Home) -> None:
    person = Person("correct horse", "correct horse")
    store = EncryptedStore(home, NOTHING_KEPT, person, work=WORK)
    store.set(KEY, "{}")
    store.set(KEY, '{"a": 1}')
    assert person.prompts == ["New passphrase for gumauth's encrypted file: ", "The same passphrase again: "]
    person = Person("correct horse")
    store = EncryptedStore(home, NOTHING_KEPT, person, work=WORK)
    assert (store.get(KEY), store.get(KEY)) == ('{"a": 1}', '{"a": 1}')
    assert person.prompts == ["Passphrase for gumauth's encrypted file: "]


@pytest.mark.parametrize(
    ("answers", "message"), [(("correct horse", "other"), "differ"), (("",), "passphrase is empty")]
)
def test_a_new_passphrase_that_is_empty_or_mistyped_makes_nothing(
    home: Home, answers: tuple[str, ...], message: str
) -> None:
    with pytest.raises(PassphraseError, match=message):
        EncryptedStore(home, NOTHING_KEPT, Person(*answers), work=WORK).set(KEY, "{}")
    assert files(home) == {}


@pytest.mark.parametrize("spelling", ["raw", "hexadecimal", "base64", "base64 for URLs"])
def test_a_key_file_may_be_raw_or_text(home: Home, key_file: Path, spelling: str) -> None:
    key = key_file.read_bytes()
    store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
    spelled = {
        "raw": key,
        "hexadecimal": key.hex().encode() + b"\n",
        "base64": base64.b64encode(key) + b"\n",
        "base64 for URLs": base64.urlsafe_b64encode(key),
    }
    key_file.write_bytes(spelled[spelling])
    assert store_with(home, GUMAUTH_KEY_FILE=str(key_file)).get(KEY) == "{}"


@pytest.mark.requirement("K7")
@pytest.mark.parametrize("content", [b"", b"short", b"x" * 31, b"x" * 33, b"zz" * 32, b"\xff" * 40])
def test_a_key_file_of_anything_else_is_refused(home: Home, key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    with pytest.raises(PassphraseError, match="does not hold a key of 32 bytes"):
        store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")


@pytest.mark.parametrize("variable", ["GUMAUTH_KEY_FILE", "GUMAUTH_PASSPHRASE_FILE"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_with_a_key_or_passphrase_that_others_can_use_is_refused(
    home: Home, key_file: Path, variable: str, mode: int
) -> None:
    key_file.chmod(mode)
    with pytest.raises(PassphraseError, match="can be read by others") as caught:
        store_with(home, **{variable: str(key_file)}).set(KEY, "{}")
    assert caught.value.hint == f"Run `chmod 600 {key_file}`; for a mounted secret, set its mode to 0400."


@pytest.mark.parametrize("variable", ["GUMAUTH_KEY_FILE", "GUMAUTH_PASSPHRASE_FILE"])
@pytest.mark.parametrize("place", ["missing", "."])
def test_a_file_with_a_key_or_passphrase_that_is_none_is_told(
    home: Home, tmp_path: Path, variable: str, place: str
) -> None:
    with pytest.raises(PassphraseError, match=f"{variable}. cannot be read"):
        store_with(home, **{variable: str(tmp_path / place)}).set(KEY, "{}")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe is not waited for as long as for a person's program."""
    monkeypatch.setattr("gumauth.platform.files.PIPE_SECONDS", 0.2)


@pytest.mark.requirement("Y8")
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("variable", ["GUMAUTH_KEY_FILE", "GUMAUTH_PASSPHRASE_FILE"])
def test_a_pipe_that_nobody_writes_to_is_told(home: Home, tmp_path: Path, variable: str) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(PassphraseError, match="did not come to its end"):
        store_with(home, **{variable: str(tmp_path / "pipe")}).set(KEY, "{}")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="gives an open pipe a name")
def test_a_passphrase_can_come_out_of_a_pipe_of_the_shells(home: Home) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as file:
        file.write("correct horse\n")
    try:
        store_with(home, GUMAUTH_PASSPHRASE_FILE=f"/dev/fd/{reading}").set(KEY, "{}")
    finally:
        os.close(reading)
    assert store_with(home, GUMAUTH_PASSPHRASE="correct horse").get(KEY) == "{}"


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("variable", ["GUMAUTH_KEY_FILE", "GUMAUTH_PASSPHRASE_FILE"])
def test_a_file_of_more_than_64_kib_is_told_and_not_cut_off(home: Home, key_file: Path, variable: str) -> None:
    key_file.write_bytes(b"x" * 65537)
    with pytest.raises(PassphraseError, match="too large"):
        store_with(home, **{variable: str(key_file)}).set(KEY, "{}")


@pytest.mark.requirement("Y3")
@pytest.mark.parametrize("variable", ["GUMAUTH_KEY_FILE", "GUMAUTH_PASSPHRASE_FILE"])
@pytest.mark.parametrize("by_a_link", [False, True])
def test_a_file_that_another_user_could_replace_is_refused(
    home: Home, key_file: Path, tmp_path: Path, variable: str, by_a_link: bool
) -> None:
    """Who can put another key there can read what is encrypted from then on."""
    shared = tmp_path / "shared"
    shared.mkdir()
    named = shared / "key"
    if by_a_link:
        named.symlink_to(key_file)
    else:
        key_file.rename(named)
    shared.chmod(0o777)
    with pytest.raises(PassphraseError, match="is not used: other users can write its folder") as caught:
        store_with(home, **{variable: str(named)}).set(KEY, "{}")
    assert caught.value.exit_code == 6
    assert caught.value.hint == f"Take that right away: chmod go-w {shared}"
    assert files(home) == {}


@pytest.mark.requirement("Y3")
def test_a_secret_that_kubernetes_mounts_is_used(home: Home, tmp_path: Path) -> None:
    """Links in a folder that everybody can write, where nobody can replace what is another's."""
    mounted = tmp_path / "mounted"
    (mounted / "..2026_01").mkdir(parents=True)
    (mounted / "..2026_01" / "phrase").write_text("correct horse")
    (mounted / "..2026_01" / "phrase").chmod(0o400)
    (mounted / "..data").symlink_to("..2026_01")
    (mounted / "phrase").symlink_to("..data/phrase")
    mounted.chmod(0o1777)
    store_with(home, GUMAUTH_PASSPHRASE_FILE=str(mounted / "phrase")).set(KEY, "{}")
    assert store_with(home, GUMAUTH_PASSPHRASE="correct horse").get(KEY) == "{}"


def test_a_passphrase_file_is_read_without_its_line_end_and_through_links(home: Home, tmp_path: Path) -> None:
    """Kubernetes mounts every secret as a link."""
    file, link = tmp_path / "phrase", tmp_path / "link"
    file.write_text("correct horse\n")
    file.chmod(0o400)
    link.symlink_to(file)
    store_with(home, GUMAUTH_PASSPHRASE_FILE=str(link)).set(KEY, "{}")
    assert store_with(home, GUMAUTH_PASSPHRASE="correct horse").get(KEY) == "{}"


@pytest.mark.parametrize(("content", "message"), [(b"\n", "is empty"), (b"\xff\xfe", "is not text")])
def test_a_passphrase_file_without_a_passphrase_is_told(
    home: Home, key_file: Path, content: bytes, message: str
) -> None:
    key_file.write_bytes(content)
    with pytest.raises(PassphraseError, match=message):
        store_with(home, GUMAUTH_PASSPHRASE_FILE=str(key_file)).set(KEY, "{}")


def test_a_file_made_with_a_key_file_asks_for_it(home: Home, key_file: Path) -> None:
    store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")
    with pytest.raises(PassphraseError, match="GUMAUTH_KEY_FILE is not set"):
        store_with(home, GUMAUTH_PASSPHRASE="correct horse").get(KEY)


@pytest.mark.requirement("K11")
def test_a_place_that_cannot_be_used_is_an_error_of_the_store(home: Home, key_file: Path, tmp_path: Path) -> None:
    """A file stands where the folder should be, or a folder where an entry should be."""
    store = store_with(home, GUMAUTH_KEY_FILE=str(key_file))
    Path(home.data).parent.mkdir(exist_ok=True)
    Path(home.data).write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used"):
        store.set(KEY, "{}")
    Path(home.data).unlink()
    store.set(KEY, "{}")
    entry = next(Path(home.data, "secrets").glob("*.secret"))
    entry.unlink()
    entry.mkdir()
    for use in (store.get, store.delete):
        with pytest.raises(StoreError, match="cannot be used"):
            use(KEY)


KILLED = """
import os
from gumauth.client.context import Context
store = Context(os.environ).store()
store.set("linear/0123456789abcdef/b", "{}")
os.replace = lambda *_: os._exit(9)
store.set("linear/0123456789abcdef/a", "{}")
"""


@pytest.fixture
def killed(tmp_path: Path, key_file: Path) -> dict[str, str]:
    """The environment of a process that was killed between writing an entry and putting it in its place."""
    environ = {
        **os.environ,
        "GUMAUTH_HOME": str(tmp_path / "data"),
        "GUMAUTH_STORE": "file",
        "GUMAUTH_KEY_FILE": str(key_file),
    }
    assert subprocess.run([sys.executable, "-c", KILLED], env=environ, check=False).returncode == 9
    assert [path.suffix for path in sorted((tmp_path / "data" / "secrets").iterdir())].count(".tmp") == 1
    return environ


@pytest.mark.parametrize("use", ["set", "delete"])
def test_what_a_killed_process_left_goes_with_the_entrys_next_write_or_deletion(
    home: Home, killed: dict[str, str], use: str
) -> None:
    """It opens with the same key, and holds a refresh token. Another entry's change leaves it alone."""
    store = store_with(home, GUMAUTH_KEY_FILE=killed["GUMAUTH_KEY_FILE"])
    store.delete("linear/0123456789abcdef/b")
    assert any(path.endswith(".tmp") for path in files(home))
    if use == "set":
        store.set(KEY, "{}")
    else:
        store.delete(KEY)
    names = sorted(Path(path).name for path in files(home) if "secrets" in path)
    assert [Path(name).suffix for name in names] == ([".secret", ""] if use == "set" else [""])


def test_writing_one_entry_at_once_takes_no_ones_unfinished_file(home: Home, key_file: Path) -> None:
    """Each of the writers would find the others' temporary files in its way."""
    stores = [store_with(home, GUMAUTH_KEY_FILE=str(key_file)) for _ in range(4)]
    failed: list[StoreError] = []

    def write(store: EncryptedStore) -> None:
        try:
            for number in range(15):
                store.set(KEY, str(number))
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert stores[0].get(KEY) == "14"


@pytest.mark.parametrize("use", ["set", "delete"])
def test_a_change_waits_for_the_one_of_another_process(
    home: Home, key_file: Path, monkeypatch: pytest.MonkeyPatch, use: str
) -> None:
    store = store_with(home, GUMAUTH_KEY_FILE=str(key_file))
    store.set(KEY, "{}")
    monkeypatch.setattr(encrypted, "PATIENCE", 0.02)
    with (
        Lock(f"{home.data}/locks/encrypted file.lock", timeout=1, what="the test"),
        pytest.raises(StoreError, match="busy with the encrypted file"),
    ):
        store.set(KEY, "[]") if use == "set" else store.delete(KEY)
    assert store.get(KEY) == "{}"


def test_a_header_that_another_process_keeps_making_is_an_error_of_the_store(
    home: Home, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encrypted, "PATIENCE", 0.02)
    with (
        Lock(f"{home.data}/locks/encrypted file.lock", timeout=1, what="the test"),
        pytest.raises(StoreError, match="busy with the encrypted file"),
    ):
        store_with(home, GUMAUTH_KEY_FILE=str(key_file)).set(KEY, "{}")


@pytest.mark.requirement("K10")
def test_many_that_make_the_header_at_once_make_one(home: Home, key_file: Path) -> None:
    """Every value can be read by everybody afterwards."""
    stores = [store_with(home, GUMAUTH_KEY_FILE=str(key_file)) for _ in range(8)]
    threads = [
        threading.Thread(target=store.set, args=(f"linear/{number}/a", str(number)))
        for number, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = store_with(home, GUMAUTH_KEY_FILE=str(key_file))
    assert [reader.get(f"linear/{number}/a") for number in range(8)] == [str(number) for number in range(8)]


@pytest.mark.requirement("K10", "S6")
def test_links_are_not_followed(home: Home, key_file: Path, tmp_path: Path) -> None:
    store = store_with(home, GUMAUTH_KEY_FILE=str(key_file))
    store.set(KEY, "{}")
    entry = next(Path(home.data, "secrets").glob("*.secret"))
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="cannot be used"):
        store.get(KEY)
