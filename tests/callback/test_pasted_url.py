from __future__ import annotations

import asyncio

import pytest

from gumauth.callback import Answer, Expected, Listener, Redirect
from gumauth.callback.http_request import Request
from gumauth.callback.pages import connected_page
from gumauth.callback.pasted_url import read_paste
from tests.callback.wire import STATE, follow, in_a_loop, listening, until, waiting

QUERY = f"code=4%2F0Ab&state={STATE}"
NOT_THERE = "the address that the browser came back to begins with {uri}?"


@pytest.mark.requirement("C12")
@pytest.mark.parametrize(
    "form",
    [
        "{uri}?{query}",
        "  {uri}?{query}\r\n",
        "{uri}?{query}#",
        "{uri}?{query}#_=_",
        "'{uri}?{query}'",
        "<{uri}?{query}>",
        "\x1b[200~{uri}?{query}\x1b[201~",
        "{bare}?{query}",
        "https://{bare}?{query}",
        "HTTP://{bare}?{query}",
        "/callback?{query}",
        "?{query}",
        "{query}",
        "{uri}?\n{query}",
    ],
)
@in_a_loop
async def test_a_pasted_redirect_url_or_its_query_is_the_answer(form: str) -> None:
    listener = await listening()
    bare = listener.redirect_uri.removeprefix("http://")
    assert listener.offer(form.format(uri=listener.redirect_uri, bare=bare, query=QUERY)) is None
    assert await listener.wait() == Answer(code="4/0Ab")
    await listener.close()


@pytest.mark.requirement("C12")
@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("", NOT_THERE),
        ("\n", NOT_THERE),
        ("yes", NOT_THERE),
        ("4/0AbCdEf", NOT_THERE),
        ("\x00\xff\ud800=", NOT_THERE),
        ("?" * 100_000, NOT_THERE),
        (f"https://linear.app/oauth/authorize?state={STATE}&code=c", NOT_THERE),
        (f"http://evil.example:4862/callback?{QUERY}", NOT_THERE),
        (f"http://localhost:1/callback?{QUERY}", NOT_THERE),
        (f"http://localhost@evil.example/callback?{QUERY}", NOT_THERE),
        (f"/elsewhere?{QUERY}", NOT_THERE),
        ("code=c", "the state is missing, so nothing says which connect this belongs to."),
        ("code=c&state=other", "this belongs to another connect, or to an earlier try."),
        (f"{QUERY}&code=d", "a parameter stands in it twice."),
        (f"state={STATE}", "it holds neither a code nor an error."),
    ],
)
@in_a_loop
async def test_anything_else_is_refused_by_the_same_checks(pasted: str, reason: str) -> None:
    listener = await listening()
    assert listener.offer(pasted) == reason.format(uri=listener.redirect_uri)
    assert listener.rejections == {}
    assert listener.offer(QUERY) is None
    await listener.close()


@pytest.mark.requirement("C12", "F4")
@in_a_loop
async def test_a_paste_from_another_issuer_is_refused() -> None:
    listener = await Listener.bind(Redirect(ports=()))
    listener.expect(Expected(state=STATE, issuer="https://as.example", issuer_required=True))
    assert listener.offer(QUERY) == "the provider always says who it is, and this does not."
    assert listener.offer(f"{QUERY}&iss=https://evil.example") == (
        "this comes from another provider than the one that was asked."
    )
    assert listener.offer(f"{QUERY}&iss=https://as.example") is None
    await listener.close()


@pytest.mark.requirement("C12")
@in_a_loop
async def test_a_paste_of_8_kib_works() -> None:
    listener = await listening()
    code = "c" * 4096
    assert listener.offer(f"{listener.redirect_uri}?code={code}&state={STATE}&extra={'x' * 4096}") is None
    assert await listener.wait() == Answer(code=code)
    await listener.close()


@pytest.mark.requirement("C12")
def test_of_a_paste_64_kib_are_looked_at() -> None:
    """The first byte that is left out is the one after 65,536."""
    request = read_paste("code=" + "c" * 65531 + "d" * 100, host="localhost:4862", path="/callback")
    assert isinstance(request, Request)
    assert request.query == "code=" + "c" * 65531


def test_of_a_paste_only_blanks_quotes_and_brackets_at_its_ends_are_left_out() -> None:
    request = read_paste(" '\"<state=XsX>\"'\n", host="localhost:4862", path="/callback")
    assert isinstance(request, Request)
    assert request.query == "state=XsX"


@pytest.mark.requirement("C12")
@in_a_loop
async def test_a_denial_can_be_pasted() -> None:
    listener = await listening()
    assert listener.offer(f"{listener.redirect_uri}?error=access_denied&state={STATE}") is None
    assert await listener.wait() == Answer(error="access_denied")
    await listener.close()


@pytest.mark.requirement("C12", "F2")
@pytest.mark.parametrize("paste_first", [True, False])
@in_a_loop
async def test_the_first_of_paste_and_callback_wins(paste_first: bool) -> None:
    listener = await listening()
    page = connected_page("Linear", None)
    target = f"/callback?code=browser&state={STATE}"
    if paste_first:
        assert listener.offer(f"code=paste&state={STATE}") is None
    browser = asyncio.create_task(follow(listener, target))
    await until(lambda: len(waiting(listener)) == 1)
    assert listener.offer(f"code=paste&state={STATE}") is None
    assert await listener.wait() == Answer(code="paste" if paste_first else "browser")
    await listener.finish(page)
    assert (await browser).body == page.body
