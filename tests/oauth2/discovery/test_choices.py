"""What is asked of a server that is known by its metadata alone."""

from __future__ import annotations

from typing import Any

import pytest

from gumauth.oauth2.discovery.choices import (
    auth_method,
    client_ways,
    refusal,
    s256_unsaid,
    scopes_to_ask,
)
from gumauth.oauth2.discovery.documents import ResourceMetadata, ServerMetadata, read_server

Scopes = tuple[str, ...] | None

REFRESH = ("authorization_code", "refresh_token")


@pytest.mark.requirement("D6")
@pytest.mark.requirement("M33")
@pytest.mark.parametrize(
    ("wanted", "challenged", "resource", "asked"),
    [
        (("w",), ("c",), ("r",), ("w",)),
        ((), ("c", "d"), ("r",), ("c", "d")),
        ((), None, ("r", "s"), ("r", "s")),
        ((), (), ("r",), ("r",)),
        ((), None, None, ()),
        ((), None, (), ()),
    ],
)
def test_the_scopes_are_the_persons_the_challenges_or_the_resources(
    wanted: tuple[str, ...], challenged: Scopes, resource: Scopes, asked: tuple[str, ...]
) -> None:
    for server in (None, ("openid", "profile", "x", "y")):
        assert scopes_to_ask(wanted, challenged, resource, server, REFRESH, has_resource=True) == asked


@pytest.mark.requirement("D6")
@pytest.mark.requirement("M33")
@pytest.mark.requirement("M34")
@pytest.mark.parametrize(
    ("server", "grant_types", "asked"),
    [
        (("openid", "profile", "email", "offline_access", "admin"), REFRESH, "openid profile email offline_access"),
        (("email", "openid"), REFRESH, "openid email"),
        (("openid", "offline_access"), None, "openid offline_access"),
        (("openid", "offline_access"), ("authorization_code",), "openid"),
        (("read", "write"), None, ""),
        (("read", "offline_access"), None, ""),
        (None, None, "openid"),
        ((), None, "openid"),
    ],
)
def test_an_issuer_alone_is_asked_who_the_person_is(server: Scopes, grant_types: Scopes, asked: str) -> None:
    assert " ".join(scopes_to_ask((), None, None, server, grant_types, has_resource=False)) == asked
    assert scopes_to_ask(("w",), None, None, server, grant_types, has_resource=False) == ("w",)


@pytest.mark.requirement("D6")
@pytest.mark.requirement("M34")
@pytest.mark.parametrize(
    ("challenged", "resource", "server", "grant_types", "asked"),
    [
        (None, ("r",), ("offline_access",), REFRESH, "r offline_access"),
        (None, ("r",), ("offline_access",), None, "r offline_access"),
        (None, ("r",), ("offline_access",), (), "r offline_access"),
        (("c",), ("r",), ("offline_access",), REFRESH, "c offline_access"),
        (None, ("r",), ("offline_access",), ("authorization_code",), "r"),
        (None, ("offline_access", "r"), ("offline_access",), REFRESH, "offline_access r"),
        (None, ("offline_access", "r"), ("openid",), REFRESH, "r"),
        (None, ("offline_access", "r"), None, ("authorization_code",), "r"),
        (None, ("offline_access", "r"), None, None, "offline_access r"),
        (("c", "offline_access"), None, ("openid",), REFRESH, "c offline_access"),
        (None, None, ("offline_access",), REFRESH, ""),
    ],
)
def test_offline_access_is_asked_for_where_the_server_lists_it(
    challenged: Scopes, resource: Scopes, server: Scopes, grant_types: Scopes, asked: str
) -> None:
    assert " ".join(scopes_to_ask((), challenged, resource, server, grant_types, has_resource=True)) == asked


@pytest.mark.requirement("M26")
@pytest.mark.parametrize(
    ("listed", "with_secret", "without"),
    [
        (None, "basic", "none"),
        ((), "basic", "none"),
        (("none",), "none", "none"),
        (("none", "client_secret_post", "client_secret_basic"), "body", "none"),
        (("client_secret_basic", "client_secret_post"), "basic", "none"),
        (("private_key_jwt", "client_secret_post"), "body", "none"),
        (("private_key_jwt", "none"), "none", "none"),
        (("private_key_jwt", "tls_client_auth", "client_secret_jwt"), None, None),
    ],
)
def test_a_client_authenticates_by_one_method_that_the_server_lists(
    listed: Scopes, with_secret: str | None, without: str | None
) -> None:
    assert auth_method(listed, has_secret=True) == with_secret
    assert auth_method(listed, has_secret=False) == without


@pytest.mark.requirement("M15")
@pytest.mark.requirement("M16")
@pytest.mark.parametrize(
    ("known", "ways"),
    [
        ({"prepared": True}, ["prepared"]),
        ({}, ["document", "registration"]),
        ({"auth_methods": ()}, ["document", "registration"]),
        ({"auth_methods": ("client_secret_basic", "none")}, ["document", "registration"]),
        ({"auth_methods": ("client_secret_basic",)}, ["registration", "document"]),
        ({"auth_methods": ("client_secret_basic",), "registration_url": None}, ["document"]),
        ({"registration_url": None}, ["document"]),
        ({"takes_documents": False}, ["registration"]),
        ({"document_url": None}, ["registration"]),
        ({"document_url": None, "registration_url": None}, []),
        ({"takes_documents": False, "registration_url": None}, []),
    ],
)
def test_the_client_is_the_prepared_one_a_document_or_a_registration(known: dict[str, Any], ways: list[str]) -> None:
    usual = {"prepared": False, "takes_documents": True, "document_url": "https://p.example/c", "auth_methods": None}
    found = client_ways(**{**usual, "registration_url": "https://as.example/register", **known})
    assert list(found) == ways


def server(**members: Any) -> ServerMetadata:
    usual = {"authorization_endpoint": "https://as.example/authorize", "token_endpoint": "https://as.example/token"}
    return read_server({"issuer": "https://as.example", **usual, **members})


@pytest.mark.requirement("D4")
@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, None),
        ({"code_challenge_methods_supported": ["plain", "S256"]}, None),
        ({"code_challenge_methods_supported": []}, None),
        ({"code_challenge_methods_supported": None}, None),
        ({"code_challenge_methods_supported": ["plain", "s256"]}, "does not take PKCE with S256, only plain, s256"),
        ({"authorization_endpoint": None}, "has neither a page for consent nor a device grant"),
        ({"authorization_endpoint": None, "device_authorization_endpoint": "https://as.example/device"}, None),
        ({"require_signed_request_object": True}, "takes only signed authorization requests"),
        ({"require_signed_request_object": False}, None),
        (
            {"token_endpoint_auth_methods_supported": ["tls_client_auth", "private_key_jwt"]},
            "takes only clients that authenticate by tls_client_auth, private_key_jwt",
        ),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt", "none"]}, None),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"]}, None),
        ({"dpop_signing_alg_values_supported": ["ES256"]}, None),
        ({"tls_client_certificate_bound_access_tokens": True}, None),
    ],
)
def test_what_gumauth_does_not_do_is_said_in_words(members: dict[str, Any], reason: str | None) -> None:
    resource = ResourceMetadata(resource="https://h.example")
    for about in (resource, None):
        said = refusal(server(**members), about, has_resource=True)
        assert said == (reason and f"its authorization server {reason}")
    assert refusal(server(**members), None, has_resource=False) == (reason and f"it {reason}")


def test_a_resource_that_wants_proofs_is_refused_in_words() -> None:
    resource = ResourceMetadata(resource="https://h.example", needs_proof=True)
    said = refusal(server(), resource, has_resource=True)
    assert said == "it takes only tokens with a proof of possession (DPoP)"


@pytest.mark.requirement("D4")
@pytest.mark.parametrize(
    ("methods", "is_unsaid"), [(None, True), ([], True), ("S256", True), (["S256"], False), (["plain"], False)]
)
def test_a_server_without_a_list_of_challenge_methods_is_told_apart(methods: Any, is_unsaid: bool) -> None:
    assert s256_unsaid(server(code_challenge_methods_supported=methods)) is is_unsaid
