"""Host and tenant in the facts of a service."""

from __future__ import annotations

import pytest

from gumauth.errors import UsageError
from gumauth.oauth2 import OAuth2Provider
from gumauth.registry import lookup
from gumauth.registry.places import at, lacking, wanted


class Acme(OAuth2Provider):
    """A service that people run themselves, in tenants."""

    name = "acme"
    tenant = "common"
    authorize_url = "https://{host}/{tenant}/authorize"
    token_url = "https://{host}/{tenant}/token"
    revoke_url = "https://{host}/{client_id}"
    api_hosts = ("{host}", "api.acme.example")
    authorize_params = {"audience": "https://{host}"}  # noqa: RUF012


class Usual(OAuth2Provider):
    """A service at one place."""

    name = "usual"
    authorize_url = "https://usual.example/authorize"
    token_url = "https://usual.example/token"


def test_every_fact_that_names_the_host_gets_it() -> None:
    there = at(Acme, host="acme.example:8443")
    assert issubclass(there, Acme)
    assert there.authorize_url == "https://acme.example:8443/common/authorize"
    assert at(Acme, host="a.example", tenant="t").token_url == "https://a.example/t/token"
    assert list(there.api_hosts) == ["acme.example"]
    assert there.authorize_params == {"audience": "https://acme.example:8443"}
    assert there.revoke_url == "https://acme.example:8443/{client_id}"
    assert Acme.authorize_url == "https://{host}/{tenant}/authorize"


class Cloud(OAuth2Provider):
    """A service that has a cloud, and that people run themselves."""

    name = "cloud"
    host = "cloud.example"
    authorize_url = "https://{host}/authorize"
    token_url = "https://{host}/token"
    api_hosts = ("api.{host}", ".cloud.example")
    git_hosts = ("{host}", "git.cloud.example")


@pytest.mark.requirement("S7")
@pytest.mark.parametrize(
    ("host", "api_hosts", "git_hosts"),
    [
        (None, ("api.cloud.example", ".cloud.example"), ("cloud.example", "git.cloud.example")),
        ("cloud.example", ("api.cloud.example", ".cloud.example"), ("cloud.example", "git.cloud.example")),
        ("acme.cloud.example", ("api.acme.cloud.example", ".cloud.example"), ("acme.cloud.example",)),
        ("acme.example:8443", ("api.acme.example",), ("acme.example:8443",)),
        ("http://localhost:3000", ("api.localhost",), ("http://localhost:3000",)),
        ("notcloud.example", ("api.notcloud.example",), ("notcloud.example",)),
    ],
)
def test_the_hosts_of_the_usual_place_get_no_token_of_another_one(
    host: str | None, api_hosts: tuple[str, ...], git_hosts: tuple[str, ...]
) -> None:
    there = at(Cloud, host=host)
    assert (there.api_hosts, there.git_hosts) == (api_hosts, git_hosts)


def test_what_has_no_usual_value_is_lacking() -> None:
    assert (wanted(Acme), lacking(Acme)) == (("host", "tenant"), ("host",))
    assert lacking(at(Acme, host="a.example")) == ()
    assert at(Acme).token_url == "https://{host}/common/token"


def test_a_service_at_one_place_stays_as_it_is() -> None:
    assert wanted(Usual) == ()
    assert at(Usual, host="a.example") is Usual


@pytest.mark.requirement("S7")
@pytest.mark.parametrize("host", ["app-eu.wrike.com.example", "wrike.example", "xwrike.com", "http://localhost:3000"])
def test_a_token_that_the_service_issues_itself_goes_to_no_host_of_somebody_else(host: str) -> None:
    assert lookup.find("wrike --host app-eu.wrike.com", cwd="/").name == "app-eu.wrike.com"
    with pytest.raises(UsageError, match="is none of its hosts"):
        lookup.find(f"wrike --host {host}", cwd="/")


@pytest.mark.requirement("F12", "P2")
@pytest.mark.parametrize(
    ("source", "name"), [("gitlab --host a.example", "gitlab"), ("gitlab --host a.example", "github")]
)
def test_no_account_has_a_built_in_name_and_its_client_at_a_host_of_ones_own(source: str, name: str) -> None:
    with pytest.raises(UsageError, match=f"^{name} is another provider already"):
        lookup.load(source, name)
