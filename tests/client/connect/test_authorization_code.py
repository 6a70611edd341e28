"""The flow of the browser where the service takes pushed requests: what is shown, and what is not. RFC 9126."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from gumauth.errors import AuthorizationError, CallbackTimeout, GumauthError, TokenEndpointError
from gumauth.testing import deliver
from tests.client.world import Walker, World
from tests.loopback import Loopback, loopback

REFERENCE = "urn:ietf:params:oauth:request_uri:6esc"


@pytest.fixture
def par() -> Iterator[Loopback]:
    """The endpoint for pushed requests; the rest of the service is the strict server."""
    with loopback() as running:
        running.answer({"request_uri": REFERENCE, "expires_in": 60}, status=201)
        yield running


class Referred(Walker):
    """A person whose server knows the pushed request by its reference."""

    def __init__(self, world: World, par: Loopback, **options: Any) -> None:
        super().__init__(world, **options)
        self.par = par

    def open_url(self, url: str) -> None:
        [pushed] = self.par.seen
        form = {name: value for name, value in pushed.form.items() if name != "client_secret"}
        super().open_url(f"{self.world.server.url}/authorize?{urlencode(form)}")
        self.opened = url


def test_the_request_is_pushed_and_the_browser_gets_the_reference(world: World, par: Loopback) -> None:
    world.write_provider(par_url=f"{par.url}/par")
    person = Referred(world, par)
    assert world.connect(person).account.nickname == "ada@example.com"
    [pushed] = par.seen
    assert person.urls == [person.opened]
    assert dict(parse_qsl(urlsplit(person.opened).query)) == {"client_id": "acme-app", "request_uri": REFERENCE}
    assert pushed.form["client_secret"] == world.environ["ACME_CLIENT_SECRET"]
    assert world.server.is_active(world.token().access_token)


def test_a_request_that_is_refused_opens_nothing_and_leaves_nothing(world: World, par: Loopback) -> None:
    world.write_provider(par_url=f"{par.url}/par")
    par.answer({"error": "invalid_client", "error_description": "unknown"}, status=401)
    person = Referred(world, par)
    with pytest.raises(TokenEndpointError, match="pushed requests refused: invalid_client: unknown") as caught:
        world.connect(person)
    assert "ACME_CLIENT_ID" in (caught.value.hint or "")
    assert (caught.value.error, person.urls, list(world.context.accounts.all())) == ("invalid_client", [], [])


@pytest.mark.requirement("S1", "P6")
def test_a_refusal_of_a_pushed_request_is_quoted_without_the_state_and_with_the_rest(
    world: World, par: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = token_urlsafe(32)
    monkeypatch.setattr("gumauth.client.connect.authorization_code.secrets.token_urlsafe", lambda _: state)
    world.write_provider(par_url=f"{par.url}/par")
    words = "the redirect_uri http://127.0.0.1/callback is unknown to acme-app"
    par.answer({"error": "invalid_request", "error_description": f"{words}, {state}"}, status=400)
    with pytest.raises(TokenEndpointError) as caught:
        world.connect(Referred(world, par))
    assert f"invalid_request: {words}, …" in caught.value.message
    assert state[:12] not in caught.value.message


def test_what_could_not_be_opened_is_not_pushed(world: World, par: Loopback) -> None:
    world.write_provider(par_url=f"{par.url}/par", authorize_url="http://203.0.113.1/authorize")
    with pytest.raises(GumauthError):
        world.connect(Referred(world, par))
    assert par.seen == []


@pytest.mark.parametrize("sends", [True, False])
def test_only_a_pushed_request_without_a_challenge_is_said_to_lack_pkce(
    world: World, par: Loopback, sends: bool
) -> None:
    class Refused(Referred):
        def _go(self, url: str) -> None:
            sent = dict(parse_qsl(urlsplit(url).query))
            answer = {"error": "invalid_request", "error_description": "PKCE is required.", "state": sent["state"]}
            self.page = deliver(f"{sent['redirect_uri']}?{urlencode(answer)}")

    world.write_provider(par_url=f"{par.url}/par", pkce=sends)
    with pytest.raises(AuthorizationError, match="PKCE is required") as caught:
        world.connect(Refused(world, par))
    assert ("does not send" in (caught.value.hint or "")) is not sends


@pytest.mark.requirement("B1")
@pytest.mark.parametrize("returned", ["javascript:alert(1)", "file:///etc/passwd", "http://203.0.113.1/", None, 7])
def test_only_a_url_that_may_be_opened_is_taken_from_a_provider_file(
    world: World, par: Loopback, returned: object
) -> None:
    file = world.write_provider(par_url=f"{par.url}/par")
    file.write_text(f"{file.read_text()}\n    async def push_request(self, url):\n        return {returned!r}\n")
    person = Referred(world, par)
    with pytest.raises(GumauthError, match="is not opened"):
        world.connect(person)
    assert person.urls == []


def test_a_strict_server_takes_the_pushed_request(world: World) -> None:
    world.server.pushed.required = True
    world.write_provider(par_url=world.server.par_url)
    assert world.connect().account.nickname == "ada@example.com"
    assert world.server.is_active(world.token().access_token)


def test_where_requests_have_to_be_pushed_another_one_is_refused(world: World) -> None:
    """So that the test above would fail without the push."""
    world.server.pushed.required = True
    with pytest.raises(GumauthError):
        world.connect()


class Wary(Walker):
    """A person who turns away at the browser's warning."""

    def _go(self, url: str) -> None:
        parts = urlsplit(dict(parse_qsl(urlsplit(url).query))["redirect_uri"])
        with (
            socket.create_connection((parts.hostname, parts.port)) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)


@pytest.mark.requirement("C9", "C13")
def test_where_the_browser_stopped_at_its_warning_the_end_of_the_wait_says_so(world: World) -> None:
    world.write_provider(redirect_tls=True)
    person = Wary(world)
    with pytest.raises(CallbackTimeout) as caught:
        world.connect(person, timeout=1.5)
    assert "1 request that the browser broke off at gumauth's certificate was ignored." in caught.value.message
    assert (caught.value.hint or "").startswith("At the browser's warning press Advanced, then Proceed. Run `gumauth")
    [(fingerprint, uri)] = person.certificates
    assert (len(fingerprint), uri.startswith("https://127.0.0.1:")) == (64, True)
