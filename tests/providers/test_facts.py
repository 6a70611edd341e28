"""Every service's facts, one row each: adding a service is one file and one row."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gumauth.oauth2 import OAuth2Provider
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.http import transport
from gumauth.providers import GIT
from gumauth.registry.lookup import built_in_names, find
from tests.loopback import loopback
from tests.running import run


@dataclass(frozen=True, kw_only=True)
class Row:
    """What has to come out of a service's facts, written as its documentation writes it.

    Args:
        name: What people type, the file's name and the class's `name`.
        consent: The authorization endpoint.
        scope: The scopes of the authorization request, joined.
        redirect: The redirect URI, with the first of the ports.
        extra: Parameters of the authorization request beside those of the flow.
        device: The device authorization endpoint, and whether its requests hold the client secret; None where there is
            no device grant.
        revoke: The revocation endpoint, and the kind of token that is sent there; None where there is none.
        nickname: The URL that is asked whose account it is.
        answer: What that URL answers, from the service's documentation.
        person: The nickname and the identity by that answer; the identity's fields are joined by a blank.
    """

    name: str
    consent: str
    token_url: str
    scope: str
    redirect: str
    extra: dict[str, str]
    device: tuple[str, bool] | None
    revoke: tuple[str, str] | None
    nickname: str
    identity_paths: tuple[str, ...]
    answer: dict[str, Any]
    person: tuple[str, str]


ROWS = [
    Row(
        name="linear",
        consent="https://linear.app/oauth/authorize",
        token_url="https://api.linear.app/oauth/token",
        scope="read",
        redirect="http://localhost:4862/callback",
        extra={"prompt": "consent"},
        device=None,
        revoke=("POST", "https://api.linear.app/oauth/revoke"),
        nickname="https://api.linear.app/graphql",
        identity_paths=("data.viewer.id", "data.organization.id"),
        answer={
            "data": {
                "viewer": {"id": "f3a8-1", "email": "ada@example.com", "name": "Ada"},
                "organization": {"id": "0c44-9", "urlKey": "acme"},
            }
        },
        person=("ada@example.com at acme", "f3a8-1 0c44-9"),
    ),
    Row(
        name="github",
        consent="https://github.com/login/oauth/authorize",
        token_url="https://github.com/login/oauth/access_token",
        scope="read:user user:email",
        redirect="http://127.0.0.1/callback",
        extra={},
        device=("https://github.com/login/device/code", False),
        revoke=("DELETE", "https://api.github.com/applications/{client_id}/token"),
        nickname="https://api.github.com/user",
        identity_paths=("id",),
        answer={"login": "octocat", "id": 583231, "node_id": "MDQ6", "email": None, "name": "The Octocat"},
        person=("octocat", "583231"),
    ),
    Row(
        name="google",
        consent="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",
        scope="openid email profile",
        redirect="http://127.0.0.1/callback",
        extra={"access_type": "offline", "prompt": "consent"},
        device=("https://oauth2.googleapis.com/device/code", True),
        revoke=("POST", "https://oauth2.googleapis.com/revoke"),
        nickname="https://openidconnect.googleapis.com/v1/userinfo",
        identity_paths=("sub",),
        answer={"sub": "110248495921238986420", "email": "ada@example.com", "email_verified": True, "name": "Ada"},
        person=("ada@example.com", "https://accounts.google.com 110248495921238986420"),
    ),
]
FLOW = {"client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method"}


def service(name: str) -> OAuth2Provider:
    provider = find(name, cwd="/").provider_class()
    assert isinstance(provider, OAuth2Provider)
    return provider


@pytest.fixture(params=ROWS, ids=lambda row: row.name)
def row(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Row:
    for kind in ("ID", "SECRET"):
        monkeypatch.setenv(f"{request.param.name.upper()}_CLIENT_{kind}", "app")
    chosen: Row = request.param
    return chosen


def test_every_service_has_a_row() -> None:
    assert sorted(row.name for row in ROWS) == built_in_names()


@pytest.mark.requirement("F1")
def test_the_person_is_asked_where_and_for_what_the_service_says(row: Row) -> None:
    assert service(row.name).name == row.name
    parts = urlsplit(service(row.name).get_url("http://localhost/", "st"))
    sent = dict(parse_qsl(parts.query))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == row.consent
    assert sent.pop("scope") == row.scope
    assert {name: value for name, value in sent.items() if name not in FLOW} == row.extra
    assert set(sent) >= FLOW
    assert sent["code_challenge_method"] == "S256"


def test_the_redirect_uri_is_one_that_the_service_takes(row: Row) -> None:
    provider = service(row.name)
    port = f":{provider.redirect_ports[0]}" if provider.redirect_ports else ""
    assert f"http://{provider.redirect_host}{port}{provider.redirect_path}" == row.redirect


@pytest.mark.requirement("F6")
def test_every_endpoint_is_the_services_own_and_https(row: Row) -> None:
    provider = service(row.name)
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
        provider = service(row.name)
        monkeypatch.setattr(provider, "device_url", f"{server.url}/device")
        monkeypatch.setattr(provider, "token_url", f"{server.url}/token")
        server.answer({"device_code": "d", "user_code": "u", "verification_url": "https://acme.example/"})
        assert run(provider.authorize_device()).verification_uri == "https://acme.example/"
        server.answer({"access_token": "a"})
        run(provider.exchange_device("d"))
        asked, polled = (sent.form for sent in server.seen)
    assert (asked["client_id"], asked["scope"]) == ("app", row.scope)
    assert ["client_secret" in form for form in (asked, polled)] == [row.device[1]] * 2


@pytest.mark.requirement("I1")
def test_who_a_person_is_comes_out_of_an_answer_as_the_service_documents_it(
    row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    with loopback() as server:
        server.answer(row.answer)
        provider = service(row.name)
        monkeypatch.setattr(provider, "nickname_url", f"{server.url}/me")
        assert (run(provider.get_nickname("t0ken")), run(provider.get_identity("t0ken"))) == row.person
        assert len(server.seen) == 1
        for path in row.identity_paths:
            assert path.rpartition(".")[2] in str(provider.nickname_body or row.answer), "it is asked for"
    assert provider.identity_paths == row.identity_paths
    assert provider.identity_url is None


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
        provider = service("linear")
        provider.nickname_url = f"{server.url}/me"
        assert (run(provider.get_nickname("t0ken")), run(provider.get_identity("t0ken"))) == (nickname, "")


def test_a_service_is_facts_with_a_name_and_its_sources(row: Row) -> None:
    provider = service(row.name)
    own = {name for name in vars(type(provider)) if not name.startswith("_")}
    assert provider.name == row.name
    assert provider.title
    assert provider.docs_url.startswith("https://")
    assert provider.register_url.startswith("https://")
    assert "Source: https://" in (type(provider).__doc__ or "")
    assert own <= {"name", *Facts.__annotations__}


def test_every_fact_is_explained() -> None:
    explained = inspect.getdoc(Facts) or ""
    assert [name for name in Facts.__annotations__ if f"{name}: " not in explained] == []


@pytest.mark.requirement("H5")
def test_what_git_is_told_without_the_class_is_what_the_class_says() -> None:
    said = {row.name: (service(row.name).git_hosts, service(row.name).git_username) for row in ROWS}
    assert {name: facts for name, facts in said.items() if facts[0]} == GIT
