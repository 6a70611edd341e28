"""The stand-in for Linear says whose organization it is."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from gumauth.testing.messages import Request
from tests.parts.linear import Linear
from tests.parts.service import FORM
from tests.testing.clients import sent_back

REDIRECT = "http://localhost:4862/callback"
ASKED = {"response_type": "code", "client_id": "linear-app", "redirect_uri": REDIRECT, "state": "a-state"}


@pytest.fixture
def linear() -> Iterator[Linear]:
    with Linear(secrets.token_urlsafe(24)) as linear:
        yield linear


def data(linear: Linear, *, person: str | None = None, workspace: str | None = None) -> dict[str, Any]:
    """What GraphQL answers to who consented."""
    url = f"https://linear.app/oauth/authorize?{urlencode(ASKED)}"
    code = sent_back(linear.follow(url, person=person, workspace=workspace))["code"]
    itself = {"client_id": "linear-app", "client_secret": linear.client.secret or ""}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **itself}
    body = urlencode(form).encode()
    answer = linear.api(Request(method="POST", target="/oauth/token", headers={"content-type": FORM}, body=body))
    headers = {"authorization": f"Bearer {json.loads(answer.body)['access_token']}"}
    query = json.dumps({"query": "{ viewer { id } organization { id } }"}).encode()
    asked = linear.api(Request(method="POST", target="/graphql", headers=headers, body=query))
    found: dict[str, Any] = json.loads(asked.body)["data"]
    return found


def test_linears_organization_is_analytical_where_none_is_named(linear: Linear) -> None:
    assert data(linear) == {
        "viewer": {"id": "ada", "name": "Ada", "email": "ada@example.com"},
        "organization": {"id": "ws-analytical", "name": "Analytical", "urlKey": "analytical"},
    }


def test_linears_organization_is_the_workspace_of_who_consented(linear: Linear) -> None:
    assert data(linear, person="grace", workspace="beta") == {
        "viewer": {"id": "grace", "name": "Grace", "email": "grace@example.com"},
        "organization": {"id": "ws-beta", "name": "Beta", "urlKey": "beta"},
    }
    assert data(linear, person="grace/gamma")["organization"]["urlKey"] == "gamma"
