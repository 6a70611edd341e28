from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from gumauth.callback.pages import Page, connected_page, failed_page

HOSTILE = "<script>alert('1')</script>\x1b[31m\u202e\"&`\r\n\x00"


def text(page: Page) -> str:
    return page.body.decode("utf-8")


class Seen(HTMLParser):
    """The elements of a page, and what a person reads."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.read = ""
        self.feed(text(page))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] != "style":
            self.read += data


def test_the_page_of_success_says_provider_account_and_what_next() -> None:
    read = " ".join(Seen(connected_page("Linear", "ada@example.com")).read.split())
    assert read == (
        "Linear is connected · gumauth Linear is connected ada@example.com "
        "You may close this tab and go back to your terminal. gumauth"
    )


def test_without_a_nickname_none_is_named() -> None:
    assert "bdi" not in text(connected_page("Linear", None))


def test_the_page_of_failure_says_what_happened_and_what_to_do() -> None:
    page = failed_page("GitHub", "Access was denied.", "Run `gumauth connect github` again.")
    read = " ".join(Seen(page).read.split())
    assert read == (
        "GitHub was not connected · gumauth GitHub was not connected Access was denied. "
        "Run gumauth connect github again. You may close this tab; your terminal says the same. gumauth"
    )
    assert "<code>gumauth connect github</code>" in text(page)


def test_without_a_hint_there_is_no_empty_box() -> None:
    assert 'class="hint"' not in text(failed_page("GitHub", "Access was denied.", None))


@pytest.mark.requirement("C8", "S4")
@pytest.mark.parametrize(
    "page", [connected_page(HOSTILE, HOSTILE), failed_page(HOSTILE, HOSTILE, HOSTILE)], ids=["connected", "failed"]
)
def test_foreign_text_is_escaped_and_harmless(page: Page) -> None:
    plain = text(connected_page("Linear", "ada") if b"is connected" in page.body else failed_page("L", "m", "h"))
    assert [tag for tag, _ in Seen(page).elements] == [
        tag for tag, _ in Seen(type(page)(body=plain.encode(), headers=())).elements
    ]
    assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&quot;&amp;`" in text(page)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text(page))


@pytest.mark.requirement("C8")
@pytest.mark.parametrize("page", [connected_page("Linear", "ada"), failed_page("Linear", "No.", "Again.")])
def test_only_the_pages_own_style_may_apply_and_nothing_be_loaded(page: Page) -> None:
    [style] = re.findall(r"<style>(.*?)</style>", text(page), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert dict(page.headers)["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    attributes = {name for _, attributes in Seen(page).elements for name in attributes}
    assert attributes.isdisjoint({"style", "src", "href", "onload", "onclick", "action"})
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.requirement("C8")
def test_the_page_is_not_kept_framed_sniffed_or_told_of() -> None:
    assert dict(connected_page("Linear", None).headers) | {"Content-Security-Policy": ""} == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
