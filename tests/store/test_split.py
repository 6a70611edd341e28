"""Values in parts, in a store whose entries are short."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies

from gumauth.errors import RecordCorrupt, RecordTooLarge, StoreError
from gumauth.store.split import LIMIT, SplitStore, cut, units
from tests.store.contract import StoreContract, random_value
from tests.store.memory import MemoryStore

KEY = "linear/0123456789abcdef/a"


class CappedStore(MemoryStore):
    """Takes 2560 bytes of UTF-16, as the Windows Credential Locker does."""

    def set(self, key: str, value: str) -> None:
        if len(value.encode("utf-16-le")) > 2560:
            raise RecordTooLarge("too large")
        super().set(key, value)


class TestContract(StoreContract):
    """The contract holds above a capped store."""

    pytestmark = pytest.mark.requirement("K9")

    @pytest.fixture
    def store(self) -> SplitStore:
        return SplitStore(CappedStore())


@pytest.mark.requirement("K9")
def test_a_part_fits_into_an_entry_of_windows() -> None:
    assert LIMIT * 2 <= 2560


@pytest.mark.requirement("K9")
@given(strategies.text(min_size=1), strategies.integers(2, 9))
def test_the_pieces_of_a_text_fit_and_make_up_the_text(text: str, limit: int) -> None:
    pieces = list(cut(text, limit))
    assert "".join(pieces) == text
    assert all(0 < units(piece) <= limit for piece in pieces)


def test_a_character_beyond_the_first_plane_counts_twice_and_is_not_cut() -> None:
    """U+1F600 is two code units in UTF-16."""
    assert units("a\U0001f600") == 3
    assert list(cut("a\U0001f600b", 2)) == ["a", "\U0001f600", "b"]


@pytest.mark.requirement("K9")
def test_old_parts_are_cleaned_up_whether_the_new_value_is_long_or_short() -> None:
    inner = CappedStore()
    store = SplitStore(inner)
    store.set(KEY, random_value(5000))
    assert inner.keys() == [KEY, *(f"{KEY}/x{at}" for at in range(5))]
    store.set(KEY, random_value(3000))
    assert inner.keys() == [KEY, *(f"{KEY}/y{at}" for at in range(3))]
    store.set(KEY, random_value())
    assert inner.keys() == [KEY]


@pytest.mark.requirement("K9", "K7")
@pytest.mark.parametrize("harm", ["part missing", "part changed", "head broken", "letter unknown", "count absurd"])
def test_parts_that_do_not_belong_together_are_told(harm: str) -> None:
    inner = CappedStore()
    store = SplitStore(inner)
    store.set(KEY, random_value(3000))
    head = json.loads(inner.get(KEY) or "")
    broken = {
        "part missing": (f"{KEY}/x1", None),
        "part changed": (f"{KEY}/x1", "x"),
        "head broken": (KEY, '{"version": 1, "parts": '),
        "letter unknown": (KEY, json.dumps({**head, "letter": "z"})),
        "count absurd": (KEY, json.dumps({**head, "parts": 1e9})),
    }
    key, value = broken[harm]
    inner.delete(key) if value is None else inner.set(key, value)
    with pytest.raises(RecordCorrupt, match="is incomplete"):
        store.get(KEY)
    value = random_value(3000)
    store.set(KEY, value)
    assert store.get(KEY) == value


def test_a_value_that_looks_like_a_head_comes_back_as_it_was() -> None:
    store = SplitStore(CappedStore())
    value = '{"version": 1, "parts": 3, "letter": "x", "sha256": ""}'
    store.set(KEY, value)
    assert store.get(KEY) == value


@pytest.mark.requirement("K9")
def test_a_part_that_is_not_given_back_is_told_before_the_old_value_goes() -> None:
    class Forgetful(CappedStore):
        forgets = False

        def get(self, key: str) -> str | None:
            return None if self.forgets and key.endswith("1") else super().get(key)

    inner = Forgetful()
    store = SplitStore(inner)
    old = random_value(3000)
    store.set(KEY, old)
    inner.forgets = True
    with pytest.raises(StoreError, match="did not give back"):
        store.set(KEY, random_value(3000))
    inner.forgets = False
    assert store.get(KEY) == old


def test_warming_is_passed_on_where_there_is_something_to_warm() -> None:
    class Warm(MemoryStore):
        warmed = 0

        def warm(self) -> None:
            self.warmed += 1

    inner = Warm()
    SplitStore(inner).warm()
    SplitStore(MemoryStore()).warm()
    assert inner.warmed == 1
    assert SplitStore(inner).name == "memory"
