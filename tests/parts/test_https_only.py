"""A service that refuses http also for loopback, in the browser that people have: what they do at its warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.testing import AuthorizationServer, Client, write_provider
from tests.callback.test_port_lock import free_port
from tests.cli.connecting import at_terminal
from tests.cli.program import environment, process
from tests.parts.browser import DEADLINE, consent_at_server

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

pytestmark = [pytest.mark.browser, pytest.mark.requirement("C13", "C12")]


def proceed(browser: WebDriver) -> None:
    """Press what gumauth said: Advanced, then Proceed to localhost."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser.find_element(By.ID, "details-button").click()
    link = WebDriverWait(browser, DEADLINE).until(lambda page: page.find_element(By.ID, "proceed-link"))
    assert "localhost" in link.text
    link.click()


def warned(browser: WebDriver, port: int) -> bool:
    return browser.title == "Privacy error" and browser.current_url.startswith(f"https://localhost:{port}/callback?")


def test_it_is_connected_by_going_on_at_the_warning_and_by_a_paste_of_its_address(
    browser: WebDriver, tmp_path: Path
) -> None:
    """Two connects, each with a certificate of its own: what the browser was told of the first is not enough."""
    from selenium.webdriver.support.ui import WebDriverWait

    environ, port = environment(tmp_path), free_port()
    credentials.save(Context(environ), "acme", "acme-id", None)
    with AuthorizationServer() as server:
        server.register(Client("acme-id", redirect_uris=(f"https://localhost:{port}/callback",)))
        file = write_provider(server, tmp_path, public_client=True, redirect_ports=(port,), redirect_tls=True)
        for who in ("ada", "grace"):
            with at_terminal(environ, "connect", str(file), "--no-browser", columns=1000) as run:
                consent_at_server(browser, run.address, login=who)
                WebDriverWait(browser, DEADLINE).until(lambda page: warned(page, port))
                assert (
                    "Press Advanced, then Proceed (in an older Firefox: Accept the Risk and Continue), or paste"
                    in run.shown
                )
                if who == "ada":
                    proceed(browser)
                    WebDriverWait(browser, DEADLINE).until(lambda page: page.title == "acme is connected · gumauth")
                    assert browser.current_url.startswith(f"https://localhost:{port}/done/")
                else:
                    run.until("paste the address it ends up at")
                    run.type(browser.current_url + "\n")
                assert run.end()[0] == 0, run.shown
        assert server.count("token") == 2
    listed = process(environ, "list", "--json").out
    assert [f"{who}@example.com" in listed for who in ("ada", "grace")] == [True, True]
