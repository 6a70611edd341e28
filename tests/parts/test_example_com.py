"""The two hosts of example.com say of each other what an MCP server and its issuer say, and are two servers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gumauth.testing.messages import Request, Response
from tests.parts.example_com import ExampleCom


@pytest.fixture
def example() -> Iterator[ExampleCom]:
    with ExampleCom() as example:
        yield example


def got(response: Response) -> dict[str, object]:
    assert response.status == 200
    return dict(json.loads(response.body))


def test_the_resource_names_itself_and_its_issuer(example: ExampleCom) -> None:
    asked = Request(method="GET", target="/.well-known/oauth-protected-resource/mcp", headers={}, body=b"")
    found = got(example.mcp.answer(asked))
    assert found["resource"] == "https://mcp.example.com/mcp"
    assert found["authorization_servers"] == ["https://issuer.example.com"]


def test_only_the_issuer_has_metadata_of_an_issuer_and_all_its_endpoints_are_its_own(example: ExampleCom) -> None:
    asked = Request(method="GET", target="/.well-known/oauth-authorization-server", headers={}, body=b"")
    assert example.mcp.answer(asked).status == 404
    found = got(example.issuer.answer(asked))
    endpoints = [value for name, value in found.items() if name.endswith("_endpoint")]
    assert len(endpoints) >= 5
    assert all(str(url).startswith("https://issuer.example.com/") for url in endpoints)
