"""Tables in narrow windows: what is left out is told."""

from __future__ import annotations

from typing import TextIO

import pytest

from gumauth.cli import main
from gumauth.cli.terminal.terminal import Terminal
from tests.cli.program import Screen


class Window(Terminal):
    """A window of 60 columns."""

    columns = 60

    def width(self, stream: TextIO) -> int | None:
        """As many as the window has."""
        return self.columns


@pytest.mark.parametrize(
    ("words", "columns", "told"),
    [
        (["providers"], 60, "This window is too narrow for Credentials."),
        (["providers"], 120, ""),
        (["link"], 60, "This window is too narrow for Where."),
        (["link"], 200, ""),
    ],
)
def test_what_a_narrow_window_has_no_room_for_is_told(
    environ: dict[str, str], words: list[str], columns: int, told: str
) -> None:
    environ |= {"SHOPIFY_CLIENT_ID": "an-id"}
    out, err = Screen(), Screen()
    terminal = Window(environ, Screen(), out, err)
    terminal.columns = columns
    assert main.run(words, terminal) == 0
    assert [line for line in err.getvalue().splitlines() if "narrow" in line] == ([told] if told else [])
