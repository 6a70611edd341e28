"""An address, asked what service it is, against a server whose every document can be wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from gumauth.errors import DiscoveryError, Temporary
from gumauth.oauth2.discover import Found, discover
from gumauth.oauth2.http import transport
from gumauth.testing import AuthorizationServer, Fault


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


def found(url: str, *, issuer: str | None = None) -> Found:
    async def ask() -> Found:
        try:
            return await discover(url, issuer=issuer)
        finally:
            await transport.close()

    return asyncio.run(ask())


def asked(server: AuthorizationServer) -> list[tuple[str, object]]:
    """What the server was asked for, in order."""
    return [(event.kind, event.details.get("path")) for event in server.log]


@pytest.mark.requirement("D1", "M3")
def test_the_challenge_leads_to_the_metadata_and_from_there_to_the_issuer(server: AuthorizationServer) -> None:
    server.resource.place = "elsewhere"
    got = found(server.resource_url)
    assert got.has_resource
    assert got.resource is not None
    assert (got.resource.resource, got.server.token_url) == (server.resource_url, server.token_url)
    assert got.challenged == ("read",)
    assert asked(server) == [
        ("resource", "/mcp"),
        ("resource_metadata", "/metadata/mcp/resource.json"),
        ("server_metadata", "/.well-known/oauth-authorization-server"),
    ]


@pytest.mark.requirement("D1")
def test_the_root_is_not_asked_where_the_path_has_answered(server: AuthorizationServer) -> None:
    server.resource.challenge = "missing"
    found(server.resource_url)
    assert [path for kind, path in asked(server) if kind == "resource_metadata"] == [
        "/.well-known/oauth-protected-resource/mcp"
    ]


@pytest.mark.requirement("D1", "M7")
def test_without_a_challenge_the_well_known_places_are_asked(server: AuthorizationServer) -> None:
    server.resource.challenge, server.resource.place = "missing", "root"
    assert found(server.resource_url).resource is not None


@pytest.mark.requirement("M4")
@pytest.mark.parametrize("form", ["unquoted", "after another scheme", "two headers"])
def test_a_challenge_is_read_in_every_form(server: AuthorizationServer, form: str) -> None:
    server.resource.challenge, server.resource.place = form, "elsewhere"  # type: ignore[assignment]
    assert found(server.resource_url).resource is not None


@pytest.mark.requirement("M5")
def test_of_a_parameter_that_comes_twice_each_is_tried(server: AuthorizationServer) -> None:
    server.resource.challenge, server.resource.place = "twice", "elsewhere"
    assert found(server.resource_url).resource is not None


@pytest.mark.requirement("M6")
def test_a_resource_that_lets_anybody_begin_still_has_an_issuer(server: AuthorizationServer) -> None:
    server.resource.open_methods = ("initialize",)
    got = found(server.resource_url)
    assert got.resource is not None
    assert got.challenged is None


@pytest.mark.requirement("D1", "M1")
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410])
def test_a_refusal_at_one_place_means_the_next(server: AuthorizationServer, status: int) -> None:
    server.misbehave("resource_metadata", Fault.status(status))
    assert found(server.resource_url).resource is not None or found(server.resource_url).server.token_url


@pytest.mark.requirement("D1", "M1")
def test_a_page_in_place_of_a_document_is_passed_over(server: AuthorizationServer) -> None:
    server.misbehave("server_metadata", Fault.captive_portal())
    assert found(server.resource_url).server.issuer == server.issuer


@pytest.mark.requirement("D1", "M1")
@pytest.mark.parametrize("fault", [Fault.status(500), Fault.status(503), Fault.status(429), Fault.reset()])
def test_a_server_in_trouble_means_later(server: AuthorizationServer, fault: Fault) -> None:
    server.misbehave("server_metadata", fault, times=None)
    with pytest.raises(Temporary):
        found(server.resource_url)


@pytest.mark.requirement("M2")
def test_the_issuer_that_the_resource_names_is_asked_and_not_its_host(server: AuthorizationServer) -> None:
    with AuthorizationServer() as other:
        server.trust(other)
        assert found(server.resource_url).server.issuer == other.issuer
    assert not [kind for kind, _ in asked(server) if kind == "server_metadata"]


@pytest.mark.requirement("M7")
def test_a_resource_without_metadata_has_its_server_at_its_origin(server: AuthorizationServer) -> None:
    server.resource.place, server.resource.challenge = "none", "missing"
    got = found(server.resource_url)
    assert (got.resource, got.has_resource, got.server.issuer) == (None, True, server.issuer)


@pytest.mark.requirement("M7", "D2")
def test_the_origin_of_a_resource_without_metadata_names_its_issuer_itself(server: AuthorizationServer) -> None:
    server.resource.place, server.resource.challenge = "none", "missing"
    server.metadata_overrides = {"issuer": f"{server.url}/oauth"}
    assert found(server.resource_url).server.issuer == f"{server.url}/oauth"
    server.metadata_overrides = {"issuer": "https://elsewhere.example/oauth"}
    with pytest.raises(DiscoveryError, match=r"is the metadata of https://elsewhere\.example/oauth, not of"):
        found(server.resource_url)


@pytest.mark.requirement("M7", "D2")
def test_an_issuer_that_was_typed_is_not_another_one_of_its_origin(server: AuthorizationServer) -> None:
    server.metadata_overrides = {"issuer": f"{server.url}/oauth"}
    with pytest.raises(DiscoveryError, match="is the metadata of"):
        found(server.issuer)


@pytest.mark.requirement("M11")
def test_metadata_that_a_challenge_names_and_that_are_not_there_are_an_error(server: AuthorizationServer) -> None:
    server.resource.place, server.metadata_places = "none", ()
    with pytest.raises(DiscoveryError, match="as its metadata, and none can be used there"):
        found(server.resource_url)


@pytest.mark.requirement("M11")
def test_a_server_found_at_the_origin_in_their_place_is_said_aloud(server: AuthorizationServer) -> None:
    server.resource.place = "none"
    got = found(server.resource_url)
    assert got.server.issuer == server.issuer
    assert got.notices == (
        f"{server.resource_url} names {server.resource.metadata_url} as its metadata, and none can be used there.",
    )


@pytest.mark.requirement("M7")
def test_an_old_server_without_any_metadata_is_guessed_and_said_to_be(server: AuthorizationServer) -> None:
    server.resource.place, server.metadata_places = "none", ()
    server.resource.challenge_metadata = False
    got = found(server.resource_url)
    assert got.server.token_url == f"{server.url}/token"
    assert got.notices == (
        f"{server.url} publishes no metadata; its endpoints are guessed as old MCP servers have them.",
    )


@pytest.mark.requirement("M8", "M9")
@pytest.mark.parametrize("place", ["oauth", "openid inserted", "openid appended"])
def test_an_issuer_with_a_path_is_found_at_each_of_the_three_places(server: AuthorizationServer, place: str) -> None:
    server.issuer_path, server.metadata_places = "/tenant/one", (place,)  # type: ignore[assignment]
    got = found(server.issuer)
    assert (got.has_resource, got.server.issuer) == (False, server.issuer)


@pytest.mark.requirement("D2", "M10")
def test_the_slash_of_an_issuer_without_a_path_is_forgiven_and_its_spelling_kept(server: AuthorizationServer) -> None:
    server.metadata_overrides = {"issuer": f"{server.url}/"}
    assert found(server.resource_url).server.issuer == f"{server.url}/"


@pytest.mark.requirement("D2", "M10")
def test_metadata_of_another_issuer_is_refused_and_both_are_shown(server: AuthorizationServer) -> None:
    server.metadata_overrides = {"issuer": "https://elsewhere.example"}
    with pytest.raises(DiscoveryError) as failed:
        found(server.resource_url)
    assert failed.value.message == (
        f"{server.url}/.well-known/oauth-authorization-server is the metadata of https://elsewhere.example, not of"
        f" {server.url}."
    )


@pytest.mark.requirement("D2", "M13")
def test_a_resource_of_another_origin_is_refused(server: AuthorizationServer) -> None:
    server.resource.overrides = {"resource": "https://elsewhere.example/mcp"}
    with pytest.raises(DiscoveryError) as failed:
        found(server.resource_url)
    assert "https://elsewhere.example/mcp" in failed.value.message
    assert server.resource_url in failed.value.message


@pytest.mark.requirement("D2", "M13")
def test_a_resource_that_names_its_origin_is_accepted_and_kept_as_it_is_written(server: AuthorizationServer) -> None:
    server.resource.overrides = {"resource": f"{server.url}/"}
    got = found(server.resource_url)
    assert got.resource is not None
    assert got.resource.resource == f"{server.url}/"


@pytest.mark.requirement("M11")
def test_a_named_issuer_without_metadata_is_an_error_and_no_guess(server: AuthorizationServer) -> None:
    with AuthorizationServer() as other:
        other.metadata_places = ()
        server.trust(other)
        with pytest.raises(DiscoveryError, match="publishes no metadata"):
            found(server.resource_url)
    assert not [kind for kind, _ in asked(server) if kind == "server_metadata"]


@pytest.mark.requirement("D3")
def test_a_document_of_more_than_a_mebibyte_is_passed_over(server: AuthorizationServer) -> None:
    server.misbehave("server_metadata", Fault.huge(2 << 20), times=None)
    with pytest.raises(DiscoveryError, match="more than 1 MiB"):
        found(server.resource_url)


@pytest.mark.requirement("D3", "M12")
def test_a_redirect_within_the_origin_is_followed_and_the_address_at_its_end_kept(server: AuthorizationServer) -> None:
    server.redirects = {"/old": "/mcp"}
    assert found(f"{server.url}/old").url == server.resource_url


@pytest.mark.requirement("D3", "M12")
def test_a_redirect_to_another_origin_is_named_and_not_followed(server: AuthorizationServer) -> None:
    with AuthorizationServer() as other:
        server.redirects = {"/old": other.resource_url}
        with pytest.raises(DiscoveryError, match="another origin") as failed:
            found(f"{server.url}/old")
        assert other.resource_url in failed.value.message
        assert not other.log


@pytest.mark.requirement("D3")
def test_a_document_that_redirects_to_another_origin_is_not_there(server: AuthorizationServer) -> None:
    with AuthorizationServer() as other:
        server.redirects = {"/.well-known/oauth-protected-resource/mcp": f"{other.url}/.well-known/x"}
        found(server.resource_url)
        assert not other.log


@pytest.mark.requirement("D3")
def test_redirects_in_a_circle_end(server: AuthorizationServer) -> None:
    server.redirects = {"/a": "/b", "/b": "/a"}
    with pytest.raises(DiscoveryError, match="more than 3 times"):
        found(f"{server.url}/a")


@pytest.mark.requirement("D3", "M14")
@pytest.mark.parametrize("member", ["token_endpoint", "authorization_endpoint", "registration_endpoint"])
def test_an_endpoint_without_tls_is_refused(server: AuthorizationServer, member: str) -> None:
    server.metadata_overrides = {member: "http://elsewhere.example/token"}
    with pytest.raises(DiscoveryError, match="may not be believed"):
        found(server.resource_url)


@pytest.mark.requirement("M30")
def test_optional_members_of_any_kind_do_not_end_it(server: AuthorizationServer) -> None:
    odd: list[object] = [None, "", 7, [], {}]
    names = ("scopes_supported", "userinfo_endpoint", "revocation_endpoint", "grant_types_supported")
    for value in odd:
        server.metadata_overrides = dict.fromkeys(names, value)
        assert found(server.resource_url).server.scopes is None


def test_a_web_page_is_said_to_be_one(server: AuthorizationServer) -> None:
    server.metadata_places = ()
    server.misbehave("resource", Fault.captive_portal(), times=None)
    server.resource.place = "none"
    with pytest.raises(DiscoveryError, match="it needs no account, or is a web page"):
        found(server.resource_url)


def test_a_page_below_an_issuer_is_no_resource_and_the_issuer_is_named(server: AuthorizationServer) -> None:
    with pytest.raises(DiscoveryError) as failed:
        found(f"{server.url}/some/page")
    assert failed.value.hint == (f"{server.issuer} is an issuer; `gumauth connect {server.issuer}` connects that.")


def test_an_issuer_is_told_from_a_resource(server: AuthorizationServer) -> None:
    got = found(server.issuer)
    assert (got.has_resource, got.resource) == (False, None)


def test_another_issuer_can_be_named(server: AuthorizationServer) -> None:
    with AuthorizationServer() as other:
        got = found(server.resource_url, issuer=other.issuer)
        assert got.server.issuer == other.issuer
        assert got.notices == (
            f"The resource does not name {other.issuer} as its issuer; it is used because you named it.",
        )


@pytest.mark.requirement("S4")
def test_a_command_to_copy_runs_nothing_that_an_issuer_has_in_its_name(server: AuthorizationServer) -> None:
    server.metadata_overrides = {"issuer": "https://x.example/$(id);`id`"}
    with pytest.raises(DiscoveryError) as failed:
        found(server.resource_url)
    assert failed.value.hint == (
        "If that is the issuer that you mean, say so: `--issuer 'https://x.example/$(id);`id`'`."
    )
