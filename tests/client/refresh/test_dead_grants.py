"""A refresh that is refused, in the words that services really use: dead and marked, or not dead and not marked."""

from __future__ import annotations

import json

import pytest

from gumauth.client.refresh.refresh import refresh
from gumauth.errors import GumauthError, ProviderCodeError, ReconnectNeeded, Temporary, TokenEndpointError
from gumauth.testing import Fault
from tests.client.ending import disconnect
from tests.client.gumstack_world import REFRESHES, use_gumstack_file
from tests.client.world import World


def answer(data: object, status: int = 400) -> Fault:
    return Fault.content(json.dumps(data).encode(), status=status)


DEAD = {
    "slack's token_revoked": answer({"ok": False, "error": "token_revoked"}, 200),
    "slack's invalid_refresh_token": answer({"ok": False, "error": "invalid_refresh_token"}, 200),
    "in capitals": answer({"error": "INVALID_GRANT"}),
    "status": answer({"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"}),
    "errorType": answer({"errors": [{"errorType": "invalid_grant", "message": "x"}], "success": False}, 401),
    "a sentence": answer({"status": 400, "message": "Invalid refresh token"}),
    "plain text": Fault.content(b"invalid_grant", status=400, content_type="text/plain"),
    "errcode with 200": answer({"errcode": 40030, "errmsg": "invalid refresh_token"}, 200),
    "detail": answer({"detail": "Refresh token has expired"}, 401),
}
ALIVE = {
    "a missing user": answer({"message": "user_not_found in authorization header"}, 401),
    "a server": answer({"message": "The authorization server is expired"}),
    "invalid_client": answer({"error": "invalid_client", "error_description": "The refresh token has expired"}, 401),
    "invalid_token": answer({"error": "invalid_token"}, 401),
    "a rate limit": answer({"error": "rate_limited", "message": "Refresh token expired"}, 429),
    "a server error": answer({"message": "Invalid refresh token"}, 500),
    "a captive portal": Fault.content(b"<html>invalid_grant: the refresh token has expired", content_type="text/html"),
}


def check_dead(world: World, says: str = "") -> None:
    """The next `token` marks the account, and the one after it asks nobody."""
    world.clock.move(3601)
    with pytest.raises(ReconnectNeeded) as caught:
        world.token()
    assert (caught.value.exit_code, world.account().state) == (3, "reconnect")
    assert "gumauth connect" in (caught.value.hint or "")
    assert says in caught.value.message
    asked = world.server.count("refresh", "fault")
    with pytest.raises(ReconnectNeeded):
        world.token()
    assert world.server.count("refresh", "fault") == asked == 1


def refused(world: World) -> GumauthError:
    """The error of the next `token`, with the account as good as before."""
    world.clock.move(3601)
    with pytest.raises(GumauthError) as caught:
        world.token()
    assert world.account().state == "ok"
    return caught.value


@pytest.mark.requirement("F15", "R8")
@pytest.mark.parametrize("name", DEAD)
def test_a_dead_grant_is_marked_in_whatever_words_the_service_says_it(connected: World, name: str) -> None:
    connected.server.misbehave("refresh", DEAD[name], times=None)
    check_dead(connected)


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("name", ALIVE)
def test_a_grant_is_not_marked_for_words_about_something_else(connected: World, name: str) -> None:
    connected.server.misbehave("refresh", ALIVE[name])
    assert not isinstance(refused(connected), ReconnectNeeded)
    assert refresh(connected.new_context(), ["acme"])[0].refreshed
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("F15")
def test_the_facts_say_which_other_words_mean_a_dead_grant(connected: World) -> None:
    odd = answer({"error": "invalid_request", "error_description": "Value passed for the token was invalid."})
    connected.server.misbehave("refresh", odd)
    assert type(refused(connected)) is TokenEndpointError
    connected.write_provider(dead_errors=("the token was invalid", "e42"))
    connected.server.misbehave("refresh", odd, times=None)
    with pytest.raises(ReconnectNeeded, match="the token was invalid"):
        connected.token()


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("body", [b"", b'{"error": 400, "message": "Bad Request"}', b'{"error": "e42"}'])
def test_a_refusal_for_no_known_reason_says_or_connect_again(connected: World, status: int, body: bytes) -> None:
    connected.server.misbehave("refresh", Fault.content(body, status=status))
    error = refused(connected)
    assert error.exit_code == 1
    assert (error.hint or "").startswith("Try again; if it stays so, connect again: `gumauth connect ")


def test_wrong_credentials_keep_their_own_hint(connected: World) -> None:
    connected.server.misbehave("refresh", answer({"error": "invalid_client"}, 401))
    assert "ACME_CLIENT_ID and ACME_CLIENT_SECRET" in (refused(connected).hint or "")


@pytest.mark.requirement("F16", "R7")
@pytest.mark.parametrize("status", [429, 503])
def test_how_long_to_wait_is_said_at_once_and_afterwards(connected: World, status: int) -> None:
    connected.server.misbehave("refresh", Fault.status(status, retry_after=90))
    error = refused(connected)
    assert isinstance(error, Temporary)
    assert error.hint == "Try again in 90 seconds; nothing was lost."


@pytest.mark.requirement("F16")
def test_a_short_plain_text_is_repeated(connected: World) -> None:
    text = Fault.content(b"The app is \x1b[1mlocked\x1b[0m.\r\n", status=403, content_type="text/plain")
    connected.server.misbehave("refresh", text)
    assert "answered with status 403 and said: The app is locked." in refused(connected).message


@pytest.fixture(params=REFRESHES)
def gumstack(world: World, request: pytest.FixtureRequest) -> World:
    """With one account of a Gumstack file, whose `refresh` does one of these with an answer."""
    use_gumstack_file(world, REFRESHES[request.param])
    world.connect()
    return world


@pytest.mark.requirement("F15", "R8")
@pytest.mark.parametrize("name", ["slack's token_revoked", "a sentence", "plain text"])
def test_a_gumstack_files_dead_grant_is_marked_whatever_it_makes_of_the_answer(gumstack: World, name: str) -> None:
    gumstack.server.misbehave("refresh", DEAD[name], times=None)
    check_dead(gumstack)


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault.captive_portal(), "answered with a web page: perhaps a captive portal."),
        (Fault.status(503, retry_after=7), "cannot answer now (status 503)."),
        (Fault.status(429), "cannot answer now (status 429)."),
        (answer({"error": "temporarily_unavailable"}, 200), "temporarily_unavailable"),
    ],
    ids=["captive portal", "503", "429", "temporarily_unavailable"],
)
def test_a_gumstack_file_is_not_blamed_for_what_passes(gumstack: World, fault: Fault, says: str) -> None:
    gumstack.server.misbehave("refresh", fault)
    error = refused(gumstack)
    assert isinstance(error, Temporary)
    assert says in error.message
    gumstack.clock.move(31)
    assert gumstack.server.is_active(gumstack.token().access_token)


@pytest.mark.requirement("F10", "F15")
def test_a_refusal_of_a_gumstack_files_request_is_told_by_the_providers_words(gumstack: World) -> None:
    gumstack.server.misbehave("refresh", answer({"error": "invalid_client", "error_description": "No such app"}, 401))
    error = refused(gumstack)
    assert type(error) is TokenEndpointError
    assert error.message == "127.0.0.1 refused: invalid_client: No such app."
    gumstack.clock.move(3601)
    gumstack.server.misbehave("refresh", Fault.content(b"", status=400))
    assert "connect again: `gumauth connect" in (refused(gumstack).hint or "")


def test_a_gumstack_file_is_blamed_for_a_good_answer_that_it_does_not_understand(world: World) -> None:
    use_gumstack_file(world)
    world.connect()
    world.server.misbehave("refresh", Fault.without("refresh_token"))
    error = refused(world)
    assert isinstance(error, ProviderCodeError)
    assert "found no `refresh_token` in the provider's answer" in error.message


ASIDE = """
        async with httpx.AsyncClient() as client:
            other = await client.get("{userinfo_url}", headers={"Authorization": "Bearer of-something-else"})
        """
"""A request of `refresh` that has nothing of the refresh token in it."""


@pytest.mark.requirement("R8", "F15")
@pytest.mark.parametrize(
    "end",
    [
        "other.raise_for_status()",
        "return other.json()['email']",
        "return None",
        "raise RuntimeError('no') from httpx.HTTPStatusError('x', request=other.request, response=other)",
    ],
)
@pytest.mark.parametrize("error", ["invalid_grant", "token_expired"])
def test_what_comes_of_another_request_marks_no_grant_as_dead(world: World, end: str, error: str) -> None:
    use_gumstack_file(world, f"data = response.json(){ASIDE}{end}".replace("{userinfo_url}", world.server.userinfo_url))
    world.connect()
    world.server.misbehave("userinfo", answer({"error": error}, 401), times=None)
    known = refused(world)
    assert (type(known), world.account().state) == (TokenEndpointError, "ok")
    assert error in known.message
    assert "connect again: `gumauth connect" in (known.hint or "")


@pytest.mark.requirement("R8", "F15")
def test_a_good_answer_to_another_request_hides_no_dead_grant(world: World) -> None:
    use_gumstack_file(world, f"data = response.json(){ASIDE}return None".replace("{userinfo_url}", world.server.url))
    world.connect()
    world.server.misbehave("refresh", answer({"error": "invalid_grant"}), times=None)
    check_dead(world, "invalid_grant")


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("where", ["get_url", "__init__"])
def test_what_else_a_file_says_is_invalid_marks_no_grant_as_dead(world: World, where: str) -> None:
    use_gumstack_file(world)
    world.connect()
    text = world.file.read_text()
    raises = 'from gumauth.errors import InvalidGrant; raise InvalidGrant("Who are you?")'
    method = f"\n    def {where}(self, *arguments):\n        {raises}\n"
    world.file.write_text(text.replace(f"def {where}", "def once") + method)
    try:
        refused(world)
    finally:
        assert world.account().state == "ok"


@pytest.mark.requirement("F10")
def test_a_gumstack_files_nickname_that_is_refused_is_told_by_the_providers_words(world: World) -> None:
    use_gumstack_file(world)
    world.server.misbehave("userinfo", answer({"detail": "No scope for profiles"}, 403))
    connected = world.connect()
    assert connected.account.nickname is None
    assert any(
        "127.0.0.1 answered with status 403 and said: No scope for profiles." in said for said in connected.notices
    )


@pytest.mark.requirement("L1")
def test_a_gumstack_files_revocation_that_cannot_be_answered_is_temporary(world: World) -> None:
    use_gumstack_file(world)
    world.connect()
    world.server.misbehave("revoke", Fault.status(503))
    ended = disconnect(world.new_context(), "acme")
    assert (ended.revoked, ended.forgotten) == (False, False)
    assert isinstance(ended.error, Temporary)
    assert disconnect(world.new_context(), "acme").forgotten


@pytest.mark.requirement("R7")
def test_an_answer_that_was_lost_on_its_way_may_have_been_given(connected: World) -> None:
    """The server has replaced the refresh token and told nobody: the next refresh is told that it was used."""
    connected.server.misbehave("refresh", Fault.reset(done=True))
    error = refused(connected)
    assert "Nothing was lost" not in (error.hint or "")
    assert "The request may have been carried out, and its answer lost." in (error.hint or "")
    connected.clock.move(31)
    with pytest.raises(ReconnectNeeded):
        connected.token()


@pytest.mark.requirement("S1", "P6")
def test_a_secret_of_an_env_file_is_in_no_error_of_the_method_that_reads_it(world: World) -> None:
    use_gumstack_file(world, "raise ValueError('no ' + os.environ['ACME_API_KEY'])")
    world.connect()
    world.environ["ACME_API_KEY"] = "simply-words"
    assert refused(world).message.endswith("raised ValueError in line 29: no ….")


@pytest.mark.requirement("S1")
def test_a_refused_refresh_repeats_no_access_token_although_none_was_sent(connected: World) -> None:
    token = connected.token().access_token
    connected.server.misbehave("refresh", answer({"error": "odd", "message": f"{token} is old"}))
    assert refused(connected).message == "acme's token endpoint refused: odd: … is old."
    assert token[:12] not in (connected.account().reason or "")
