"""A record as a value, and as its line of JSON."""

from __future__ import annotations

import json
import secrets

import pytest

from gumauth.accounts.record import Record, decode, encode
from gumauth.errors import RecordCorrupt
from gumauth.platform.frozen import replace


def record(grant: str = "g1") -> Record:
    return Record(
        access_token=secrets.token_urlsafe(40),
        refresh_token=secrets.token_urlsafe(40),
        obtained_at=100.0,
        grant=grant,
        account={},
    )


@pytest.mark.requirement("K12")
def test_a_record_is_one_line_of_json_with_a_version() -> None:
    text = encode(replace(record(), account={"nickname": "two\nlines"}))
    assert "\n" not in text
    assert text == text.strip()
    assert json.loads(text)["version"] == 3
    assert encode(decode(text, "linear")) == text


def test_what_a_record_does_not_say_is_as_it_was_before_it_could() -> None:
    kept = decode('{"version": 1, "access_token": "t", "account": {}}', "linear")
    assert (kept.token_type, kept.refresh_token, kept.expires_at, kept.obtained_at) == ("Bearer", None, None, 0.0)
    assert (kept.generation, kept.grant, kept.token_url, kept.client_id, kept.rescue) == (0, "", None, None, None)


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(
    "change",
    [
        {"access_token": ""},
        {"access_token": None},
        {"access_token": 5},
        {"refresh_token": 5},
        {"token_type": None},
        {"grant": None},
        {"expires_at": "soon"},
        {"obtained_at": None},
        {"generation": "1"},
        {"account": []},
        {"version": None},
        {"version": 1.5},
        {"version": "2"},
        {"expires_at": ""},
        {"expires_at": []},
        {"expires_at": {}},
        {"expires_at": False},
        {"expires_at": float("nan")},
        {"obtained_at": float("inf")},
        {"token_url": []},
        {"client_id": 7},
        {"rescue": "zz"},
        {"rescue": "g" * 64},
        {"rescue": 7},
        {"id_token": 7},
        {"unknown": 1},
    ],
)
def test_a_record_with_a_wrong_field_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(RecordCorrupt) as caught:
        decode(json.dumps({**json.loads(encode(record())), **change}), "linear/work")
    assert caught.value.hint == "Run `gumauth connect linear`; the record is replaced then."


@pytest.mark.requirement("K12")
def test_an_id_token_alone_makes_a_record_of_version_5_and_older_ones_are_read() -> None:
    kept = replace(record(), id_token=secrets.token_urlsafe(40))
    assert json.loads(encode(kept))["version"] == 5
    assert decode(encode(kept), "linear") == kept
    assert "id_token" not in json.loads(encode(record()))
    for version in (1, 2, 3, 4):
        older = decode(json.dumps({**json.loads(encode(record())), "version": version}), "linear")
        assert older.id_token is None


@pytest.mark.requirement("K12")
def test_the_higher_version_of_record_and_account_is_the_records() -> None:
    of_account = {"issuer": "https://issuer.example"}
    assert json.loads(encode(replace(record(), account=of_account)))["version"] == 4
    assert json.loads(encode(replace(record(), account=of_account, id_token="a.b.c")))["version"] == 5


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '"x"', "[" * 100_000, "\x00", '{"version": 1}'])
def test_text_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(RecordCorrupt):
        decode(text, "linear")


@pytest.mark.requirement("S2")
def test_a_record_shows_no_token() -> None:
    kept = replace(record(), rescue=secrets.token_hex(32), id_token=secrets.token_urlsafe(40))
    for shown in (repr(kept), str(kept), f"{kept}", repr([kept])):
        assert str(kept.rescue) not in shown
        assert str(kept.id_token) not in shown
        assert kept.access_token not in shown
        assert str(kept.refresh_token) not in shown
        assert "grant='g1'" in shown
