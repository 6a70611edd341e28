"""Client credentials: from the environment, or from what setup has stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gumauth.client import credentials
from gumauth.client.connect import unkept_credentials
from gumauth.client.connect.unkept_credentials import Origin
from gumauth.client.context import Context
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.provider_calls.environment import overlay
from gumauth.client.registered_clients import RegisteredClients
from gumauth.errors import (
    HomeError,
    MissingCredentials,
    NewerRecord,
    ProviderCodeError,
    RecordCorrupt,
    StoreError,
    TokenEndpointError,
)
from gumauth.oauth2 import OAuth2Provider
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.registry.lookup import find
from gumauth.registry.resolved import ResolvedProvider
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


ISSUER = "https://issuer.example"


def kept_client(client_id: str, at: float = 1.0, secret: str | None = None) -> RegisteredClient:
    return RegisteredClient(
        client_id=client_id,
        client_secret=secret,
        auth_method="basic" if secret else "none",
        redirect_uris=("http://localhost:4862/callback",),
        grant_types=("authorization_code",),
        registered_at=at,
    )


@pytest.mark.requirement("M29")
def test_credentials_are_found_in_order_environment_setup_registered(tmp_path: Path, store: MemoryStore) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path)}
    context = Context(environ, store=store)

    def found() -> tuple[str, str | None] | None:
        one = credentials.find(context, "acme", issuer=ISSUER)
        return (one.client_id, credentials.place(context, "acme", issuer=ISSUER)) if one else None

    assert found() is None
    assert credentials.place(context, "acme", issuer=ISSUER) is None
    assert not credentials.is_stored(context, "acme", issuer=ISSUER)
    clients = RegisteredClients(context, ISSUER)
    clients.add(kept_client("registered"))
    assert found() == ("registered", "registered")
    assert credentials.is_stored(context, "acme", issuer=ISSUER)
    assert not credentials.is_stored(context, "acme")
    assert credentials.place(context, "acme") is None
    assert credentials.find(context, "acme") is None
    credentials.save(context, "acme", "prepared", None, issuer=ISSUER)
    assert found() == ("prepared", "stored")
    environ["ACME_CLIENT_ID"] = "given"
    assert found() == ("given", "environment")


@pytest.mark.requirement("M26")
def test_a_registered_client_comes_with_its_method_and_says_what_it_is(context: Context) -> None:
    RegisteredClients(context, ISSUER).add(kept_client("registered", secret="hidden"))
    assert credentials.find(context, "acme", issuer=ISSUER) == credentials.Credentials(
        client_id="registered",
        client_secret="hidden",
        origin="registered by gumauth",
        auth_method="basic",
        is_registered=True,
    )


def test_the_newest_client_that_is_usable_is_found_and_without_one_the_newest(context: Context) -> None:
    clients = RegisteredClients(context, ISSUER)
    for at, name in enumerate(("old", "good", "doubtful")):
        clients.add(kept_client(name, float(at)))
    clients.doubt("doubtful", 5.0)

    def found() -> str | None:
        one = credentials.find(context, "acme", issuer=ISSUER)
        return one.client_id if one else None

    assert found() == "good"
    clients.doubt("good", 5.0)
    clients.doubt("old", 5.0)
    assert found() == "doubtful"


@pytest.mark.requirement("M41")
def test_the_client_of_an_accounts_tokens_is_found_wherever_it_is_kept(tmp_path: Path, store: MemoryStore) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "ACME_CLIENT_ID": "given", "ACME_CLIENT_SECRET": "given-secret"}
    context = Context(environ, store=store)
    credentials.save(context, "acme", "prepared", "prepared-secret", issuer=ISSUER)
    clients = RegisteredClients(context, ISSUER)
    clients.add(kept_client("first", 1.0))
    clients.add(kept_client("second", 2.0))

    def found(client_id: str) -> tuple[str, str | None]:
        one = credentials.find(context, "acme", issuer=ISSUER, client_id=client_id)
        assert one is not None
        return one.client_id, one.client_secret

    assert found("given") == ("given", "given-secret")
    assert found("prepared") == ("prepared", "prepared-secret")
    assert found("first") == ("first", None)
    assert found("second") == ("second", None)
    assert found("gone") == ("given", "given-secret")


@pytest.mark.requirement("M29")
@pytest.mark.parametrize(
    ("noted", "whose"),
    [("https://other.example", "https://other.example"), (None, "an issuer that was not noted")],
)
def test_stored_credentials_are_never_used_at_another_issuer_than_theirs(
    context: Context, noted: str | None, whose: str
) -> None:
    credentials.save(context, "acme", "an-id", "hidden", issuer=noted)
    with pytest.raises(MissingCredentials, match=whose) as caught:
        credentials.find(context, "acme", lambda: "https://acme.example/mcp", issuer=ISSUER)
    assert caught.value.message.endswith(f"and acme now has the issuer {ISSUER}.")
    assert "`gumauth setup https://acme.example/mcp`" in (caught.value.hint or "")
    with pytest.raises(MissingCredentials):
        credentials.find(context, "acme", issuer=ISSUER, client_id="an-id")
    RegisteredClients(context, ISSUER).add(kept_client("registered"))
    one = credentials.find(context, "acme", issuer=ISSUER, client_id="registered")
    assert one is not None
    assert one.client_id == "registered"


@pytest.mark.requirement("F12", "M29")
def test_credentials_for_a_host_are_not_used_by_a_provider_that_has_their_name_by_now(context: Context) -> None:
    credentials.save(context, "acme", "an-id", "hidden", issuer="gitlab --host git.example.com")
    with pytest.raises(MissingCredentials) as caught:
        credentials.find(context, "acme")
    assert caught.value.message == (
        "The stored client of acme belongs to gitlab --host git.example.com, and acme is another provider now."
    )
    credentials.save(context, "acme", "an-id", "hidden", issuer=ISSUER)
    assert credentials.find(context, "acme") is not None  # its service was found by its address before


@pytest.mark.requirement("K12", "M29")
def test_only_a_note_with_an_issuer_is_of_the_version_that_an_older_gumauth_does_not_read(
    context: Context, tmp_path: Path
) -> None:
    note = tmp_path / "clients" / "acme.json"
    credentials.save(context, "acme", "an-id", None)
    assert json.loads(note.read_text()) == {"version": 1, "store": "memory"}
    credentials.save(context, "acme", "an-id", None, issuer=ISSUER)
    assert json.loads(note.read_text()) == {"version": 2, "store": "memory", "issuer": ISSUER}
    one = credentials.find(context, "acme", issuer=ISSUER)
    assert one is not None
    assert one.origin == "stored in memory"


class Discovered(OAuth2Provider):
    """What discovery makes of an address."""

    name = "acme"
    authorize_url = "https://issuer.example/authorize"
    token_url = "https://issuer.example/token"
    discovered = Service(name="acme", url="https://acme.example/mcp", issuer=ISSUER, token_url=token_url)


def calls_of(context: Context, client_id: str | None = None) -> ProviderCalls:
    resolved = ResolvedProvider(provider_class=Discovered, source="https://acme.example/mcp", name="acme", origin="")
    return ProviderCalls(context, resolved, client_id=client_id)


def seen_by(calls: ProviderCalls) -> tuple[str, str | None, str]:
    provider = calls.provider
    return calls.now("get_url", lambda: (provider.client_id, provider.client_secret, provider.client_auth))


@pytest.mark.requirement("M26", "M41")
def test_the_methods_of_a_discovered_provider_run_with_the_client_of_the_account_and_its_method(
    context: Context,
) -> None:
    clients = RegisteredClients(context, ISSUER)
    clients.add(kept_client("first", 1.0, secret="hidden"))
    clients.add(kept_client("second", 2.0))
    for client_id, expected in (("first", ("first", "hidden", "basic")), (None, ("second", None, "none"))):
        calls = calls_of(context, client_id)
        try:
            assert seen_by(calls) == expected
        finally:
            calls.close()


@pytest.mark.requirement("D7", "M26")
def test_a_client_that_is_registered_meanwhile_replaces_the_one_before(tmp_path: Path, store: MemoryStore) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "ACME_CLIENT_ID": "given", "ACME_CLIENT_SECRET": "given-secret"}
    calls = calls_of(Context(environ, store=store))
    try:
        assert seen_by(calls) == ("given", "given-secret", "body")
        calls.use(credentials.of_registered(kept_client("new", secret="hidden")))
        assert seen_by(calls) == ("new", "hidden", "basic")
        calls.use(credentials.of_registered(kept_client("newer")))
        assert seen_by(calls) == ("newer", None, "none")
        assert calls.credentials is not None
        assert calls.credentials.is_registered
    finally:
        calls.close()


@pytest.mark.requirement("S1")
def test_an_error_does_not_repeat_the_secret_of_a_registered_client(context: Context) -> None:
    calls = calls_of(context)
    secret = "a-hidden-secret-of-some-length"

    def fail() -> None:
        raise ValueError(f"the secret is {secret}")

    try:
        calls.use(credentials.of_registered(kept_client("new", secret=secret)))
        with pytest.raises(ProviderCodeError) as caught:
            calls.now("get_url", fail)
        assert secret not in caught.value.message
    finally:
        calls.close()


@pytest.mark.parametrize(
    ("given", "registered", "hint"),
    [
        (False, True, "Run `gumauth connect acme` to register a new client and consent once more."),
        (False, False, "Run `gumauth setup acme` to enter the client id and secret anew."),
        (True, False, "Check ACME_CLIENT_ID and ACME_CLIENT_SECRET, which the environment or --env-file sets."),
    ],
)
def test_the_advice_for_a_refused_client_is_where_it_came_from(given: bool, registered: bool, hint: str) -> None:
    resolved = ResolvedProvider(provider_class=Discovered, source="acme", name="acme", origin="")
    error = TokenEndpointError("Refused.", error="invalid_client")
    assert credentials.advised(error, resolved, given=given, registered=registered).hint == hint


@pytest.mark.requirement("M41")
def test_the_client_of_a_metadata_document_needs_no_place_to_be_found(context: Context) -> None:
    document = "https://project.example/oauth/client.json"
    assert credentials.find(context, "acme", issuer=ISSUER, client_id=document) == credentials.Credentials(
        client_id=document, origin="its client metadata document", auth_method="none"
    )
    assert credentials.find(context, "acme", client_id=document) is None
    assert credentials.find(context, "acme", issuer=ISSUER, client_id="an-id") is None
