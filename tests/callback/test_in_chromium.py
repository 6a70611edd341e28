"""What a real browser makes of the callback and its page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gumauth.callback import Answer, Listener
from gumauth.callback.pages import Page, connected_page, failed_page
from tests.callback.wire import STATE, in_a_loop, listening
from tests.loopback import Answer as Answered
from tests.loopback import Loopback, loopback
from tests.parts.browser import in_colours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver.chrome.webdriver import WebDriver

pytestmark = pytest.mark.browser


@pytest.fixture
def provider() -> Iterator[Loopback]:
    """Another origin, with a page of its own."""
    with loopback() as server:
        yield server


RIGHT = f"code=c0de&state={STATE}"


async def visit(browser: WebDriver, listener: Listener, page: Page) -> None:
    """Send the browser to the redirect URI as a provider does, from a page; finish while it waits."""
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get("about:blank")
    url = f"{listener.redirect_uri}?{RIGHT}"
    going = asyncio.create_task(asyncio.to_thread(browser.execute_script, "location = arguments[0]", url))
    assert await listener.wait() == Answer(code="c0de")
    await listener.finish(page)
    await going
    await asyncio.to_thread(WebDriverWait(browser, 10).until, lambda tab: tab.title.endswith("gumauth"))


@pytest.mark.requirement("C8")
@in_a_loop
async def test_a_form_that_a_providers_page_posts_by_itself_ends_on_the_page(
    browser: WebDriver, provider: Loopback
) -> None:
    """As Apple, Microsoft and others do it: a page of theirs submits the answer; the code is in no address."""
    from selenium.webdriver.support.ui import WebDriverWait

    listener = await listening(form_post=True)
    fields = f'<input name=code value="c0de"><input name=state value="{STATE}">'
    page = f'<body onload="document.forms[0].submit()"><form method=post action="{listener.redirect_uri}">{fields}'
    provider.answers = [Answered(body=page.encode(), headers={"Content-Type": "text/html"})]
    going = asyncio.create_task(asyncio.to_thread(browser.get, provider.url))
    assert await listener.wait() == Answer(code="c0de")
    await listener.finish(connected_page("Acme", "ada@example.com"))
    await going
    await asyncio.to_thread(WebDriverWait(browser, 10).until, lambda tab: tab.title.endswith("gumauth"))
    assert browser.title == "Acme is connected · gumauth"
    assert browser.current_url.startswith(f"http://localhost:{listener.port}/done/")
    assert set(listener.rejections) <= {"other path"}  # its favicon


@pytest.mark.requirement("C4")
@in_a_loop
async def test_a_form_that_a_script_sends_is_not_taken_for_a_visit(browser: WebDriver, provider: Loopback) -> None:
    listener = await listening(form_post=True)
    provider.answers = [Answered(body=b"<title>other</title>", headers={"Content-Type": "text/html"})]
    await asyncio.to_thread(browser.get, provider.url)
    script = (
        "fetch(arguments[0], {method: 'POST', mode: 'no-cors', headers:"
        " {'Content-Type': 'application/x-www-form-urlencoded'}, body: arguments[1]}).catch(() => 0).then(arguments[2])"
    )
    await asyncio.to_thread(browser.execute_async_script, script, listener.redirect_uri, RIGHT)
    assert listener.rejections["no visit"] == 1
    assert not listener._settled.is_set()
    await listener.close()


def styled(browser: WebDriver, element: str, name: str) -> object:
    return browser.execute_script(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", element, name
    )


@pytest.mark.requirement("C8")
@in_a_loop
async def test_the_code_is_neither_in_the_address_bar_nor_in_the_tabs_history(browser: WebDriver) -> None:
    listener = await listening()
    await visit(browser, listener, connected_page("Linear", "ada@example.com"))
    assert browser.title == "Linear is connected · gumauth"
    assert browser.current_url.startswith(f"http://localhost:{listener.port}/done/")
    history = browser.execute_cdp_cmd("Page.getNavigationHistory", {})
    assert [entry["url"] for entry in history["entries"] if "c0de" in entry["url"] + entry["title"]] == []
    assert "c0de" not in browser.execute_script("return JSON.stringify(performance.getEntries())")
    assert browser.execute_script("return document.referrer") == ""
    assert listener.rejections == {}


@pytest.mark.requirement("C8")
@pytest.mark.parametrize(
    ("page", "colours"),
    [
        (connected_page("Linear", "ada@example.com"), {"light": "rgb(18, 130, 76)", "dark": "rgb(79, 208, 140)"}),
        (failed_page("Linear", "Denied.", "Again."), {"light": "rgb(184, 64, 31)", "dark": "rgb(255, 143, 107)"}),
    ],
    ids=["connected", "failed"],
)
@in_a_loop
async def test_the_page_keeps_its_style_in_light_and_dark_and_asks_for_nothing(
    browser: WebDriver, page: Page, colours: dict[str, str]
) -> None:
    """The hash in the policy is the style's: a browser that refused it would show a bare page and complain."""
    listener = await listening()
    await visit(browser, listener, page)
    for scheme, colour in colours.items():
        in_colours(browser, scheme)
        assert styled(browser, ".stroke", "stroke") == colour
    assert styled(browser, "main", "borderRadius") == "20px"
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.requirement("C8")
@in_a_loop
async def test_the_page_fits_a_narrow_screen_whatever_the_names(browser: WebDriver) -> None:
    size = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    await visit(browser, await listening(), connected_page("X" * 80, "y" * 150 + "@example.com"))
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


@in_a_loop
async def test_a_command_of_a_hint_stays_on_one_line_where_it_fits_and_is_as_dark_as_the_message(
    browser: WebDriver,
) -> None:
    page = failed_page(
        "GitHub", "It was refused.", "Then try again with `gumauth connect github` or see `gumauth list`."
    )
    await visit(browser, await listening(), page)
    for width in (320, 360, 480, 900):
        size = {"width": width, "height": 640, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        heights = browser.execute_script("return [...document.querySelectorAll('code')].map(c => c.offsetHeight)")
        assert len(set(heights)) == 1, width
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    colour = "return getComputedStyle(document.querySelector('.{}')).color"
    assert browser.execute_script(colour.format("hint")) == browser.execute_script(colour.format("message"))
