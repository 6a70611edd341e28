"""To whom a refresh token may go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gumauth.accounts.record import Record
from gumauth.client.binding import check_binding, client_id_in
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import MissingCredentials, ReconnectNeeded
from gumauth.platform.frozen import replace
from gumauth.registry.resolved import ResolvedProvider
from tests.client.world import World


class Acme:
    """As much of a provider as is asked where its refresh token goes."""

    name = "acme"
    client_id = "acme-app"
    refresh_url: object = None
    token_url: object = "https://acme.example/token"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def get_url(self, redirect_uri: str, state: str) -> str:
        self.asked.append((redirect_uri, state))
        return f"https://acme.example/authorize?client_id={self.client_id}"


@pytest.fixture
def calls(world: World) -> Iterator[ProviderCalls]:
    found = ResolvedProvider(provider_class=Acme, source="/acme.py:Acme", name="acme", origin="/acme.py")  # type: ignore[arg-type]
    calls = ProviderCalls(world.context, found)
    yield calls
    calls.close()


def issued(token_url: str | None, client_id: str | None) -> Record:
    return Record(access_token="t", token_url=token_url, client_id=client_id, account={})


@pytest.mark.parametrize(
    ("url", "client_id"),
    [
        ("https://acme.example/a?client_id=x&state=s", "x"),
        ("https://acme.example/a?client_id=", ""),
        ("https://acme.example/a?client_id=x&client_id=y", "x"),
        ("https://acme.example/a?state=s", None),
        ("https://acme.example/a#client_id=x", None),
    ],
)
def test_the_client_id_is_the_first_in_the_urls_query(url: str, client_id: str | None) -> None:
    assert client_id_in(url) == client_id


@pytest.mark.requirement("F12")
@pytest.mark.parametrize(
    ("refresh_url", "token_url", "endpoint"),
    [
        ("https://acme.example/refresh", "https://acme.example/token", "https://acme.example/refresh"),
        (None, "https://acme.example/token", "https://acme.example/token"),
        ("", "https://acme.example/token", "https://acme.example/token"),
        (7, lambda: "", None),
    ],
)
def test_the_endpoint_is_the_one_for_refreshing_where_there_is_one(
    calls: ProviderCalls, refresh_url: object, token_url: object, endpoint: str | None
) -> None:
    calls.provider.refresh_url, calls.provider.token_url = refresh_url, token_url
    assert calls.traits.token_endpoint == endpoint


@pytest.mark.requirement("F12")
@pytest.mark.parametrize(
    ("token_url", "client_id"),
    [("https://acme.example/token", "acme-app"), (None, "acme-app"), ("https://acme.example/token", None)],
)
def test_what_has_not_changed_or_was_not_known_may_go_on(
    world: World, calls: ProviderCalls, token_url: str | None, client_id: str | None
) -> None:
    world.connect()
    check_binding(calls, world.account(), issued(token_url, client_id))
    assert calls.provider.asked == [("http://localhost/", "unused")]


@pytest.mark.requirement("F12")
@pytest.mark.parametrize(
    ("token_url", "client_id", "what"),
    [
        ("https://acme.example/Token", "acme-app", "token endpoint"),
        ("https://acme.example/token", "acme-App", "client id"),
    ],
)
def test_what_has_changed_stops_it_and_is_named(
    connected: World, calls: ProviderCalls, token_url: str, client_id: str, what: str
) -> None:
    with pytest.raises(ReconnectNeeded, match=f"^The {what} of acme is not the one") as caught:
        check_binding(calls, replace(connected.account(), source="built-in"), issued(token_url, client_id))
    assert caught.value.hint == "Run `gumauth connect /acme.py:Acme`, or set back what has changed."


@pytest.mark.requirement("D9", "F12")
def test_tokens_of_an_endpoint_that_the_service_had_before_go_to_the_present_one(
    connected: World, calls: ProviderCalls
) -> None:
    calls.provider.former_token_urls = ("https://old.example/token",)
    check_binding(calls, connected.account(), issued("https://old.example/token", "acme-app"))
    for token_url in ("https://old.example/token/", "https://other.example/token"):
        with pytest.raises(ReconnectNeeded, match="token endpoint"):
            check_binding(calls, replace(connected.account(), source="built-in"), issued(token_url, "acme-app"))
    with pytest.raises(ReconnectNeeded, match="client id"):
        issued_to_another = issued("https://old.example/token", "another-app")
        check_binding(calls, replace(connected.account(), source="built-in"), issued_to_another)


@pytest.mark.requirement("F12")
def test_a_client_id_that_is_not_there_any_more_is_missing_and_not_another_one(
    connected: World, calls: ProviderCalls
) -> None:
    calls.provider.client_id = ""
    with pytest.raises(MissingCredentials):
        check_binding(calls, connected.account(), issued("https://acme.example/token", "acme-app"))


@pytest.mark.requirement("F12")
def test_a_refresh_url_that_was_put_into_the_file_later_gets_no_refresh_token(connected: World) -> None:
    connected.clock.move(3601)
    connected.write_provider(refresh_url=connected.server.url + "/elsewhere")
    before = connected.server.log
    with pytest.raises(ReconnectNeeded, match="token endpoint"):
        connected.token()
    assert connected.server.log == before
