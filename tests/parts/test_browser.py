"""A real browser gets through the consent pages, to whatever listens at the redirect URI."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from gumauth.testing import AuthorizationServer, Client
from tests.parts.browser import _family_of, _is_chromium, consent_at_dot, consent_at_server, in_colours
from tests.parts.test_dot import App as DotApp
from tests.testing.clients import PUBLIC, App, sent_back

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

    from tests.parts.dot import Dot

pytestmark = pytest.mark.browser


class Landing(BaseHTTPRequestHandler):
    """Says that the browser has come, and where from."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>Landed</title>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
        pass


@pytest.fixture
def landing() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Landing)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/callback"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_consent_page_can_be_clicked(
    browser: WebDriver, authorization_server: AuthorizationServer, landing: str, tmp_path: Path
) -> None:
    authorization_server.register(Client(PUBLIC.client_id, redirect_uris=(landing,)))
    app = App(authorization_server)
    consent_at_server(browser, app.url(redirect_uri=landing), login="grace")
    assert browser.title == "Landed"
    status, fields = app.redeem(sent_back(browser.current_url)["code"], redirect_uri=landing)
    assert status == 200
    assert app.whoami(fields["access_token"])[1]["email"] == "grace@example.com"
    consent_at_server(browser, app.url(redirect_uri=landing), approve=False)
    assert sent_back(browser.current_url)["error"] == "access_denied"


def test_a_person_gets_through_the_toolkits_pages(browser: WebDriver, dot: Dot, landing: str) -> None:
    consent_at_dot(browser, dot, DotApp(dot, dot.public).url(redirect_uri=landing))
    assert browser.title == "Landed"
    assert "code" in sent_back(browser.current_url)


def test_a_page_sees_the_colours_that_the_person_prefers(browser: WebDriver) -> None:
    asked = "return matchMedia('(prefers-color-scheme: dark)').matches"
    in_colours(browser, "dark")
    assert browser.execute_script(asked) is True
    in_colours(browser, "light")
    assert browser.execute_script(asked) is False


def test_the_browser_reaches_nothing_beyond_loopback(browser: WebDriver) -> None:
    from selenium.common.exceptions import WebDriverException

    with pytest.raises(WebDriverException, match=r"ERR_NAME_NOT_RESOLVED"):
        browser.get("http://example.com/")


def test_the_browsers_processes_are_known(browser: WebDriver) -> None:
    service = browser.service
    family = _family_of(service.process.pid)
    assert len(family) > 2
    assert all(_is_chromium(pid) for pid in family[:2])
