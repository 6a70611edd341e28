"""The last line of `gumauth doctor` counts what stands above it."""

from __future__ import annotations

import pytest

from gumauth.cli.commands.doctor import verdict


@pytest.mark.parametrize(
    ("failed", "odd", "said"),
    [
        (0, 0, "Everything that gumauth needs works."),
        (0, 1, "Everything that gumauth needs works; one thing to look at."),
        (0, 2, "Everything that gumauth needs works; two things to look at."),
        (1, 0, "One thing will not work."),
        (2, 1, "Two things will not work; one thing to look at."),
        (11, 12, "11 things will not work; 12 things to look at."),
    ],
)
def test_the_verdict_counts_what_fails_and_what_is_to_be_looked_at(failed: int, odd: int, said: str) -> None:
    assert verdict(failed, odd) == said
