"""Client credentials: from the environment, or from what setup has stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.client import credentials
from gumauth.client.connect import unkept_credentials
from gumauth.client.connect.unkept_credentials import Origin
from gumauth.client.context import Context
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.provider_calls.environment import overlay
from gumauth.errors import HomeError, NewerRecord, RecordCorrupt, StoreError
from gumauth.registry.lookup import find
from tests.client.world import Walker, World
from tests.store.memory import MemoryStore


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def context(tmp_path: Path, store: MemoryStore) -> Context:
    return Context({"GUMAUTH_HOME": str(tmp_path)}, store=store)


def test_the_variables_are_made_from_the_providers_name() -> None:
    assert credentials.variables("linear") == ("LINEAR_CLIENT_ID", "LINEAR_CLIENT_SECRET")
    assert credentials.variables("my.own-2") == ("MY_OWN_2_CLIENT_ID", "MY_OWN_2_CLIENT_SECRET")


def test_what_was_stored_is_found_again_and_forgotten(context: Context, store: MemoryStore) -> None:
    assert credentials.find(context, "linear") is None
    assert not credentials.is_stored(context, "linear")
    assert credentials.save(context, "linear", "an-id", "hidden") == "memory"
    found = credentials.find(context, "linear")
    assert found == credentials.Credentials(client_id="an-id", client_secret="hidden", origin="stored in memory")
    assert credentials.is_stored(context, "linear")
    assert credentials.forget(context, "linear")
    assert not credentials.forget(context, "linear")
    assert credentials.find(context, "linear") is None
    assert store.keys() == []


def test_the_environment_comes_before_the_store(tmp_path: Path, store: MemoryStore) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "LINEAR_CLIENT_ID": "from-environment"}
    context = Context(environ, store=store)
    credentials.save(context, "linear", "stored", "hidden")
    found = credentials.find(context, "linear")
    assert found is not None
    assert (found.client_id, found.client_secret) == ("from-environment", None)


@pytest.mark.requirement("S1", "S2")
def test_no_secret_lies_beside_the_store_or_in_a_repr(context: Context, tmp_path: Path) -> None:
    credentials.save(context, "linear", "an-id", "hidden-secret")
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"hidden-secret" not in file.read_bytes()
    assert "hidden-secret" not in repr(credentials.find(context, "linear"))


def test_a_damaged_entry_is_named_with_the_command_that_mends_it(context: Context, store: MemoryStore) -> None:
    credentials.save(context, "linear", "an-id", "hidden")
    store.set("client/linear", "{")
    with pytest.raises(RecordCorrupt) as caught:
        credentials.find(context, "linear")
    assert caught.value.hint == "Run `gumauth setup linear`."


@pytest.mark.requirement("K12")
def test_credentials_and_notes_of_a_newer_gumauth_are_told(
    context: Context, store: MemoryStore, tmp_path: Path
) -> None:
    credentials.save(context, "linear", "an-id", None)
    store.set("client/linear", '{"version": 2, "client": []}')
    with pytest.raises(NewerRecord, match="The stored client of linear was written by a newer gumauth"):
        credentials.find(context, "linear")
    note = tmp_path / "clients" / "linear.json"
    note.write_text('{"version": 3, "stores": []}')
    with pytest.raises(HomeError, match=r"linear\.json was written by a newer gumauth"):
        credentials.find(context, "linear")
    assert not credentials.is_stored(context, "linear")


def test_a_note_without_its_entry_is_no_credentials(context: Context, store: MemoryStore, tmp_path: Path) -> None:
    credentials.save(context, "linear", "an-id", "hidden")
    store.delete("client/linear")
    assert credentials.find(context, "linear") is None
    (tmp_path / "clients" / "linear.json").write_bytes(b"{")
    assert not credentials.is_stored(context, "linear")


def test_a_store_that_does_not_give_back_is_an_error(tmp_path: Path) -> None:
    class Forgetful(MemoryStore):
        def set(self, key: str, value: str) -> None:
            pass

    with pytest.raises(StoreError, match="did not give back"):
        credentials.save(Context({"GUMAUTH_HOME": str(tmp_path)}, store=Forgetful()), "linear", "an-id", None)


@pytest.mark.requirement("P2")
def test_what_is_no_provider_name_forms_no_path(context: Context) -> None:
    with pytest.raises(ValueError, match="not a provider's name"):
        credentials.save(context, "../x", "an-id", None)


def test_what_a_connect_keeps_for_a_file_is_lent_to_its_code_as_what_setup_keeps(world: World) -> None:
    found = find(str(world.file), cwd="/")
    unkept = unkept_credentials.find(world.context, found, Origin(where="the environment", command="setup"))
    assert unkept is not None
    unkept_credentials.save(world.context, found, unkept)
    assert credentials.kept_for(world.context, str(world.file)) == ["acme"]


def test_one_note_that_cannot_be_read_hides_no_other_one(context: Context, tmp_path: Path) -> None:
    for name in ("acme", "linear"):
        credentials.save(context, name, "an-id", None, file=f"/{name}.py")
    (tmp_path / "clients" / "acme.json").chmod(0o666)
    assert credentials.kept_for(context, "/linear.py") == ["linear"]
    assert credentials.kept_for(context, "/acme.py") == []


def test_a_connect_uses_what_was_stored(world: World) -> None:
    client_id, secret = world.environ.pop("ACME_CLIENT_ID"), world.environ.pop("ACME_CLIENT_SECRET")
    context = world.new_context()
    credentials.save(context, "acme", client_id, secret)
    world.context = context
    world.connect()
    assert world.server.is_active(world.token().access_token)


def test_lent_variables_are_taken_back_also_where_loans_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("LENT_ONE", "before")
    monkeypatch.delenv("LENT_TWO", raising=False)
    with overlay({"LENT_ONE": "a", "LENT_TWO": "b"}):
        with overlay({"LENT_ONE": "a", "LENT_TWO": "b"}):
            assert (os.environ["LENT_ONE"], os.environ["LENT_TWO"]) == ("a", "b")
        assert os.environ["LENT_ONE"] == "a"
    assert os.environ["LENT_ONE"] == "before"
    assert "LENT_TWO" not in os.environ


def test_a_provider_finds_its_credentials_in_its_environment_and_nobody_afterwards(world: World) -> None:
    import os

    calls = ProviderCalls(world.context, find(str(world.file), cwd="/"))
    try:
        assert "client_id=acme-app" in calls.get_url("http://127.0.0.1/callback", "s")
    finally:
        calls.close()
    assert "ACME_CLIENT_SECRET" not in os.environ


@pytest.mark.parametrize("around", [" {} ", "{}\r", "\t{}\n", "\ufeff{}\u200b ", "\u00a0{}", " \u2060 {}"])
def test_what_was_pasted_around_a_client_id_or_secret_is_taken_off_and_told(world: World, around: str) -> None:
    for name in ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET"):
        world.environ[name] = around.format(world.environ[name])
    world.context = world.new_context()
    person = Walker(world)
    world.connect(person)
    assert person.said == [
        "Blanks around the value of ACME_CLIENT_ID were taken off.",
        "Blanks around the value of ACME_CLIENT_SECRET were taken off.",
    ]
    assert "client_id=acme-app&" in person.urls[0]
    assert world.server.is_active(world.token().access_token)


def test_a_variable_of_blanks_alone_is_as_one_that_is_not_set(tmp_path: Path, store: MemoryStore) -> None:
    context = Context({"GUMAUTH_HOME": str(tmp_path), "LINEAR_CLIENT_ID": " \r"}, store=store)
    assert not credentials.is_given(context, "linear")
    assert credentials.find(context, "linear") is None


def test_blanks_that_an_older_gumauth_has_kept_are_taken_off(context: Context) -> None:
    credentials.save(context, "linear", " an-id", "hidden\r")
    found = credentials.find(context, "linear")
    assert found is not None
    assert (found.client_id, found.client_secret) == ("an-id", "hidden")
