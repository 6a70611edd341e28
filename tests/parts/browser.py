"""Chromium as Debian ships it, driven by selenium: the person's own browser."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.parts.need import need

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

    from tests.parts.dot import Dot

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--metrics-recording-only",
    # Nothing beyond loopback, whatever a page or the browser itself would like to load.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
    "--proxy-server=direct://",
)
DEADLINE = 30.0


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebDriver]:
    """A headless browser with a profile of its own; every process that it started has ended when the test has."""
    need(programs=("chromium", "chromedriver"), modules=("selenium",))
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    # selenium talks to chromedriver over loopback, which a proxy of the machine must not see.
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1,::1")
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'chromium'}"):
        options.add_argument(flag)
    service = ChromeService("/usr/bin/chromedriver")
    driver = Chrome(options=options, service=service)
    driver.set_page_load_timeout(DEADLINE)
    try:
        yield driver
    finally:
        processes = _family_of(service.process.pid)
        driver.quit()
        _end(processes)


def _family_of(pid: int) -> list[int]:
    """A process and all that descend from it, as /proc has them now."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as stat:
                parents[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _end(pids: list[int]) -> None:
    """Kill what `quit` left; a browser that outlives its test holds files of a folder that goes."""
    until = time.monotonic() + 5
    while (left := [pid for pid in pids if _is_chromium(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    for pid in left:
        os.kill(pid, signal.SIGKILL)


def _is_chromium(pid: int) -> bool:
    """Whether the process is still there and still the browser's: a number may belong to another by now."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            return b"chrom" in line.read()
    except OSError:
        return False


def consent_at_dot(browser: WebDriver, dot: Dot, url: str, *, approve: bool = True) -> None:
    """Open an authorization URL, log in at the site's form, click Authorize or Cancel."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(url)
    browser.find_element(By.ID, "id_username").send_keys(dot.username)
    browser.find_element(By.ID, "id_password").send_keys(dot.password)
    browser.find_element(By.ID, "log-in").click()
    name = "Authorize" if approve else "Cancel"
    waiting = WebDriverWait(browser, DEADLINE)
    waiting.until(lambda page: page.find_element(By.CSS_SELECTOR, f'input[value="{name}"]')).click()
    waiting.until(lambda page: "/o/authorize/" not in page.current_url)


def consent_at_server(browser: WebDriver, url: str, *, login: str = "", approve: bool = True) -> None:
    """Open an authorization URL of `gumauth.testing`, give a login name, click Allow or Deny."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(url)
    browser.find_element(By.NAME, "login").send_keys(login)
    browser.find_element(By.ID, "allow" if approve else "deny").click()
    WebDriverWait(browser, DEADLINE).until(lambda page: "/authorize" not in page.current_url)


def consent_at_oidc(browser: WebDriver, url: str, *, login: str = "ada", approve: bool = True) -> list[str]:
    """Open an authorization URL of oidc-provider, do what its pages ask; gives the forms shown: "login", "consent"."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.expected_conditions import url_changes
    from selenium.webdriver.support.ui import WebDriverWait

    site, button = url.partition("/auth?")[0] + "/", "allow" if approve else "deny"
    asked = f'input[name="login"], #{button}'
    shown: list[str] = []

    def ready(page: WebDriver) -> bool:
        return not page.current_url.startswith(site) or bool(page.find_elements(By.CSS_SELECTOR, asked))

    browser.get(url)
    while True:
        WebDriverWait(browser, DEADLINE).until(ready)
        there = browser.current_url
        if not there.startswith(site):
            return shown
        if fields := browser.find_elements(By.NAME, "login"):
            fields[0].send_keys(login)
        shown.append("login" if fields else "consent")
        browser.find_element(By.ID, "log-in" if fields else button).click()
        WebDriverWait(browser, DEADLINE).until(url_changes(there))


def in_colours(browser: WebDriver, scheme: str) -> None:
    """Let pages see that the person prefers "light" or "dark"."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
