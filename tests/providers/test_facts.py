"""Every service's facts, one row each: adding a service is one file and one row."""

from __future__ import annotations

import inspect
import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from gumauth.oauth2 import OAuth2Provider
from gumauth.oauth2.facts import KINDS, Facts
from gumauth.oauth2.http import transport
from gumauth.provider import credential_variables
from gumauth.providers import GIT, GIT_AT_OWN_HOST, TOKEN_HEADERS
from gumauth.registry.lookup import built_in, built_in_names, find
from gumauth.registry.places import at
from tests.loopback import Answer, loopback
from tests.providers.row import Row
from tests.providers.rows import every_row
from tests.running import run

ROWS = every_row()


def service(row: Row) -> OAuth2Provider:
    provider = at(find(row.name, cwd="/").provider_class, **row.place)()
    assert isinstance(provider, OAuth2Provider)
    return provider


@pytest.fixture(params=ROWS, ids=lambda row: row.name)
def row(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Row:
    for variable in credential_variables(request.param.name):
        monkeypatch.setenv(variable, "app")
    chosen: Row = request.param
    return chosen


def test_every_service_has_a_row() -> None:
    assert sorted(row.name for row in ROWS) == built_in_names()


@pytest.mark.requirement("F1")
def test_the_person_is_asked_where_and_for_what_the_service_says(row: Row) -> None:
    assert service(row).name == row.name
    parts = urlsplit(service(row).get_url("http://localhost/", "st"))
    sent = dict(parse_qsl(parts.query))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == row.consent
    assert sent.pop(row.scope_param, "") == row.scope
    flow = {row.client_id, "redirect_uri", "response_type", "state"}
    flow |= {"code_challenge", "code_challenge_method"} if row.challenge else set()
    assert {name: value for name, value in sent.items() if name not in flow} == row.extra
    assert set(sent) >= flow
    assert not row.challenge or sent["code_challenge_method"] == "S256"


def test_the_redirect_uri_is_one_that_the_service_takes(row: Row) -> None:
    provider = service(row)
    scheme = "https" if provider.redirect_tls else "http"
    port = f":{provider.redirect_ports[0]}" if provider.redirect_ports else ""
    assert f"{scheme}://{provider.redirect_host}{port}{provider.redirect_path}" == row.redirect


@pytest.mark.requirement("F5")
def test_tokens_are_asked_for_as_the_service_says(row: Row) -> None:
    provider = service(row)
    assert (provider.client_auth, provider.token_encoding) == (row.auth, row.encoding)
    assert provider.refresh_url == row.refresh_url
    assert (provider.public_client or provider.client_auth == "none") == row.secretless
    assert provider.expects_refresh_token == (row.refreshed is not None)
    presented = (provider.token_header, f"{provider.token_scheme} " if provider.token_header == "Authorization" else "")
    assert presented == row.header


@pytest.mark.requirement("F6")
def test_every_endpoint_is_the_services_own_and_https(row: Row) -> None:
    provider = service(row)
    assert (provider.token_url, provider.nickname_url) == (row.token_url, row.nickname)
    assert (provider.revoke_url and (provider.revoke_method, provider.revoke_url)) == row.revoke
    assert provider.device_url == (row.device and row.device[0])
    urls = (provider.authorize_url, provider.token_url, provider.nickname_url, provider.revoke_url, provider.device_url)
    for url in urls:
        assert url is None or transport.endpoint(url).startswith("https://")
    assert provider.refresh_url is None or provider.refresh_url.startswith("https://")


@pytest.mark.requirement("V1")
@pytest.mark.parametrize("row", [row for row in ROWS if row.device], ids=lambda row: row.name, indirect=True)
def test_a_device_asks_as_the_service_says(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    assert row.device is not None
    with loopback() as server:
        provider = service(row)
        monkeypatch.setattr(provider, "device_url", f"{server.url}/device")
        monkeypatch.setattr(provider, "token_url", f"{server.url}/token")
        server.answer({"device_code": "d", "user_code": "u", "verification_url": "https://acme.example/"})
        assert run(provider.authorize_device()).verification_uri == "https://acme.example/"
        server.answer({"access_token": "a"})
        run(provider.exchange_device("d"))
        asked, polled = server.seen
    assert (asked.form["client_id"], asked.form[row.device_scope]) == ("app", row.scope)
    proved = ["client_secret" in sent.form or "authorization" in sent.headers for sent in (asked, polled)]
    assert proved == [row.device[1]] * 2


@pytest.mark.requirement("I1")
def test_who_a_person_is_comes_out_of_an_answer_as_the_service_documents_it(
    row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    if row.nickname is None:
        assert (row.person, service(row).nickname_url) == (("", ""), None)
        return
    url, told = row.identity or (None, row.answer)
    provider = service(row)
    assert provider.identity_url == url
    with loopback() as server:
        server.answers = [Answer(body=json.dumps(answer).encode()) for answer in (row.answer, told)]
        monkeypatch.setattr(provider, "nickname_url", f"{server.url}/me")
        monkeypatch.setattr(provider, "identity_url", url and f"{server.url}/id")
        assert (run(provider.get_nickname("t0ken")), run(provider.get_identity("t0ken"))) == row.person
        assert len(server.seen) == (2 if url else 1)
        for path in row.identity_paths:
            assert path.rpartition(".")[2] in str(provider.nickname_body or told), "it is asked for"
    assert provider.identity_paths == row.identity_paths


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("data", "nickname"),
    [
        ({"viewer": {"id": "f3a8-1", "email": "ada@example.com"}, "organization": None}, "ada@example.com"),
        ({"viewer": {"id": "f3a8-1", "name": "Ada"}, "organization": {"urlKey": "acme"}}, "Ada at acme"),
        ({"viewer": {"name": "Ada"}, "organization": {}}, "Ada"),
        ({"viewer": None, "organization": {"id": "0c44-9", "urlKey": "acme"}}, "acme"),
    ],
)
def test_without_a_person_or_without_a_workspace_linear_tells_no_identity(data: object, nickname: str) -> None:
    with loopback() as server:
        server.answer({"data": data})
        provider = service(next(row for row in ROWS if row.name == "linear"))
        provider.nickname_url = f"{server.url}/me"
        assert (run(provider.get_nickname("t0ken")), run(provider.get_identity("t0ken"))) == (nickname, "")


def test_a_service_is_facts_with_a_name_and_its_sources(row: Row) -> None:
    provider = service(row)
    own = {name for name in vars(find(row.name, cwd="/").provider_class) if not name.startswith("_")}
    assert provider.name == row.name
    assert provider.title
    assert provider.kind in KINDS
    assert provider.docs_url.startswith("https://")
    assert provider.register_url.startswith("https://")
    assert "Source: https://" in (type(provider).__doc__ or "")
    assert own <= {"name", *Facts.__annotations__}


def test_every_fact_is_explained() -> None:
    explained = inspect.getdoc(Facts) or ""
    assert [name for name in Facts.__annotations__ if f"{name}: " not in explained] == []


@pytest.mark.requirement("H5")
def test_what_git_is_told_without_the_class_is_what_the_class_says() -> None:
    said = {row.name: (service(row).git_hosts, service(row).git_username) for row in ROWS if not row.place}
    assert {name: facts for name, facts in said.items() if facts[0]} == GIT
    own = {name: built_in(name).provider_class for name in built_in_names()}
    at_own = {name: facts.git_username for name, facts in own.items() if facts.git_hosts == ("{host}",)}  # type: ignore[attr-defined]
    assert at_own == GIT_AT_OWN_HOST


@pytest.mark.requirement("S7")
def test_the_headers_that_are_told_without_the_class_are_those_of_the_classes() -> None:
    said = {name: built_in(name).provider_class.token_header for name in built_in_names()}  # type: ignore[attr-defined]
    assert {name: header for name, header in said.items() if header != "Authorization"} == TOKEN_HEADERS
