"""Services whose habits differ from the standard, each told by a fact, from the connect to the revocation."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gumauth import Auth
from gumauth.client.refresh.refresh import refresh
from gumauth.testing import Client, Fault
from tests.client.ending import revoke
from tests.client.world import Walker, World

URIS = ("http://127.0.0.1/callback",)


def live(world: World) -> None:
    """Connect, be asked whose it is, refresh and revoke: every request that has a client or a token in it."""
    world.connect()
    assert world.account().nickname == "ada@example.com"
    assert refresh(world.new_context(), ["acme"])[0].refreshed
    ended = revoke(world.new_context(), "acme")
    assert ended.error is None
    assert (ended.revoked, world.server.count("revoke")) == (True, 2)


@pytest.mark.requirement("F13")
def test_a_service_that_wants_the_clients_id_in_the_body_beside_basic(world: World) -> None:
    secret = world.environ["ACME_CLIENT_SECRET"]
    client = Client("acme-app", secret=secret, redirect_uris=URIS, any_port=True, auth=("basic",), id_in_body=True)
    world.server.register(client)
    world.write_provider(client_auth="basic", client_id_in_body=True)
    live(world)


@pytest.mark.requirement("F13")
def test_a_service_whose_public_clients_use_basic_with_an_empty_secret(world: World) -> None:
    del world.environ["ACME_CLIENT_SECRET"]
    world.server.register(Client("acme-app", redirect_uris=URIS, any_port=True, auth=("basic",)))
    world.write_provider(client_auth="basic", public_client=True, basic_empty_secret=True)
    live(world)


@pytest.mark.requirement("F12", "F13")
def test_a_service_that_calls_the_clients_id_otherwise(world: World) -> None:
    world.server.client_id_name = "client_key"
    world.write_provider(client_id_param="client_key")
    live(world)
    person = Walker(world)
    world.connect(person)
    sent = parse_qs(urlsplit(person.urls[0]).query)
    assert sent["client_key"] == ["acme-app"]
    assert "client_id" not in sent
    assert world.token().client_id == "acme-app"
    world.environ["ACME_CLIENT_ID"] = "another"
    [refused] = refresh(world.new_context(), ["acme"])
    assert refused.error is not None
    assert "client id" in refused.error.message


@pytest.mark.parametrize("told", ["BearerToken", "user", "Zoho-oauthtoken"])
def test_a_declared_type_or_scheme_is_no_warning_and_stands_before_the_token(world: World, told: str) -> None:
    scheme = "Zoho-oauthtoken" if told == "Zoho-oauthtoken" else "Bearer"
    world.server.token_type, world.server.token_scheme = told, scheme
    world.write_provider(token_types=(told.lower(),), token_scheme=scheme, revoke_auth="client")
    assert [said for said in world.connect().notices if "type" in said] == []
    assert world.account().nickname == "ada@example.com"
    assert refresh(world.new_context(), ["acme"])[0].refreshed
    assert world.token().scheme == scheme
    assert [said for said in world.notices if "type" in said] == []


def test_the_word_before_the_token_is_the_facts_also_where_the_answer_says_bearer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    world.server.token_scheme = "OAuth"
    world.write_provider(token_scheme="OAuth")
    world.connect()
    assert world.token().scheme == "OAuth"
    monkeypatch.setattr(
        "gumauth.handout.python.usable", lambda _context, account, min_valid: (world.account(account), world.token())
    )
    with httpx.Client(auth=Auth("acme")) as client:
        assert client.get(world.server.userinfo_url).json()["email"] == "ada@example.com"


@pytest.fixture
def books(world: World) -> World:
    """A service whose calls need a company's id from the callback, and an instance's URL from the answer."""
    world.write_provider(callback_extras=("realmId",), token_extras=("instance_url", "team.id"))
    world.server.callback_extras = {"realmId": "4620816365"}
    world.server.token_extras = {"instance_url": "https://eu7.example.com", "team": {"id": 7}, "more": "not asked for"}
    return world


EXTRAS = {"realmId": "4620816365", "instance_url": "https://eu7.example.com", "team.id": "7"}


def test_what_calls_need_beside_the_token_is_kept_with_it(books: World) -> None:
    assert books.connect().notices == ()
    assert books.token().extras == EXTRAS


def test_a_connect_for_another_company_of_the_same_person_says_so(books: World) -> None:
    books.connect()
    again = "This is acme/ada@example.com again: its tokens are new now."
    assert books.connect().notices == (again,)
    books.server.callback_extras = {"realmId": "17"}
    other = "The realmId is not the one of before: what uses acme/ada@example.com reaches another one now."
    assert books.connect().notices == (again, other)


def test_a_refresh_keeps_what_only_the_connect_told_and_takes_what_is_new(books: World) -> None:
    books.connect()
    books.server.token_extras = {"instance_url": "https://us1.example.com"}
    books.clock.move(3601)
    assert books.token().extras == {**EXTRAS, "instance_url": "https://us1.example.com"}


def test_what_calls_need_and_did_not_come_is_said(books: World) -> None:
    books.server.callback_extras = {}
    books.server.token_extras = {"instance_url": "a\nb", "team": {"id": True}}
    notices = books.connect().notices
    assert notices == ("acme did not give realmId, instance_url, team.id, which calls need beside the token.",)
    assert books.token().extras == {}


@pytest.mark.requirement("S1")
def test_no_token_and_no_code_is_handed_out_as_an_extra(books: World) -> None:
    books.write_provider(
        callback_extras=("realmId", "code"), token_extras=("access_token", "refresh_token", "id_token")
    )
    books.server.send_id_token = True
    books.connect()
    assert books.token().extras == {"realmId": "4620816365"}
    books.clock.move(3601)
    assert books.token().extras == {"realmId": "4620816365"}


@pytest.mark.requirement("C4")
def test_a_callback_in_which_a_kept_parameter_stands_twice_is_not_believed(books: World) -> None:
    from gumauth.callback.http_request import Request
    from gumauth.callback.rejections import REPEATED
    from gumauth.callback.validation import Answer, Expected, validate

    expected = Expected(state="st", kept=("realmId",))

    def judged(query: str) -> object:
        request = Request(method="GET", path="/callback", query=query, host="localhost:4862", ahead=False)
        return validate(request, expected, path="/callback", port=4862)

    assert judged("code=c&state=st&realmId=1&other=2") == Answer(code="c", kept={"realmId": "1"})
    assert judged("code=c&state=st&realmId=1&realmId=2") == REPEATED
    assert judged("code=c&state=st") == Answer(code="c")


@pytest.mark.parametrize(
    "member",
    ["refresh_token_expires_in", "refresh_expires_in", "x_refresh_token_expires_in", "refresh_token_expires_at"],
)
def test_when_the_refresh_token_ends_is_kept(world: World, member: str) -> None:
    ends = world.clock() + 86400
    world.server.misbehave("token", Fault.fields(**{member: ends if member.endswith("at") else 86400}))
    world.connect()
    assert world.account().refresh_expires_at == ends
    world.clock.move(100)
    world.server.misbehave("refresh", Fault.fields(**{member: ends + 7 if member.endswith("at") else 86400 - 93}))
    refresh(world.new_context(), ["acme"])
    assert world.account().refresh_expires_at == ends + 7
    refresh(world.new_context(), ["acme"])
    assert world.account().refresh_expires_at is None, "a new refresh token, and nothing said of it"


def test_a_refresh_token_that_stays_ends_when_it_was_to_end(world: World) -> None:
    world.server.misbehave("token", Fault.fields(refresh_token_expires_in=86400))
    world.connect()
    ends = world.account().refresh_expires_at
    world.server.misbehave("refresh", Fault.without("refresh_token"))
    refresh(world.new_context(), ["acme"])
    assert world.account().refresh_expires_at == ends == world.clock() + 86400


def test_an_absurd_end_of_the_refresh_token_is_nothing_to_speak_of(world: World) -> None:
    world.server.misbehave("token", Fault.fields(refresh_token_expires_in=0))
    assert world.connect().notices == ()
    assert world.account().refresh_expires_at is None


@pytest.mark.requirement("S2")
def test_what_is_kept_beside_a_token_is_in_no_repr(books: World) -> None:
    books.connect()
    assert "4620816365" not in repr(books.token())
