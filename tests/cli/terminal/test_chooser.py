"""The list from which a provider is chosen: what each key does, what is shown, and the same on a real terminal."""

from __future__ import annotations

import sys

import pytest

from gumauth.cli.terminal.chooser import Chooser, keys
from gumauth.testing import AuthorizationServer, deliver
from tests.cli.connecting import at_terminal, in_terminal
from tests.cli.program import inside, listed

ITEMS = (("acme", "connected: work"), ("github", ""), ("google", ""), ("linear", ""))


def after(data: str, *, at: int = 0) -> Chooser:
    """The list after what a terminal has sent."""
    chooser = Chooser(items=ITEMS, at=at)
    for key in keys(data):
        chooser = chooser.pressed(key)
    return chooser


@pytest.mark.parametrize(
    ("data", "chosen"),
    [
        ("", "acme"),
        ("\x1b[B", "github"),
        ("\x1bOB\x1bOB", "google"),
        ("\x1b[A", "linear"),
        ("\x1b[B\x1b[A", "acme"),
        ("\x1b[B" * 4, "acme"),
        ("\x1b[6~", "linear"),
        ("\x1b[6~\x1b[5~", "acme"),
        ("\x1b[F", "linear"),
        ("\x1b[4~\x1b[H", "acme"),
        ("\x1bOF\x1b[1~\x1b[B", "github"),
        ("3", "google"),
        ("3\x1b[B", "linear"),
        ("g", "github"),
        ("go", "google"),
        ("GO", "google"),
        ("gox\x7f", "google"),
        ("3\x7f2", "github"),
        ("linear", "linear"),
        ("9", "9"),
        ("0", "0"),
        ("./auth.py", "./auth.py"),
        ("linear/work", "linear/work"),
        ("\x1b[200~li\x1b[201~", "linear"),
        ("\x00\x01", "acme"),
        ("\x7f", "acme"),
    ],
)
def test_what_enter_chooses(data: str, chosen: str) -> None:
    assert after(data).chosen == chosen


def test_the_keys_of_a_terminal_in_both_its_modes() -> None:
    assert keys("\x1b[A\x1bOA\x1b[B\x1bOB\r\n\x7f\b\x04\x1b") == [
        *("up", "up", "down", "down", "enter", "enter", "erase", "erase", "give up", "give up"),
    ]
    assert keys("a\x1b[3~é\x00") == ["a", "é"]


def test_the_one_that_enter_would_choose_is_marked_without_colour() -> None:
    lines = after("\x1b[B").lines(80, 10)
    assert lines == [
        ("  1  acme    connected: work", False),
        ("> 2  github", True),
        ("  3  google", False),
        ("  4  linear", False),
    ]


def test_nothing_is_marked_where_something_else_is_typed() -> None:
    assert not any(is_at for _, is_at in after("./auth.py").lines(80, 10))


@pytest.mark.parametrize("width", [3, 10, 20, 40])
def test_no_line_is_as_long_as_the_window(width: int) -> None:
    items = (("acme", "connected: " + "work, " * 20), ("beta", "連絡連絡連絡連絡連絡連絡連絡"))
    for line, _ in Chooser(items=items).lines(width, 10):
        assert sum(2 if letter > "⺀" else 1 for letter in line) < width


def test_a_long_list_shows_what_is_near_the_chosen_one() -> None:
    items = tuple((f"p{number:02}", "") for number in range(1, 41))
    for at, first, last in ((0, ">  1", "   7"), (20, "  18", "  24"), (39, "  34", "> 40")):
        shown = [line for line, _ in Chooser(items=items, at=at).lines(80, 7)]
        assert len(shown) == 7
        assert shown[0].startswith(first)
        assert shown[-1].startswith(last)
    more = [Chooser(items=items, at=at).more(7) for at in (0, 20, 39)]
    assert more == ["… 33 more below", "… 17 more above, 16 more below", "… 33 more above"]
    assert Chooser(items=items).more(40) == ""
    assert [Chooser(items=items, at=20).pressed(key, 7).at for key in ("page up", "page down")] == [13, 27]


def test_a_provider_is_chosen_by_keys_and_connected(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    listed(environ, "acme", "ada", alias="work", source=f"{file}:Provider", state="reconnect")
    with at_terminal({**environ, "NO_COLOR": "1"}, "connect", "--no-browser") as run:
        run.until(r">  1  acme +connected: work\r\n   2  \w+ ")
        run.type("\x1b[B")
        run.until(r">  2  \w+ ")
        run.type("\x1b[A")
        run.until(r"(?s)>  2  \w+ .*>  1  acme")
        run.type("\r")
        deliver(server.follow(run.address))
        run.until(r"Connected acme|Is it")


@pytest.mark.requirement("C10")
@pytest.mark.parametrize(("key", "status"), [("\x03", 130), ("\x1b", 2), ("\x04", 2)])
def test_whoever_gives_up_has_the_terminal_back(environ: dict[str, str], key: str, status: int) -> None:
    shell = [
        "sh",
        "-c",
        f"trap : INT; {sys.executable} -m gumauth connect; echo status $?; stty -a | grep -q -e -icanon || echo cooked",
    ]
    with in_terminal(shell, {**environ, "TERM": "xterm"}) as run:
        run.until("a part of a name")
        run.until(r"… \d+ more below\r\nNumber, name, file or address: ")
        run.type("99999\r")
        run.until(r"No line has the number 99999\. Press Backspace")
        run.type(key)
        run.until(rf"status {status}\r\ncooked")
        assert ("Nothing was chosen." in run.shown, "Nothing was entered" in run.shown) == (status == 2, False)


def test_a_terminal_that_cannot_draw_is_asked_for_a_line(environ: dict[str, str]) -> None:
    with in_terminal(["env", "TERM=dumb", sys.executable, "-m", "gumauth", "connect"], environ) as run:
        run.until(r"  \d+  google +Google\r\n")
        run.type("zzzz\n")
        run.until(r"No line has zzzz\.")
        run.type("goog\n")
        run.until("google")
        assert "\x1b" not in run.shown
        run.until("Register an app for Google")
        run.press_ctrl_c()


def test_without_a_terminal_it_is_a_wrong_command_line(environ: dict[str, str]) -> None:
    ended = inside(environ, "connect")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "error: `gumauth connect` needs PROVIDER behind it.\n"
        "hint:  Write `gumauth connect PROVIDER`; `gumauth providers` lists what can be connected.\n"
    )
    with at_terminal(environ, "connect", "--json") as run:
        run.until('"code": "usage"')
