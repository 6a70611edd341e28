"""Connecting by the rules, against a strict server and a person on plain HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import pytest

from gumauth.client.connect.connect import connect
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import (
    AccountConflict,
    AuthorizationError,
    CallbackTimeout,
    Denied,
    GumauthError,
    HomeError,
    MissingCredentials,
    NetworkError,
    PortInUse,
    ProviderCodeError,
    StoreError,
    TokenEndpointError,
    UsageError,
)
from gumauth.testing import Fault, deliver
from gumauth.testing.person import request
from tests.client.ending import disconnect
from tests.client.world import Walker, World
from tests.store.memory import MemoryStore


def test_an_account_is_connected_listed_and_in_the_store(world: World) -> None:
    account = world.connect(scopes=("read", "write")).account
    assert account == world.account()
    assert account.nickname == "ada@example.com"
    assert account.requested_scopes == ("read", "write")
    assert account.state == "ok"
    assert account.expires_at == world.clock.now + 3600
    assert account.refreshable
    assert account.source == f"{world.file}:Provider"
    assert world.server.is_active(world.token().access_token)
    assert world.server.count("token") == 1


@pytest.mark.requirement("C4", "C5")
def test_whatever_comes_before_and_beside_the_callback_one_token_request_is_made(world: World) -> None:
    class Stormy(Walker):
        """Its browser is not the only one that comes, and sends the callback five times at once."""

        def _go(self, url: str) -> None:
            back = self.world.server.follow(url)
            for number in range(100):
                wrong = back.replace("state=", f"state={number}")
                assert deliver(wrong)[0] == 400
                assert deliver(back.replace("/callback?", f"/callback{number}?"))[0] == 404
            with ThreadPoolExecutor(5) as browsers:
                pages = list(browsers.map(deliver, [back] * 5))
            assert {status for status, _ in pages} == {200}
            self.page = pages[0]

    person = Stormy(world)
    account = world.connect(person).account
    assert account.nickname == "ada@example.com"
    assert person.page is not None
    assert "ada@example.com" in person.page[1]
    assert world.server.count("token") == 1
    assert world.server.count("token", "refused") == 0


@pytest.mark.requirement("F1", "F2")
def test_state_and_verifier_are_new_for_every_try(world: World) -> None:
    from urllib.parse import parse_qs, urlsplit

    person = Walker(world)
    world.connect(person)
    world.connect(person)
    first, second = (parse_qs(urlsplit(url).query) for url in person.urls)
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]
    for query in (first, second):
        assert len(query["state"][0]) == 43
        assert set(query["state"][0]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.requirement("C8")
def test_the_page_is_sent_after_the_account_is_stored_and_names_it(world: World) -> None:
    person = Walker(world)
    world.connect(person)
    assert person.page is not None
    status, text = person.page
    assert status == 200
    assert "ada@example.com" in text


@pytest.mark.requirement("C8")
def test_a_failure_shows_a_page_that_says_so(world: World) -> None:
    person = Walker(world)
    world.server.misbehave("token", Fault.error("invalid_client", description="Who are you?"))
    with pytest.raises(TokenEndpointError, match="Who are you"):
        world.connect(person)
    assert person.page is not None
    assert "ada@example.com" not in person.page[1]
    assert "Who are you?" in person.page[1]
    assert list(world.context.accounts.all()) == []


def test_consent_that_was_denied_is_denied(world: World) -> None:
    person = Walker(world, approve=False)
    with pytest.raises(Denied) as caught:
        world.connect(person)
    assert caught.value.exit_code == 4
    assert isinstance(world.store, MemoryStore)
    assert world.store.keys() == []


def sent_back_with(world: World, **answer: str) -> GumauthError:
    """The error of a connect that the authorization endpoint answers so; nothing is kept."""
    world.server.misbehave("authorize", Fault.params(code=None, **answer))
    with pytest.raises(GumauthError) as caught:
        world.connect()
    assert list(world.context.accounts.all()) == []
    return caught.value


@pytest.mark.parametrize(
    ("error", "description", "message"),
    [
        ("access_denied", "", "Access was denied at acme."),
        ("access_denied", "Not for you", "Access was denied at acme: Not for you"),
        ("user_cancelled_login", "", "Access was denied at acme: user_cancelled_login"),
        (
            "USER_CANCELLED_AUTHORIZE",
            "The member declined",
            "Access was denied at acme: USER_CANCELLED_AUTHORIZE: The member declined",
        ),
        ("authorization_declined", "", "Access was denied at acme: authorization_declined"),
    ],
)
def test_a_persons_no_is_denied_in_whatever_words(world: World, error: str, description: str, message: str) -> None:
    denied = sent_back_with(world, error=error, error_description=description)
    assert (denied.code, denied.exit_code, denied.message) == ("denied", 4, message)


def test_the_facts_say_which_other_words_mean_a_no(world: World) -> None:
    assert sent_back_with(world, error="E42").code == "authorization"
    world.write_provider(denied_errors=("e42",))
    assert sent_back_with(world, error="E42").code == "denied"


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("unauthorized_client", "Check the app's settings at the provider."),
        ("invalid_scope", "Ask for other scopes with --scope."),
        ("login_required", "Check the app's settings at the provider."),
    ],
)
def test_a_refusal_at_the_authorization_endpoint_has_a_code_of_its_own(world: World, error: str, hint: str) -> None:
    refused = sent_back_with(world, error=error, error_description="As it is")
    assert isinstance(refused, AuthorizationError)
    assert (refused.code, refused.exit_code, refused.error, refused.hint) == ("authorization", 1, error, hint)
    assert refused.message == f"acme refused: {error}: As it is"


def test_trouble_at_the_authorization_endpoint_is_temporary(world: World) -> None:
    assert sent_back_with(world, error="TEMPORARILY_UNAVAILABLE").code == "temporary"


@pytest.mark.requirement("F11")
def test_fewer_scopes_than_asked_for_are_said(world: World) -> None:
    world.server.misbehave("token", Fault.fewer_scopes("read"))
    connected = world.connect(scopes=("read", "write"))
    assert any("missing: write" in notice for notice in connected.notices)
    assert connected.account.scopes == ("read",)


@pytest.mark.requirement("F11")
def test_a_missing_refresh_token_is_said_at_connect(world: World) -> None:
    world.server.misbehave("token", Fault.without("refresh_token"))
    connected = world.connect()
    assert any("No refresh token" in notice for notice in connected.notices)
    assert not connected.account.refreshable


@pytest.mark.requirement("K4")
def test_a_store_that_cannot_keep_is_known_before_the_browser_opens(world: World) -> None:
    class Broken(MemoryStore):
        """Takes nothing."""

        def set(self, key: str, value: str) -> None:
            raise StoreError("no")

    world.store = Broken()
    world.context = world.new_context()
    person = Walker(world)
    with pytest.raises(StoreError):
        world.connect(person)
    assert person.urls == []
    assert world.server.log == []


@pytest.mark.requirement("K4")
def test_a_store_that_fails_after_the_exchange_is_tried_again(world: World) -> None:
    class Hiccup(MemoryStore):
        """Fails twice for every account, at the record."""

        failures = Counter[str]()  # noqa: RUF012

        def set(self, key: str, value: str) -> None:
            identity = key.split("/")[1]
            if key.startswith("acme/") and self.failures[identity] < 2:
                self.failures[identity] += 1
                raise StoreError("not now")
            super().set(key, value)

    world.store = Hiccup()
    world.context = world.new_context()
    world.connect()
    assert world.server.is_active(world.token().access_token)


@pytest.mark.requirement("K4")
@pytest.mark.parametrize(
    ("fault", "fate"),
    [
        (None, "The new grant was revoked."),
        (Fault.status(503), "The new grant could not be revoked and lives on there."),
    ],
)
def test_a_store_that_fails_for_good_ends_the_new_grant_and_the_error_says_both(
    world: World, fault: Fault | None, fate: str
) -> None:
    class Broken(MemoryStore):
        """Proves itself, and then takes no record."""

        def set(self, key: str, value: str) -> None:
            if key.startswith("acme/"):
                raise StoreError("The store is full.")
            super().set(key, value)

    world.store = Broken()
    world.context = world.new_context()
    if fault is not None:
        world.server.misbehave("revoke", fault, times=None)
    with pytest.raises(StoreError, match=f"(?m)^The store is full. {fate}$"):
        world.connect()
    assert [family.ended is not None for family in world.server.families] == [fault is None]
    assert list(world.context.accounts.all()) == []


@pytest.mark.requirement("K4", "K11")
def test_a_list_that_cannot_be_written_after_the_exchange_leaves_no_record_behind(world: World) -> None:
    class Sly(MemoryStore):
        """Puts a folder in the way of the account's file at the last moment."""

        def set(self, key: str, value: str) -> None:
            super().set(key, value)
            if key.startswith("acme/"):
                path = world.folder / "home" / "accounts" / "acme" / f"{key.split('/')[1]}.json"
                path.unlink(missing_ok=True)
                path.mkdir(exist_ok=True)
                (path / "full").touch()

    world.store = Sly()
    world.context = world.new_context()
    with pytest.raises((StoreError, HomeError), match="The new grant was revoked"):
        world.connect()
    assert isinstance(world.store, MemoryStore)
    assert world.store.keys() == []


@pytest.mark.requirement("L3", "I3")
def test_connecting_again_keeps_the_old_record_until_the_new_one_is_stored_and_then_ends_the_old_grant(
    world: World,
) -> None:
    world.write_provider(separate_grants=True)
    world.connect()
    old = world.token()
    world.connect()
    new = world.token()
    assert new.access_token != old.access_token
    assert world.server.is_active(new.access_token)
    assert not world.server.is_active(old.access_token)
    assert not world.server.is_active(str(old.refresh_token))
    assert isinstance(world.store, MemoryStore)
    assert len(world.store.keys()) == 1
    assert len(list(world.context.accounts.all())) == 1


@pytest.mark.requirement("L3")
def test_a_failed_connect_leaves_the_old_account_as_it_was(world: World) -> None:
    world.connect()
    old = world.token()
    world.server.misbehave("token", Fault.status(500))
    with pytest.raises(Exception, match="500"):
        world.connect()
    assert world.token() == old
    assert world.server.is_active(old.access_token)


@pytest.mark.requirement("L3", "I3")
def test_where_grants_are_not_known_to_be_separate_the_old_one_is_left_alone(world: World) -> None:
    world.connect()
    world.connect()
    assert world.server.count("revoke") == 0
    assert world.server.is_active(world.token().access_token)


@pytest.mark.requirement("L3")
def test_another_persons_nickname_under_an_alias_in_use_is_refused_and_the_new_grant_revoked(world: World) -> None:
    world.connect(alias="work")
    kept = world.token("acme/work")
    with pytest.raises(AccountConflict, match=r"grace@example\.com has just consented.*The new grant was revoked"):
        world.connect(Walker(world, nickname="grace@example.com"), alias="work")
    assert world.token("acme/work") == kept
    assert [family.ended is not None for family in world.server.families] == [False, True]


@pytest.mark.requirement("L3")
def test_with_replace_the_alias_moves_and_the_other_account_goes_on_without_it(world: World) -> None:
    world.connect(alias="work")
    old = world.token("acme/work")
    connected = world.connect(Walker(world, nickname="grace@example.com"), alias="work", replace=True)
    assert world.account("acme/work").nickname == "grace@example.com"
    assert world.token("acme/ada@example.com") == old
    assert world.server.is_active(old.access_token)
    assert "The account that was acme/work is called acme/ada@example.com now." in connected.notices
    assert world.server.count("revoke") == 0


def test_a_second_person_is_a_second_account_and_the_first_stays_the_default(world: World) -> None:
    world.connect()
    connected = world.connect(Walker(world, nickname="grace@example.com"))
    assert world.account().nickname == "ada@example.com"
    assert any("stays the default" in notice for notice in connected.notices)
    assert {a.nickname for a in world.context.accounts.all()} == {"ada@example.com", "grace@example.com"}


@pytest.mark.parametrize("status", [403, 500])
def test_a_token_is_kept_although_nobody_says_whose_it_is(world: World, status: int) -> None:
    world.connect()
    world.server.misbehave("userinfo", Fault.status(status), times=None)
    connected = world.connect()
    world.server.behave()
    assert (connected.account.nickname, connected.account.label) == (None, "acme/1")
    assert " ".join(connected.notices).count("did not say whose account this is: ") == 1
    assert len(list(world.context.accounts.all())) == 2
    assert world.server.is_active(world.token(connected.account.label).access_token)


@pytest.mark.requirement("C9", "C4")
def test_the_wait_ends_and_says_what_was_ignored(world: World) -> None:
    class Stray(Walker):
        """Comes back with a wrong state, and stays away."""

        def _go(self, url: str) -> None:
            from gumauth.testing import deliver

            back = self.world.server.follow(url)
            deliver(back.replace("state=", "state=x"))

    with pytest.raises(CallbackTimeout, match="1 request with a wrong state was ignored") as caught:
        world.connect(Stray(world), timeout=0.5)
    assert caught.value.exit_code == 1
    assert world.server.count("token") == 0


@pytest.mark.requirement("C1", "C10")
def test_after_any_end_the_port_is_free(world: World) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world.write_provider(redirect_ports=(port,))

    class Nobody(Walker):
        """Does not go anywhere."""

        def open_url(self, url: str) -> None:
            pass

    with pytest.raises(CallbackTimeout):
        world.connect(Nobody(world), timeout=0.05)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


@pytest.mark.requirement("C3")
def test_a_port_in_use_is_named_with_the_flag(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        world.write_provider(redirect_ports=(port,))
        with pytest.raises(PortInUse, match=str(port)) as caught:
            world.connect()
    assert "--port" in str(caught.value.hint)


@pytest.mark.requirement("C11")
def test_two_connects_at_once_both_finish_and_ignore_each_others_callbacks(world: World) -> None:
    """Each person is sent to the other's callback first."""
    urls: list[str] = []
    from gumauth.testing import deliver

    class Crossed(Walker):
        def open_url(self, url: str) -> None:
            urls.append(url)
            if len(urls) == 2:
                super().open_url(url)

        def _go(self, url: str) -> None:
            from urllib.parse import urlsplit

            backs = [self.world.server.follow(u, person=n) for u, n in zip(urls, ("ada", "grace"), strict=True)]
            places = [urlsplit(back).netloc for back in backs]
            for back, place in zip(backs, reversed(places), strict=True):
                deliver(urlsplit(back)._replace(netloc=place).geturl())
            for back in backs:
                deliver(back)

    async def both() -> list[str]:
        person = Crossed(world)
        try:
            done = await asyncio.gather(
                connect(world.new_context(), world.request(), person),
                connect(world.new_context(), world.request(), person),
            )
        finally:
            await asyncio.to_thread(person.rest)
        return sorted(str(one.account.nickname) for one in done)

    assert len(asyncio.run(both())) == 2
    assert world.server.count("token") == 2
    assert len(list(world.context.accounts.all())) == 2


@pytest.mark.requirement("C11")
def test_two_connects_that_need_the_same_port_take_turns_and_both_finish(world: World) -> None:
    world.write_provider(redirect_ports=(_free_port(),))
    people = [Walker(world, nickname=name) for name in ("ada@example.com", "grace@example.com")]

    async def both() -> None:
        await asyncio.gather(*(connect(world.new_context(), world.request(), person) for person in people))
        for person in people:
            await asyncio.to_thread(person.rest)

    asyncio.run(both())
    assert {a.nickname for a in world.context.accounts.all()} == {"ada@example.com", "grace@example.com"}
    assert sum("Another connect is waiting" in sentence for person in people for sentence in person.said) == 1


def test_without_credentials_both_variables_and_setup_are_named(world: World) -> None:
    del world.environ["ACME_CLIENT_ID"]
    person = Walker(world)
    with pytest.raises(MissingCredentials) as caught:
        world.connect(person)
    words = f"{caught.value.message} {caught.value.hint}"
    assert all(word in words for word in ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET", f"gumauth setup {world.file}"))
    assert person.urls == []


@pytest.mark.parametrize("alias", ["", "a/b", "../x", "-x", "a b", "x" * 65, "a\n"])
def test_an_alias_that_could_not_be_typed_is_a_usage_error(world: World, alias: str) -> None:
    with pytest.raises(UsageError):
        world.connect(alias=alias)


@pytest.mark.requirement("F5")
def test_a_code_is_sent_once_whatever_happens(world: World) -> None:
    world.server.misbehave("token", Fault.status(503), times=None)
    with pytest.raises(Exception, match="503"):
        world.connect()
    assert world.server.count("token", "fault") == 1


HABITS = {
    "returns a dict": ("return {'access_token': 'x'}", "return 'ada'", "dict"),
    "returns nothing": ("return None", "return 'ada'", "nothing"),
    "raises": ("raise RuntimeError('boom')", "return 'ada'", "RuntimeError in line 11"),
    "raises no Exception": ("raise type('Odd', (BaseException,), {})()", "return 'ada'", "Odd in line 11"),
    "cancels itself": ("import asyncio; raise asyncio.CancelledError", "return 'ada'", "CancelledError in line 11"),
    "exits": ("raise SystemExit(3)", "return 'ada'", "SystemExit"),
    "indexes an error body": ("return TokenResponse(access_token={}['access_token'])", "return 'ada'", "access_token"),
    "reads a variable that is not set": ("import os; os.environ['ODD_SETTING']", "return 'ada'", "ODD_SETTING"),
}


def write_odd(folder: Path, exchange: str, nickname: str, *, head: str = "async def") -> Path:
    """A provider file of somebody else's making."""
    file = folder / "odd.py"
    file.write_text(
        "from mcp.gumstack import AuthProvider, TokenResponse\n\n\n"
        "class Odd(AuthProvider):\n"
        '    name = "odd"\n\n'
        "    def get_url(self, redirect_uri, state):\n"
        '        return f"https://odd.example/a?client_id=x&redirect_uri={redirect_uri}&state={state}"\n\n'
        f"    {head} exchange(self, code, redirect_uri):\n        {exchange}\n\n"
        "    async def refresh(self, refresh_token):\n        raise NotImplementedError\n\n"
        f"    async def get_nickname(self, access_token):\n        {nickname}\n"
    )
    file.chmod(0o600)
    return file


class Returning(Walker):
    """Comes straight back with a code, whatever the provider's page is."""

    def _go(self, url: str) -> None:
        from urllib.parse import parse_qs, urlsplit

        from gumauth.testing import deliver

        query = parse_qs(urlsplit(url).query)
        self.page = deliver(f"{query['redirect_uri'][0]}?code=c&state={query['state'][0]}")


@pytest.mark.requirement("P4")
@pytest.mark.parametrize("habit", HABITS)
def test_a_provider_method_that_misbehaves_is_named_with_its_file(world: World, habit: str) -> None:
    exchange, nickname, word = HABITS[habit]
    world.file = write_odd(world.folder, exchange, nickname)
    with pytest.raises((ProviderCodeError, MissingCredentials), match=word) as caught:
        world.connect(Returning(world), port=_free_port())
    assert caught.value.exit_code == 1
    if "variable" not in habit:
        assert "exchange" in caught.value.message
        assert "odd.py" in caught.value.message


@pytest.mark.requirement("P4")
def test_a_method_that_is_not_async_is_named(world: World) -> None:
    world.file = write_odd(world.folder, "return TokenResponse(access_token='t')", "return 'ada'", head="def")
    with pytest.raises(ProviderCodeError, match="async def"):
        world.connect(Returning(world), port=_free_port())


@pytest.mark.requirement("P4")
@pytest.mark.parametrize("hang", ["import asyncio; await asyncio.sleep(60)", "import time; time.sleep(2)"])
def test_a_method_that_hangs_ends_at_its_deadline(world: World, monkeypatch: pytest.MonkeyPatch, hang: str) -> None:
    """Also one that blocks its thread, and so cannot be cancelled."""
    from gumauth.client.provider_calls import calls

    monkeypatch.setattr(calls, "DEADLINE", 0.3)
    monkeypatch.setitem(calls.ProviderCalls.__init__.__kwdefaults__ or {}, "deadline", 0.3)
    world.file = write_odd(world.folder, hang, "return 'ada'")
    with pytest.raises(NetworkError, match=r"`exchange` of odd .*odd\.py.* did not end"):
        world.connect(Returning(world), port=_free_port())
    for thread in threading.enumerate():
        if thread.name == "provider":
            thread.join(10)  # what hangs keeps the variables that it was lent


def test_a_nickname_of_none_is_an_account_without_a_nickname(world: World) -> None:
    world.file = write_odd(world.folder, "return TokenResponse(access_token='t', expires_in='3600')", "return None")
    account = world.connect(Returning(world), port=_free_port()).account
    assert account.nickname is None
    assert account.expires_at == world.clock.now + 3600
    world.connect(Returning(world), port=_free_port())
    assert len(list(world.context.accounts.all())) == 1


def test_a_url_without_our_state_is_found_before_the_browser_opens(world: World) -> None:
    world.file = write_odd(world.folder, "return None", "return None")
    world.file.write_text(world.file.read_text().replace("&state={state}", ""))
    person = Returning(world)
    with pytest.raises(ProviderCodeError, match="`state`"):
        world.connect(person, port=_free_port())
    assert person.urls == []


def test_scopes_cannot_be_chosen_where_the_file_decides_them(world: World) -> None:
    world.file = write_odd(world.folder, "return None", "return None")
    with pytest.raises(UsageError, match="scopes"):
        world.connect(Returning(world), port=_free_port(), scopes=("read",))


def test_a_provider_that_cannot_revoke_is_forgotten_and_said_so(world: World) -> None:
    world.file = write_odd(world.folder, "return TokenResponse(access_token='t')", "return 'ada'")
    world.connect(Returning(world), port=_free_port())
    ended = disconnect(world.new_context(), "odd")
    assert (ended.revoked, ended.forgotten) == (False, True)
    assert any("offers no way" in notice for notice in world.notices)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.requirement("F7")
def test_a_files_own_client_is_made_where_no_proxy_names_networks(world: World) -> None:
    import httpx

    world.environ |= {"NO_PROXY": "::1/128,fd07::/64", "HTTPS_PROXY": "http://127.0.0.1:1"}
    calls = ProviderCalls(world.new_context(), world.request().resolved)
    try:
        calls.now("exchange", lambda: httpx.Client().close())
    finally:
        calls.close()


class Posting(Walker):
    """Its provider's page posts the answer, as response_mode=form_post has it."""

    def _go(self, url: str) -> None:
        back = self.world.server.follow(url)
        address, _, query = back.partition("?")
        status, headers, text = request("POST", address, dict(parse_qsl(query)))
        self.page = deliver(urljoin(address, headers["location"])) if status == 303 else (status, text)


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    "facts", [{"response_mode": "form_post"}, {"authorize_params": {"response_mode": "form_post"}}], ids=str
)
def test_a_posted_answer_connects_where_the_facts_say_that_it_is_posted(world: World, facts: dict[str, object]) -> None:
    world.write_provider(**facts)
    person = Posting(world)
    assert world.connect(person).account.nickname == "ada@example.com"
    assert person.page is not None
    assert person.page[0] == 200
    assert parse_qs(urlsplit(person.urls[0]).query)["response_mode"] == ["form_post"]


@pytest.mark.requirement("C4", "C9")
def test_a_posted_answer_that_was_not_expected_is_told_at_once_on_the_page_and_the_terminal(world: World) -> None:
    person = Posting(world)
    with pytest.raises(CallbackTimeout, match=r"1 request with the answer in a form was ignored\."):
        world.connect(person, timeout=1.0)
    assert person.page is not None
    assert person.page[0] == 405
    assert 'set `response_mode = "query"`' in person.page[1]
    assert [sentence for sentence in person.said if 'set `response_mode = "query"` in the provider' in sentence]
    assert world.server.count("token") == 0


def test_the_usual_request_says_nothing_of_how_the_answer_comes(world: World) -> None:
    person = Walker(world)
    world.connect(person)
    world.write_provider(response_mode="query")
    world.connect(person)
    assert ["response_mode" in url for url in person.urls] == [False, True]
