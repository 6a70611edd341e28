from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from gumauth.callback import Answer
from tests.callback.wire import STATE, get, in_a_loop, listening, send
from tests.programs import callback_fuzz, tls_fuzz


@pytest.fixture
def hypothesis_home(tmp_path: Path) -> Iterator[None]:
    """What Hypothesis notes for itself goes with the test."""
    set_hypothesis_home_dir(tmp_path)
    yield
    set_hypothesis_home_dir(None)


@pytest.mark.no_cover
@pytest.mark.requirement("C7")
@pytest.mark.usefixtures("hypothesis_home")
def test_no_input_breaks_the_reader_or_is_believed_without_the_state() -> None:
    reasons = callback_fuzz.run(1000, seed=0)
    assert sum(reasons.values()) >= 1000
    assert {"unreadable", "unfinished", "missing state", "too large"} <= set(reasons)
    assert {"unfinished form", "form: missing state", "form: believed"} <= set(reasons)


@pytest.mark.no_cover
@pytest.mark.requirement("C7")
@in_a_loop
async def test_no_input_changes_the_state_of_a_listener() -> None:
    """Bytes from a fixed seed, over real connections; the loop's own complaints would fail the test."""
    source = random.Random(4862)
    listener = await listening(patience=0.2)
    inputs = [source.randbytes(source.randrange(1, 600)) for _ in range(100)]
    inputs += [b"".join(source.choices(callback_fuzz.PIECES[:-1], k=12)) for _ in range(100)]
    for at in range(0, len(inputs), 50):
        await asyncio.gather(*(send(listener, content) for content in inputs[at : at + 50]))
    assert not listener._settled.is_set()
    assert sum(listener.rejections.values()) == 200
    browser = asyncio.create_task(get(listener, f"/callback?code=c&state={STATE}"))
    assert await listener.wait() == Answer(code="c")
    await listener.close()
    await browser


@pytest.mark.no_cover
@pytest.mark.requirement("C7", "C13")
@in_a_loop
async def test_no_spoiled_tls_is_believed_or_breaks_the_listener() -> None:
    rejections = await tls_fuzz.run(150, seed=0)
    assert {"unreadable", "wrong state", "too large", "other path"} <= set(rejections)
