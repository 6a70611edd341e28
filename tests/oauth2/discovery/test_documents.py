"""Metadata as servers publish it: what is used of it, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.oauth2.discovery.documents import (
    ResourceMetadata,
    ServerMetadata,
    read_resource,
    read_server,
    wrong_endpoints,
)

LEAST = {"issuer": "https://as.example", "token_endpoint": "https://as.example/token"}


def test_all_that_is_used_of_a_resource_is_read() -> None:
    assert read_resource(
        {
            "resource": "https://h.example/mcp/",
            "authorization_servers": ["https://as.example/", "https://other.example"],
            "scopes_supported": ["read", "write"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Example",
            "dpop_bound_access_tokens_required": True,
        }
    ) == ResourceMetadata(
        resource="https://h.example/mcp/",
        authorization_servers=("https://as.example/", "https://other.example"),
        scopes=("read", "write"),
        name="Example",
        needs_proof=True,
    )


def test_all_that_is_used_of_a_server_is_read() -> None:
    assert read_server(
        {
            "issuer": "https://as.example/",
            "authorization_endpoint": "https://as.example/authorize?a=b",
            "token_endpoint": "https://as.example/token/",
            "registration_endpoint": "https://as.example/register",
            "revocation_endpoint": "https://as.example/revoke",
            "userinfo_endpoint": "https://as.example/me",
            "device_authorization_endpoint": "https://as.example/device",
            "pushed_authorization_request_endpoint": "https://as.example/par",
            "require_pushed_authorization_requests": True,
            "scopes_supported": ["openid"],
            "grant_types_supported": ["authorization_code"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
            "require_signed_request_object": True,
            "service_documentation": "https://as.example/docs",
        }
    ) == ServerMetadata(
        issuer="https://as.example/",
        authorize_url="https://as.example/authorize?a=b",
        token_url="https://as.example/token/",
        registration_url="https://as.example/register",
        revoke_url="https://as.example/revoke",
        userinfo_url="https://as.example/me",
        device_url="https://as.example/device",
        par_url="https://as.example/par",
        requires_par=True,
        scopes=("openid",),
        grant_types=("authorization_code",),
        auth_methods=("none", "client_secret_post"),
        challenge_methods=("S256",),
        sends_issuer=True,
        takes_documents=True,
        needs_signed_request=True,
        documentation="https://as.example/docs",
    )


@pytest.mark.requirement("M30")
@pytest.mark.parametrize("value", [None, "", 7, [], {}, [None, 7, ""], "true", 1, ["\x1b[31m"], "\n", "x" * 2001])
def test_an_optional_member_of_a_wrong_form_is_as_good_as_absent(value: Any) -> None:
    odd_lists = dict.fromkeys(
        (
            *("grant_types_supported", "token_endpoint_auth_methods_supported", "code_challenge_methods_supported"),
            *("scopes_supported", "authorization_servers"),
        ),
        value,
    )
    flags = dict.fromkeys(
        (
            *("require_pushed_authorization_requests", "authorization_response_iss_parameter_supported"),
            *("client_id_metadata_document_supported", "require_signed_request_object"),
            "dpop_bound_access_tokens_required",
        ),
        value,
    )
    assert read_server({**LEAST, **odd_lists, **flags}) == read_server(LEAST)
    assert read_resource({"resource": "https://h.example", **odd_lists, **flags}) == ResourceMetadata(
        resource="https://h.example"
    )


@pytest.mark.requirement("M30")
@pytest.mark.parametrize(
    "value", [None, "", 7, [], {}, True, ["https://as.example/x"], "https://as.example/\n", "x" * 2001]
)
def test_an_optional_text_of_a_wrong_form_is_as_good_as_absent(value: Any) -> None:
    texts = dict.fromkeys(
        (
            *("authorization_endpoint", "registration_endpoint", "revocation_endpoint", "userinfo_endpoint"),
            *("device_authorization_endpoint", "pushed_authorization_request_endpoint", "service_documentation"),
            "resource_name",
        ),
        value,
    )
    assert read_server({**LEAST, **texts}) == ServerMetadata(
        issuer="https://as.example", token_url="https://as.example/token"
    )
    assert read_resource({"resource": "https://h.example", **texts}).name == ""


@pytest.mark.requirement("M30")
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "it is no JSON object"),
        ([], "it is no JSON object"),
        ("<html>", "it is no JSON object"),
        ({}, "it has no issuer"),
        ({"issuer": None, "token_endpoint": "https://as.example/token"}, "it has no issuer"),
        ({"issuer": "https://as.example"}, "it has no token_endpoint"),
        ({"issuer": "https://as.example", "token_endpoint": 7}, "it has no token_endpoint"),
    ],
)
def test_metadata_of_a_server_without_what_is_needed_is_none(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        read_server(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [(7, "it is no JSON object"), ({"resource": ""}, "it has no resource"), ({}, "it has no resource")],
)
def test_metadata_of_a_resource_without_what_is_needed_is_none(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        read_resource(data)


@pytest.mark.requirement("Y8")
def test_lists_are_bounded_and_hold_each_text_once() -> None:
    found = read_server({**LEAST, "grant_types_supported": ["a", "b", "a", *map(str, range(500))]})
    assert found.grant_types is not None
    assert found.grant_types[:3] == ("a", "b", "0")
    assert len(found.grant_types) == 199


def test_a_text_of_2000_characters_is_read() -> None:
    assert read_server({**LEAST, "service_documentation": "x" * 2000}).documentation == "x" * 2000


@pytest.mark.requirement("M33")
def test_a_scope_with_a_blank_in_it_is_no_scope() -> None:
    assert read_server({**LEAST, "scopes_supported": ["a b", "c"]}).scopes == ("c",)
    assert read_server({**LEAST, "scopes_supported": ["a b"]}).scopes is None


@pytest.mark.requirement("D3")
@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("authorize_url", "authorization_endpoint"),
        ("token_url", "token_endpoint"),
        ("registration_url", "registration_endpoint"),
        ("revoke_url", "revocation_endpoint"),
        ("userinfo_url", "userinfo_endpoint"),
        ("device_url", "device_authorization_endpoint"),
        ("par_url", "pushed_authorization_request_endpoint"),
    ],
)
def test_every_endpoint_is_looked_at(member: str, name: str) -> None:
    urls = {"issuer": "https://as.example", "token_url": "https://as.example/token", member: "http://as.example/x"}
    assert wrong_endpoints(ServerMetadata(**urls), "https://h.example/mcp") == [  # type: ignore[arg-type]
        f"its {name} http://as.example/x is not https"
    ]


@pytest.mark.requirement("D3")
def test_a_private_endpoint_is_wrong_from_a_public_address_alone() -> None:
    server = read_server({**LEAST, "token_endpoint": "https://10.0.0.1/token", "revocation_endpoint": "javascript:x"})
    assert wrong_endpoints(server, "https://h.example/mcp") == [
        "its token_endpoint https://10.0.0.1/token is in a private network",
        "its revocation_endpoint javascript:x is not https",
    ]
    assert wrong_endpoints(read_server({**LEAST, "token_endpoint": "https://10.0.0.1/"}), "https://10.0.0.9/mcp") == []
    loopback = {"issuer": "http://127.0.0.1:9", "token_endpoint": "http://127.0.0.1:9/token"}
    assert wrong_endpoints(read_server(loopback), "http://127.0.0.1:9/mcp") == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    (
        *("resource", "authorization_servers", "scopes_supported", "resource_name", "issuer", "token_endpoint"),
        *("authorization_endpoint", "code_challenge_methods_supported", "require_pushed_authorization_requests"),
    )
)


@given(JSON | st.dictionaries(NAMES, JSON, max_size=9))
def test_any_json_is_metadata_or_a_value_error(data: object) -> None:
    for read in (read_resource, read_server):
        try:
            found = read(data)
        except ValueError:
            continue
        assert isinstance(data, dict)
        if isinstance(found, ServerMetadata):
            wrong_endpoints(found, "https://h.example")
