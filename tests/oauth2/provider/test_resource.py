"""The resource that tokens are for, in every request that can bring some. Source: RFC 8707 §2."""

from __future__ import annotations

import pytest

from gumauth.errors import ProviderCodeError
from tests.loopback import Loopback
from tests.oauth2.provider.acme import acme, exchange, query
from tests.running import run

SPELLINGS = [
    "https://mcp.example.com",
    "https://mcp.example.com/",
    "https://MCP.example.com:443/mcp//a%2Fb?x=1&y=%20",
    "urn:example:api",
]
"""A parser would write all but the last otherwise."""


@pytest.mark.requirement("D5", "M31", "M41")
@pytest.mark.parametrize("resource", SPELLINGS)
def test_the_resource_is_sent_byte_for_byte(server: Loopback, resource: str) -> None:
    provider = acme(server, resource=resource)
    assert query(provider)["resource"] == resource
    exchange(provider)
    run(provider.refresh("r"))
    assert [seen.form["resource"] for seen in server.seen] == [resource, resource]


@pytest.mark.requirement("M32")
def test_without_a_resource_none_is_sent(server: Loopback) -> None:
    provider = acme(server)
    assert "resource" not in query(provider)
    exchange(provider)
    run(provider.refresh("r"))
    assert not any("resource" in seen.form for seen in server.seen)


@pytest.mark.requirement("D5")
def test_further_parameters_do_not_replace_the_resource(server: Loopback) -> None:
    other = {"resource": "https://other.example"}
    with pytest.raises(ProviderCodeError, match="may not set `resource`"):
        query(acme(server, resource="https://api.example", authorize_params=other))
    assert query(acme(server, authorize_params=other))["resource"] == "https://other.example"
    provider = acme(server, resource="https://api.example", token_params=other, refresh_params=other)
    exchange(provider)
    run(provider.refresh("r"))
    assert [seen.form["resource"] for seen in server.seen] == ["https://api.example", "https://api.example"]
