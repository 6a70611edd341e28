"""What a provider's class says of its service is looked at before anybody consents."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.errors import ProviderCodeError
from gumauth.oauth2 import OAuth2Provider
from gumauth.providers.github import GitHub
from gumauth.providers.google import Google
from gumauth.providers.linear import Linear
from gumauth.registry.facts_check import faults
from tests.cli.program import inside
from tests.client.conftest import world as world
from tests.client.world import Walker, World


class Sound(OAuth2Provider):
    name = "sound"
    authorize_url, token_url = "https://as.example/authorize", "https://as.example/token"


@pytest.mark.parametrize("provider", [GitHub, Google, Linear, Sound, object])
def test_what_can_work_has_no_fault(provider: type) -> None:
    assert faults(provider) == []


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("token_url", None, "it has no `token_url`"),
        ("token_url", "http://as.example/token", "`token_url` (http://as.example/token) is not https"),
        ("token_url", "as.example/token", "`token_url` (as.example/token) is no URL"),
        ("token_url", "https://as.example:port/", "is no URL"),
        ("token_url", "https://as.example/token#x", "`token_url` has a fragment (#)"),
        ("revoke_url", "https://ada:word@as.example/", "`revoke_url` carries a login"),
        ("revoke_url", "https://{tenant}.as.example/{client_id}", "`revoke_url` still has {tenant} in it"),
        ("nickname_url", 7, "`nickname_url` is a number, not a URL"),
        ("resource", "api.example", "`resource` (api.example) is no absolute URI"),
        ("resource", 7, "`resource` (7) is no absolute URI"),
        ("resource", "https://api.example/#", "`resource` has a fragment (#)"),
        ("par_url", "http://as.example/par", "`par_url` (http://as.example/par) is not https"),
        ("scopes", "read", "`scopes` is a text, not a tuple: write ('read',)"),
        ("api_hosts", "as.example", "`api_hosts` is a text, not a tuple: write ('as.example',)"),
        ("nickname_paths", "email", "`nickname_paths` is a text, not a tuple: write ('email',)"),
        ("client_auth", "Basic", "`client_auth` is 'Basic', and can be 'body' or 'basic' or 'none'"),
        ("token_params", "audience=x", "`token_params` is a text, not a dictionary"),
    ],
)
def test_a_fact_that_cannot_work_is_named(name: str, value: object, fault: str) -> None:
    found = faults(type("Odd", (Sound,), {name: value}))
    assert len(found) == 1
    assert fault in found[0]


def test_loopback_a_filled_template_and_a_list_are_in_order() -> None:
    more = {"token_url": "http://127.0.0.1:4000/token", "scopes": ["read"], "response_mode": "form_post"}
    assert faults(type("Odd", (Sound,), {**more, "revoke_url": "https://as.example/{client_id}"})) == []


def test_what_an_object_computes_is_looked_at_in_the_object() -> None:
    class Late(OAuth2Provider):
        name = "late"

        def __init__(self, url: str = "http://as.example") -> None:
            self.authorize_url = self.token_url = url

        scopes = property(lambda _self: "read")

    assert faults(Late) == []
    assert len(faults(Late, Late())) == 2
    assert faults(Late, Late("https://as.example")) == []


@pytest.mark.requirement("F6")
@pytest.mark.parametrize("name", ["token_url", "revoke_url", "nickname_url"])
def test_a_connect_ends_before_the_browser_opens(world: World, name: str) -> None:
    world.write_provider(**{name: "http://as.example/x"})
    person = Walker(world)
    with pytest.raises(ProviderCodeError, match=f"The facts of acme cannot work: `{name}`") as caught:
        world.connect(person)
    assert person.urls == []
    assert str(world.file) in (caught.value.hint or "")


def test_doctor_providers_and_setup_say_it_too(world: World, environ: dict[str, str]) -> None:
    world.connect()
    world.write_provider(scopes="read")
    everything = {**environ, **world.environ}
    for words in (["providers", str(world.file)], ["setup", str(world.file)]):
        ended = inside(everything, *words)
        assert ended.status == 1
        assert "`scopes` is a text, not a tuple: write ('read',)" in ended.err
    assert "✗ provider  The facts of acme cannot work: `scopes` is a text" in inside(everything, "doctor").out


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    from tests.cli.program import environment

    (tmp_path / "person").mkdir()
    return environment(tmp_path / "person")


def test_a_service_that_knows_devices_alone_needs_no_page_for_consent() -> None:
    class Television(OAuth2Provider):
        name = "television"
        device_url = "https://tv.example/device"
        token_url = "https://tv.example/token"

    assert faults(Television) == []
    assert faults(Television, Television()) == []
