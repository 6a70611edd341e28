"""The parameter `resource` says what tokens are good for (RFC 8707)."""

from __future__ import annotations

import pytest

from gumauth.testing.person import PageRefused
from tests.testing.clients import App, sent_back

MCP = "https://mcp.example/mcp"


def test_the_resource_is_recorded_with_the_family_and_in_the_events(app: App) -> None:
    _, fields = app.redeem(app.server.code_from(app.url(resource=MCP)), resource=MCP)
    assert app.refresh(fields["refresh_token"], resource=MCP)[0] == 200
    assert [family.resource for family in app.server.families] == [MCP]
    named = [(event.kind, event.details.get("resource")) for event in app.server.log]
    assert named == [
        ("authorize", MCP),
        ("consent", None),
        ("code issued", None),
        ("token", MCP),
        ("refresh", MCP),
    ]


def test_a_request_at_the_token_endpoint_may_leave_the_resource_out_and_may_not_change_it(app: App) -> None:
    status, fields = app.redeem(app.server.code_from(app.url(resource=MCP)))
    assert (status, app.server.families[0].resource) == (200, MCP)
    status, refused = app.refresh(fields["refresh_token"], resource=MCP + "/")
    assert (status, refused["error"]) == (400, "invalid_target")
    assert app.server.log[-1].details["resource"] == MCP + "/"
    assert app.refresh(fields["refresh_token"])[0] == 200
    status, refused = app.redeem(app.server.code_from(app.url(resource=MCP)), resource="https://mcp.example")
    assert (status, refused["error"]) == (400, "invalid_target")
    assert app.redeem(app.server.code_from(app.url()), resource=MCP)[1]["error"] == "invalid_target"


@pytest.mark.parametrize("resource", ["mcp.example", "/mcp", "https://mcp.example/mcp#part", "https://[", ""])
def test_a_resource_is_an_absolute_uri_without_a_fragment(app: App, resource: str) -> None:
    back = sent_back(app.server.follow(app.url(resource=resource)))
    assert (back["error"], back["state"]) == ("invalid_target", app.state)


def test_a_resource_that_comes_twice_is_refused(app: App) -> None:
    with pytest.raises(PageRefused, match="a parameter is there twice"):
        app.server.follow(app.url(resource=MCP) + f"&resource={MCP}")


def test_a_resource_can_be_required(app: App) -> None:
    app.server.resource_parameter = "required"
    assert sent_back(app.server.follow(app.url()))["error"] == "invalid_target"
    assert app.redeem(app.server.code_from(app.url(resource=MCP)))[1]["error"] == "invalid_target"
    status, fields = app.redeem(app.server.code_from(app.url(resource=MCP)), resource=MCP)
    assert status == 200
    assert app.refresh(fields["refresh_token"])[1]["error"] == "invalid_target"
    assert app.refresh(fields["refresh_token"], resource=MCP)[0] == 200


def test_a_resource_can_be_refused(app: App) -> None:
    app.server.resource_parameter = "refused"
    assert sent_back(app.server.follow(app.url(resource=MCP)))["error"] == "invalid_target"
    assert app.redeem(app.server.code_from(app.url()), resource=MCP)[1]["error"] == "invalid_target"
    assert app.redeem(app.server.code_from(app.url()))[0] == 200


def test_a_resource_can_be_ignored(app: App) -> None:
    app.server.resource_parameter = "ignored"
    assert app.redeem(app.server.code_from(app.url(resource="no URI")), resource=MCP)[0] == 200
    assert app.server.families[0].resource is None


def test_an_exact_server_takes_only_its_own_resources_byte_for_byte(app: App) -> None:
    app.server.resource_exact = True
    url = app.server.resource_url
    assert "code" in sent_back(app.server.follow(app.url(resource=url)))
    for other in (url + "/", app.server.url, url.upper(), url.replace("http:", "https:"), url + "?a=b"):
        assert sent_back(app.server.follow(app.url(resource=other)))["error"] == "invalid_target"


def test_with_one_grant_another_resource_has_a_family_of_its_own(app: App) -> None:
    app.server.one_grant = True
    for resource in (MCP, MCP, "https://mcp.example/other", None):
        app.redeem(app.server.code_from(app.url(resource=resource)))
    assert [family.resource for family in app.server.families] == [MCP, "https://mcp.example/other", None]
