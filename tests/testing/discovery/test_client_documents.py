"""A client id can be the URL of a document, which the server is given."""

from __future__ import annotations

import pytest

from gumauth.testing import Client, PageRefused
from gumauth.testing.discovery.client_documents import Ports
from tests.testing.clients import REDIRECT, App, sent_back
from tests.testing.discovery.asking import ask

URL = "https://app.example/oauth/client.json"
DOCUMENT: dict[str, object] = {
    "client_id": URL,
    "client_name": "an application",
    "application_type": "native",
    "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback", REDIRECT],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}


@pytest.fixture
def client(app: App) -> App:
    """An application whose id is the URL of its document."""
    app.server.client_documents_supported = True
    app.server.client_documents[URL] = DOCUMENT
    return App(app.server, Client(URL))


def test_a_client_with_a_document_gets_tokens(client: App) -> None:
    assert client.refresh(client.tokens()["refresh_token"])[0] == 200
    assert client.server.families[0].client_id == URL
    assert [event.client_id for event in client.server.log if event.kind in ("authorize", "refresh")] == [URL, URL]
    assert [each.client_id for each in client.server.clients] == ["app"]


@pytest.mark.parametrize(
    ("ports", "accepted"),
    [
        ("exact", [REDIRECT]),
        ("loopback address", [REDIRECT, "http://127.0.0.1:51234/callback"]),
        ("loopback", [REDIRECT, "http://127.0.0.1:51234/callback", "http://localhost:51234/callback"]),
    ],
)
def test_the_redirect_uri_is_one_of_the_documents_or_has_another_port(
    client: App, ports: Ports, accepted: list[str]
) -> None:
    client.server.client_documents_ports = ports
    tried = [
        REDIRECT,
        "http://127.0.0.1:51234/callback",
        "http://localhost:51234/callback",
        "http://[::1]:51234/callback",
        "http://127.0.0.1:51234/other",
    ]
    assert [uri for uri in tried if goes_back_to(client, uri)] == accepted


def goes_back_to(client: App, uri: str) -> bool:
    try:
        return client.server.follow(client.url(redirect_uri=uri)).startswith(f"{uri}?code=")
    except PageRefused:
        return False


def test_a_client_that_is_not_native_has_exact_ports(client: App) -> None:
    client.server.client_documents[URL] = {**DOCUMENT, "application_type": "web"}
    assert not goes_back_to(client, "http://127.0.0.1:51234/callback")
    assert goes_back_to(client, REDIRECT)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": "https://app.example/other.json"}, "the document names another client id"),
        ({"client_id": None}, "the document names another client id"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "a client with a document has no secret"),
        ({"client_secret": "x"}, "a client with a document has no secret"),
        ({"redirect_uris": []}, "redirect_uris of the document is no list of texts"),
        ({"redirect_uris": None}, "redirect_uris of the document is no list of texts"),
        ({"grant_types": "authorization_code"}, "grant_types of the document is no list of texts"),
        ({"client_name": "a" * 5120}, "the document is longer than 5120 bytes"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_on_a_page(
    client: App, changes: dict[str, object], reason: str
) -> None:
    client.server.client_documents[URL] = {**DOCUMENT, **changes}
    with pytest.raises(PageRefused, match=reason):
        client.server.follow(client.url())
    assert client.redeem("any")[0] == 401


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/client.json",
        "https://app.example",
        "https://app.example/",
        "https://app.example/client.json#part",
        "https://ada@app.example/client.json",
        "https://app.example/a/../client.json",
        "urn:app",
        "https://[",
    ],
)
def test_a_client_id_has_to_be_an_https_url_with_a_path(client: App, url: str) -> None:
    client.server.client_documents[url] = {**DOCUMENT, "client_id": url}
    with pytest.raises(PageRefused, match="the client id"):
        client.server.follow(client.url(client_id=url))


def test_a_document_that_is_not_there_or_not_trusted_is_refused_on_a_page(client: App) -> None:
    code = client.server.code_from(client.url())
    client.server.client_documents_refused = True
    with pytest.raises(PageRefused, match="clients of this host are not trusted"):
        client.server.follow(client.url())
    status, refused = client.redeem(code)
    assert (status, refused["error"]) == (401, "invalid_client")
    client.server.client_documents_refused = False
    del client.server.client_documents[URL]
    with pytest.raises(PageRefused, match="no document is at the client id"):
        client.server.follow(client.url())


def test_a_client_gets_only_what_its_document_asks_for(client: App) -> None:
    client.server.client_documents[URL] = {name: value for name, value in DOCUMENT.items() if name != "grant_types"}
    assert "refresh_token" not in client.tokens()
    assert client.refresh("any")[1]["error"] == "unauthorized_client"


def test_documents_are_off_until_they_are_set_and_the_metadata_say_so(client: App) -> None:
    well_known = f"{client.server.url}/.well-known/oauth-authorization-server"
    assert ask("GET", well_known).json["client_id_metadata_document_supported"] is True
    client.server.client_documents_supported = False
    assert "client_id_metadata_document_supported" not in ask("GET", well_known).json
    with pytest.raises(PageRefused, match="no client has the id"):
        client.server.follow(client.url())


def test_a_registered_client_whose_id_is_a_url_stays_one(client: App) -> None:
    client.server.register(Client("https://app.example/registered", redirect_uris=(REDIRECT,)))
    assert "code" in sent_back(client.server.follow(client.url(client_id="https://app.example/registered")))
