"""What a discovered service is asked for, and what of its answers is believed: addresses, resource, scopes, issuer."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from gumauth.client.discovery.find import Wishes, find
from gumauth.errors import CallbackTimeout, DiscoveryError, Temporary, TokenEndpointError
from gumauth.testing import AuthorizationServer, Fault
from tests.client.discovery.found_world import FoundWorld, Visitor


def resources(found: FoundWorld) -> list[tuple[str, object]]:
    """The parameter `resource` of every request that could bring tokens, in order."""
    kinds = ("authorize", "token", "refresh")
    return [(event.kind, event.details.get("resource")) for event in found.server.log if event.kind in kinds]


@pytest.mark.requirement("D1", "D2", "D6", "D7")
def test_an_address_alone_makes_an_account_with_a_good_token(found: FoundWorld, usual_port: int) -> None:
    person = Visitor(found)
    connected = found.connect(person)
    server, (client,) = found.server, found.kept()
    assert (connected.account.label, connected.notices) == (f"{found.name}/The strict resource", ())
    assert person.details == [
        ("Resource", f"The strict resource, {server.resource_url}"),
        ("Issuer", server.issuer),
        ("Client", f"{client.client_id} (registered just now)"),
        ("Scopes", "read"),
        ("Redirect URI", f"http://127.0.0.1:{usual_port}/callback"),
    ]
    assert server.good_for(found.token().access_token, server.resource_url) is not None


@pytest.mark.requirement("M2")
def test_the_tokens_come_from_the_issuer_that_the_resource_names(found: FoundWorld) -> None:
    with AuthorizationServer(clock=found.clock) as issuer:
        found.server.trust(issuer)
        found.connect()
        token = found.token().access_token
        assert issuer.good_for(token, found.server.resource_url) is not None
        assert found.account().provider == found.name
    assert not [event for event in found.server.log if event.kind in ("authorize", "token", "register")]


@pytest.mark.requirement("M29")
def test_an_account_stays_with_the_issuer_that_was_chosen_for_as_long_as_the_resource_names_it(
    found: FoundWorld,
) -> None:
    with AuthorizationServer(clock=found.clock) as chosen:
        found.server.trust(found.server, chosen)
        found.connect(wishes=Wishes(issuer=chosen.issuer))
        again = find(found.new_context(), found.server.resource_url)
        assert (again.service.issuer, again.notices) == (chosen.issuer, ())
        found.server.trust(found.server)
        with pytest.raises(DiscoveryError) as failed:
            find(found.new_context(), found.server.resource_url)
        assert failed.value.message.startswith(f"The issuer of {found.name} was {chosen.issuer}, and is ")


@pytest.mark.requirement("D2", "M13")
@pytest.mark.parametrize("resource", ["https://elsewhere.example/mcp", "{url}/mc", "{url}/mcp/deeper"])
def test_a_resource_that_says_it_is_another_is_refused_before_anything_is_opened(
    found: FoundWorld, resource: str
) -> None:
    said = resource.format(url=found.server.url)
    found.server.resource.overrides = {"resource": said}
    person = Visitor(found)
    with pytest.raises(DiscoveryError) as failed:
        found.connect(person)
    assert said in failed.value.message
    assert found.server.resource_url in failed.value.message
    assert (person.urls, found.accounts(), found.service()) == ([], [], None)
    assert not found.events("register")


@pytest.mark.requirement("M13", "M31")
@pytest.mark.parametrize("end", ["", "/"])
def test_a_resource_that_names_its_origin_is_connected_by_that_name_byte_for_byte(found: FoundWorld, end: str) -> None:
    found.server.resource_exact = True
    found.server.resource.overrides = {"resource": f"{found.server.url}{end}"}
    found.connect()
    found.refreshed()
    assert resources(found) == [(kind, f"{found.server.url}{end}") for kind in ("authorize", "token", "refresh")]
    assert found.server.good_for(found.token().access_token, f"{found.server.url}{end}")


@pytest.mark.requirement("D5", "M31", "M41")
@pytest.mark.parametrize("path", ["/mcp", "/mcp/", "/v1/%7Eteam;x=1/mcp", "/mcp?tenant=A%2fb"])
def test_the_resource_goes_with_every_request_as_it_is_written(found: FoundWorld, path: str) -> None:
    found.server.resource.path = urlsplit(path).path
    found.server.resource.overrides = {"resource": found.server.url + path}
    person = Visitor(found)
    found.connect(person, url=found.server.url + path)
    found.refreshed()
    assert resources(found) == [(kind, found.server.url + path) for kind in ("authorize", "token", "refresh")]
    assert person.sent()[0]["resource"] == found.server.url + path


@pytest.mark.requirement("D5")
def test_a_server_that_refuses_the_resource_is_asked_once_more_without_and_that_is_remembered(
    found: FoundWorld,
) -> None:
    found.server.resource_parameter = "refused"
    person = Visitor(found)
    found.connect(person)
    assert [each.get("resource") for each in person.sent()] == [found.server.resource_url, None]
    assert "The strict resource refuses `resource`; asking again without it." in person.said
    assert found.kept()[0].client_id == person.client_ids[0] == person.client_ids[1]
    found.refreshed()
    assert resources(found)[-1] == ("refresh", None)
    again = Visitor(found)
    found.connect(again)
    assert [each.get("resource") for each in again.sent()] == [None]


@pytest.mark.requirement("D5")
def test_a_server_that_refuses_the_resource_at_its_token_endpoint_is_asked_once_more_too(found: FoundWorld) -> None:
    found.server.misbehave("token", Fault.error("invalid_target"))
    person = Visitor(found)
    found.connect(person)
    assert [each.get("resource") for each in person.sent()] == [found.server.resource_url, None]


@pytest.mark.requirement("D5")
def test_a_server_that_refuses_both_ways_is_asked_twice_and_no_more(found: FoundWorld) -> None:
    found.server.misbehave("token", Fault.error("invalid_target"), times=None)
    person = Visitor(found)
    with pytest.raises(TokenEndpointError, match="invalid_target"):
        found.connect(person)
    assert len(person.urls) == 2
    assert found.accounts() == []


@pytest.mark.requirement("M32")
def test_the_resource_is_left_out_where_the_person_says_so_and_by_every_refresh_after(found: FoundWorld) -> None:
    person = Visitor(found)
    found.connect(person, wishes=Wishes(no_resource=True))
    found.refreshed()
    found.connect(person)
    assert resources(found) == [(kind, None) for kind in ("authorize", "token", "refresh", "authorize", "token")]


@pytest.mark.requirement("D6", "M33")
@pytest.mark.parametrize(
    ("challenged", "said", "asked"),
    [
        (True, ["read", "write"], "read"),
        (False, ["read", "write"], "read write"),
        (False, None, None),
    ],
)
def test_the_scopes_are_the_challenges_else_the_resources_and_never_those_of_the_server(
    found: FoundWorld, challenged: bool, said: list[str] | None, asked: str | None
) -> None:
    found.server.resource.challenge_scope = challenged
    found.server.resource.overrides = {"scopes_supported": said}
    person = Visitor(found)
    found.connect(person)
    assert person.sent()[0].get("scope") == asked
    assert dict(person.details)["Scopes"] == (asked or "none in particular")


@pytest.mark.requirement("D6")
def test_scopes_that_the_person_names_are_asked_for_alone(found: FoundWorld) -> None:
    person = Visitor(found)
    found.connect(person, scopes=("write",))
    assert person.sent()[0]["scope"] == "write"


@pytest.mark.requirement("D6", "M34")
@pytest.mark.parametrize(("listed", "asked"), [(True, "read offline_access"), (False, "read")])
def test_offline_access_is_asked_for_where_the_server_lists_it(found: FoundWorld, listed: bool, asked: str) -> None:
    if listed:
        found.server.metadata_overrides = {"scopes_supported": ["read", "write", "offline_access"]}
    person = Visitor(found)
    found.connect(person)
    assert person.sent()[0]["scope"] == asked


@pytest.mark.requirement("M42")
def test_a_scope_that_is_added_is_asked_for_beside_those_before(found: FoundWorld) -> None:
    found.connect()
    person = Visitor(found)
    connected = found.connect(person, added_scopes=("write",))
    assert person.sent()[0]["scope"] == "read write"
    assert (connected.account.scopes, found.accounts()) == (("read", "write"), [connected.account.label])
    third = Visitor(found)
    found.connect(third)
    assert third.sent()[0]["scope"] == "read write"


@pytest.mark.requirement("M35")
def test_an_answer_without_the_issuer_that_the_server_always_sends_is_refused(found: FoundWorld) -> None:
    found.server.metadata_overrides = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(CallbackTimeout):
        found.connect(timeout=0.3)
    assert (len(found.events("code issued")), found.events("token")) == (1, [])


@pytest.mark.requirement("M35")
def test_an_answer_with_another_issuer_is_refused_also_where_none_was_promised(found: FoundWorld) -> None:
    found.server.misbehave("authorize", Fault.params(iss="https://elsewhere.example"))
    with pytest.raises(CallbackTimeout):
        found.connect(timeout=0.3)
    assert (len(found.events("code issued")), found.events("token")) == (1, [])


@pytest.mark.requirement("M35", "M10")
def test_the_issuer_is_compared_as_its_metadata_spell_it_and_not_demanded_where_it_is_not_promised(
    found: FoundWorld,
) -> None:
    found.connect()
    found.server.send_issuer, found.server.issuer_path = True, "/"
    assert found.connect().account.state == "ok"


@pytest.mark.requirement("M37")
def test_an_answer_without_state_does_not_end_the_wait(found: FoundWorld) -> None:
    found.server.misbehave("authorize", Fault.params(state=None))
    with pytest.raises(CallbackTimeout):
        found.connect(timeout=0.3)
    assert (len(found.events("code issued")), found.events("token")) == (1, [])


@pytest.mark.requirement("D4")
def test_s256_is_sent_where_the_server_says_nothing_of_it_and_that_is_said(found: FoundWorld) -> None:
    found.server.metadata_without = ("code_challenge_methods_supported",)
    notices = find(found.context, found.server.resource_url).notices
    assert notices == (f"{found.server.issuer} does not say that it checks PKCE; S256 is sent all the same.",)
    person = Visitor(found)
    found.connect(person)
    assert person.sent()[0]["code_challenge_method"] == "S256"


@pytest.mark.requirement("D4")
def test_a_server_whose_list_lacks_s256_is_not_connected(found: FoundWorld) -> None:
    found.server.metadata_overrides = {"code_challenge_methods_supported": ["plain"]}
    person = Visitor(found)
    with pytest.raises(DiscoveryError, match="S256"):
        found.connect(person)
    assert (person.urls, found.accounts(), found.events("register")) == ([], [], [])


@pytest.mark.requirement("D3", "M12")
def test_the_address_at_the_end_of_a_redirect_is_the_one_that_is_kept(found: FoundWorld) -> None:
    found.server.redirects = {"/old": "/mcp"}
    found.connect(url=f"{found.server.url}/old")
    assert found.account().source == found.server.resource_url


@pytest.mark.requirement("M1")
@pytest.mark.parametrize("place", ["resource_metadata", "server_metadata"])
def test_a_server_in_trouble_is_to_be_tried_later_and_nothing_is_left(found: FoundWorld, place: str) -> None:
    found.server.misbehave(place, Fault.status(503), times=None)  # type: ignore[arg-type]
    person = Visitor(found)
    if place == "resource_metadata":
        found.server.metadata_places = ()
    with pytest.raises(Temporary):
        found.connect(person)
    assert (person.urls, found.accounts(), found.service()) == ([], [], None)


@pytest.mark.requirement("M47")
def test_two_resources_of_one_host_are_two(found: FoundWorld) -> None:
    other = found.server.add_resource("/other/mcp")
    found.connect()
    connected = found.connect(url=other.url, wishes=Wishes(name="other"))
    assert found.accounts() == [f"{found.name}/The strict resource", "other/The strict resource"]
    assert [account.source for account in (found.account(), connected.account)] == [
        found.server.resource_url,
        other.url,
    ]
    mine, others = found.token().access_token, found.token("other").access_token
    assert found.server.good_for(mine, found.server.resource_url)
    assert found.server.good_for(others, other.url)
    assert found.server.good_for(mine, other.url) is None
    assert len(found.kept()) == 1  # one issuer, one client


@pytest.mark.requirement("M44")
@pytest.mark.parametrize(
    "body", [b'["scope", "unknown"]', b"nothing that is JSON", b"", b'{"detail": [{"msg": "bad"}]}']
)
def test_an_error_of_any_form_ends_in_words(found: FoundWorld, body: bytes) -> None:
    found.server.misbehave("token", Fault.content(body, status=400))
    with pytest.raises(TokenEndpointError) as failed:
        found.connect()
    assert "400" in failed.value.message
    assert found.accounts() == []
