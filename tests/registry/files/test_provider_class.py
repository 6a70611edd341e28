"""The provider in a module is told by what it has."""

from __future__ import annotations

from types import ModuleType

import pytest

from gumauth.errors import ProviderFileError
from gumauth.registry.files.provider_class import choose

WHOLE = """
class {name}:
    name = "{provider}"
    def get_url(self, redirect_uri, state): ...
    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""
A, B = WHOLE.format(name="A", provider="a"), WHOLE.format(name="B", provider="b")


def module(source: str) -> ModuleType:
    made = ModuleType("gumauth_provider_test")
    made.__file__ = "/home/ada/auth.py"
    exec(source, made.__dict__)
    return made


def test_the_only_provider_is_taken_whatever_it_inherits() -> None:
    assert choose(module(A), None).__name__ == "A"


def test_a_subclass_of_the_contract_or_the_standard_flow_is_one() -> None:
    flow = "from gumauth import AuthProvider, OAuth2Provider, TokenResponse\nclass C(OAuth2Provider):\n    name = 'c'\n"
    assert choose(module(flow), None).__name__ == "C"


def test_an_imported_class_and_a_second_name_do_not_count() -> None:
    assert choose(module(f"from gumauth.providers.linear import Linear\n{A}\nalias = A"), None).__name__ == "A"


def test_two_candidates_are_listed_as_they_can_be_named() -> None:
    with pytest.raises(ProviderFileError, match="holds 2 providers") as caught:
        choose(module(A + B), None)
    assert caught.value.hint == "Name one of them: /home/ada/auth.py:A, /home/ada/auth.py:B"
    assert choose(module(A + B), "B").__name__ == "B"


def test_an_imported_class_can_be_named() -> None:
    assert choose(module("from gumauth.providers.linear import Linear"), "Linear").name == "linear"


@pytest.mark.parametrize(
    ("source", "class_name", "words"),
    [
        ("x = 1", None, "holds no provider: no class with name, get_url, exchange, refresh, get_nickname"),
        (A.replace("    name = ", "    title = "), None, "A in /home/ada/auth.py is not a provider: it has no name."),
        (A.replace("refresh(", "renew("), None, "it has no refresh."),
        (A.replace("refresh(", "renew("), "A", "it has no refresh."),
        (A.replace('"a"', "7"), None, "it has no name."),
        (
            "from gumauth import AuthProvider\nclass D(AuthProvider):\n    name = 'd'\n    def get_url(self, r, s): 0",
            None,
            "it has no exchange, refresh, get_nickname.",
        ),
        (A, "Z", "has no class Z"),
        ("A = 7", "A", "has no class A"),
    ],
)
def test_what_is_missing_is_said(source: str, class_name: str | None, words: str) -> None:
    with pytest.raises(ProviderFileError, match=words):
        choose(module(source), class_name)


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("name", ["", "A", "../a", "a/b", ".a", "-a", "a b", "a" * 65, "ä", "a\n"])
def test_a_name_that_could_be_a_path_or_a_flag_is_refused(name: str) -> None:
    with pytest.raises(ProviderFileError, match="cannot name a provider"):
        choose(module(A.replace('"a"', repr(name))), None)


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("name", ["a", "0", "a.b_c-d", "a" * 64])
def test_other_names_are_taken(name: str) -> None:
    assert choose(module(A.replace('"a"', repr(name))), None).name == name
