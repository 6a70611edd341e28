"""The client metadata document, and where it may be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.oauth2.discovery.document import client_document, document_fault


@pytest.mark.requirement("M16")
@pytest.mark.requirement("M18")
@pytest.mark.requirement("M19")
@pytest.mark.requirement("M21")
def test_the_document_names_itself_and_a_native_client() -> None:
    document = client_document("https://project.example/oauth/client.json")
    assert document == {
        "client_id": "https://project.example/oauth/client.json",
        "client_name": "gumauth",
        "client_uri": "https://project.example",
        "application_type": "native",
        "redirect_uris": [
            "http://127.0.0.1/callback",
            "http://localhost/callback",
            "http://127.0.0.1:4862/callback",
            "http://localhost:4862/callback",
        ],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }
    assert len(json.dumps(document)) < 5000


@pytest.mark.requirement("M16")
@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://project.example/oauth/client.json", None),
        ("https://project.example:8443/c", None),
        ("https://conformance-test.local/client-metadata.json", None),
        ("https://project.example/c?v=1", None),
        ("http://project.example/c", "it is not https"),
        ("http://127.0.0.1:8931/c", "it is not https"),
        ("project.example/c", "it is not https"),
        ("", "it is not https"),
        ("https://project.example", "it has no path"),
        ("https://project.example/", "it has no path"),
        ("https://project.example/?c", "it has no path"),
        ("https://project.example/c#d", "it has a fragment"),
        ("https://project.example/c#", "it has a fragment"),
        ("https://u@project.example/c", "it carries a user name"),
        ("https://project.example/a/../c", "it has a segment . or .. in its path"),
        ("https://project.example/%2e/c", "it has a segment . or .. in its path"),
        ("https://project.example/c d", "it holds a blank or a control character"),
        ("https://project.example/é", "it holds a character that has to be percent-encoded"),
        ("https:///c", "it has no proper host"),
    ],
)
def test_a_url_that_no_server_takes_as_a_client_id_is_told_before(url: str, fault: str | None) -> None:
    assert document_fault(url) == fault


@given(st.text(max_size=40))
def test_any_text_is_a_client_id_or_has_a_fault(text: str) -> None:
    url = f"https://project.example/{text}"
    if document_fault(url) is None:
        assert client_document(url)["client_id"] == url
