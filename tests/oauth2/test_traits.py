"""What a provider says beyond the contract has a default, and a value of a wrong kind does no harm."""

from __future__ import annotations

import pytest

from gumauth.errors import ProviderCodeError
from gumauth.oauth2 import OAuth2Provider
from gumauth.oauth2.traits import UNKNOWN, traits_of
from gumauth.provider import AuthProvider

WRONG = 7
"""A value that is of no attribute's kind, but for those that are true or false."""


@pytest.mark.parametrize(
    ("name", "default", "value", "read", "wrong"),
    [
        ("title", "", "Acme", "Acme", "7"),
        ("docs_url", "", None, "", "7"),
        ("register_redirect", True, 0, False, True),
        ("scopes", None, ["a", "b"], ("a", "b"), None),
        ("scope_param", "scope", "user_scope", "user_scope", "7"),
        ("scope_names", {}, {"a": "b"}, {"a": "b"}, {}),
        ("unechoed_scopes", (), {"a"}, ("a",), ()),
        ("client_id_param", "client_id", "client_key", "client_key", "7"),
        ("issuer", None, "https://as.example", "https://as.example", 7),
        ("issuer_required", False, True, True, True),
        ("response_mode", None, "form_post", "form_post", 7),
        ("redirect_host", "localhost", "127.0.0.1", "127.0.0.1", ProviderCodeError),
        ("redirect_ports", (4862,), [1, 2], (1, 2), ProviderCodeError),
        ("redirect_ports", (4862,), (), (), ProviderCodeError),
        ("redirect_path", "/callback", "/back", "/back", ProviderCodeError),
        ("redirect_tls", False, True, True, ProviderCodeError),
        ("callback_extras", (), ("realmId", 7), ("realmId", "7"), ()),
        ("client_auth", "body", "none", "none", 7),
        ("public_client", True, False, False, True),
        ("token_scheme", "Bearer", "Zoho-oauthtoken", "Zoho-oauthtoken", "7"),
        ("token_extras", (), ["instance_url"], ("instance_url",), ()),
        ("token_extras", (), {"instance_url"}, (), ()),
        ("expects_refresh_token", None, False, False, True),
        ("dead_errors", (), frozenset({"gone"}), ("gone",), ()),
        ("denied_errors", (), "a_text", (), ()),
        ("api_hosts", (), "api.acme.example", ("api.acme.example",), ()),
        ("separate_grants", False, True, True, True),
        ("token_url", None, "https://acme.example/token", "https://acme.example/token", None),
        ("nickname_url", None, "", None, None),
    ],
)
def test_an_attribute_has_a_default_and_a_kind(
    name: str, default: object, value: object, read: object, wrong: object
) -> None:
    assert getattr(UNKNOWN, name) == default
    for provider in (provider_class := type("Acme", (), {name: value})), provider_class():
        assert getattr(traits_of(provider), name) == read
    odd = traits_of(type("Odd", (), {name: WRONG}))
    if wrong is ProviderCodeError:
        with pytest.raises(ProviderCodeError, match="`redirect_ports` are numbers in a tuple"):
            getattr(odd, name)
    else:
        assert getattr(odd, name) == wrong


def test_a_class_of_facts_has_scopes_and_a_secret_and_expects_a_refresh_token() -> None:
    facts = traits_of(OAuth2Provider)
    assert (facts.scopes, facts.needs_secret, facts.expects_refresh_token) == ((), True, True)
    assert not UNKNOWN.needs_secret
    assert not traits_of(type("Public", (), {"public_client": False, "client_auth": "none"})).needs_secret


def test_what_an_object_changes_is_read_anew() -> None:
    class Late:
        token_url = property(lambda self: f"https://{self.tenant}.example/token")
        tenant = "one"

    late = Late()
    traits = traits_of(late)
    assert traits.token_endpoint == "https://one.example/token"
    late.tenant = "two"
    assert traits.token_endpoint == "https://two.example/token"
    assert traits_of(Late).token_endpoint is None


def test_the_contracts_own_revoke_ends_nothing() -> None:
    class Quiet:
        revoke = AuthProvider.revoke

    class Own:
        async def revoke(self, access_token: str) -> bool:
            return bool(access_token)

    assert [traits_of(each).revokes for each in (object(), Quiet(), Own())] == [False, False, True]
