"""The played person clicks what is there, and goes where the browser is sent."""

from __future__ import annotations

import pytest

from gumauth.testing import PageRefused, deliver
from gumauth.testing.listening import Listening
from gumauth.testing.messages import Request, Response
from gumauth.testing.person import consent


def test_the_person_follows_the_callback_to_the_page_that_is_seen_in_the_end() -> None:
    def answer(request: Request) -> Response:
        if request.path == "/callback":
            return Response(status=303, headers={"Location": "/done"})
        return Response(body=b"You may close this tab")

    listening = Listening(answer)
    assert deliver(f"http://127.0.0.1:{listening.port}/callback?code=x") == (200, "You may close this tab")
    listening.close()


def test_the_person_gives_up_on_a_circle() -> None:
    listening = Listening(lambda request: Response(status=303, headers={"Location": request.target}))
    assert deliver(f"http://127.0.0.1:{listening.port}/round")[0] == 303
    listening.close()


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ([(400, '<p id="reason">No &lt;such&gt; client</p>')], "No <such> client"),
        ([(500, "")], "status 500"),
        ([(200, 'name="consent" value="1"'), (400, "answered before")], "status 400 after the click"),
    ],
)
def test_a_page_without_the_question_is_an_error_in_its_words(pages: list[tuple[int, str]], said: str) -> None:
    waiting = iter(pages)

    def send(_method: str, _url: str, _form: object) -> tuple[int, dict[str, str], str]:
        status, text = next(waiting)
        return status, {}, text

    with pytest.raises(PageRefused, match=said):
        consent("http://127.0.0.1/authorize", approve=True, login="", send=send)
