"""The names that a provider's files, its class and its package get."""

from __future__ import annotations

import ast
import keyword

import pytest

from gumauth.cli.authoring.draft import class_name, is_plain_url, module_name, plain
from gumauth.cli.authoring.package import distribution_of
from tests.cli.authoring.drafts import answered


@pytest.mark.parametrize(
    ("name", "module", "of_class"),
    [
        ("acme", "acme", "Acme"),
        ("my-tool", "my_tool", "MyTool"),
        ("mcp.example.com", "mcp_example_com", "McpExampleCom"),
        ("37signals", "provider_37signals", "Provider37signals"),
        ("json", "json_auth", "Json"),
        ("import", "import_auth", "Import"),
        ("none", "none", "NoneProvider"),
        ("exception", "exception", "ExceptionProvider"),
        ("httpx", "httpx_auth", "Httpx"),
        ("test-me", "test_me_auth", "TestMeProvider"),
        ("a" * 64, "a" * 64, "A" + "a" * 39),
    ],
)
def test_a_module_hides_no_other_and_a_class_no_built_in_one(name: str, module: str, of_class: str) -> None:
    assert (module_name(name), class_name(name)) == (module, of_class)
    assert module.isidentifier()
    assert of_class.isidentifier()
    assert not keyword.iskeyword(module)


def test_a_package_is_named_for_its_provider() -> None:
    assert distribution_of(answered("my.tool_2")) == "gumauth-my-tool-2"


def test_what_stands_in_a_docstring_cannot_end_it() -> None:
    assert plain('Acme"""\nimport os\u202e \\ \'x\'') == "Acme import os x"
    assert ast.literal_eval(f'"""{plain(chr(34) * 5 + "a" + chr(92))}"""') == "a"
    assert is_plain_url("https://acme.example/docs?a=b#c")
    assert not any(map(is_plain_url, ['https://acme.example/"""', "https://acme.example/\\", "https://a b", "ftp://a"]))
