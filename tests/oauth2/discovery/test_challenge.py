"""What is read from WWW-Authenticate, as servers send it and as nobody should."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.oauth2.discovery.challenge import Bearer, Challenge, bearer, challenges


@pytest.mark.requirement("M4")
@pytest.mark.parametrize(
    ("value", "scheme", "parameters"),
    [
        ("Bearer", "bearer", ()),
        ("BEARER Realm=x", "bearer", (("Realm", "x"),)),
        ('Bearer realm="a b", scope = "c d" ', "bearer", (("realm", "a b"), ("scope", "c d"))),
        ('Bearer scope="a\\"b\\\\c"', "bearer", (("scope", 'a"b\\c'),)),
        ('Bearer text="say, scope=\\"x\\"", error=e', "bearer", (("text", 'say, scope="x"'), ("error", "e"))),
        ("Bearer metadata=https://h/x?a=b, error=e", "bearer", (("metadata", "https://h/x?a=b"), ("error", "e"))),
        ('Bearer error="e" scope="a"', "bearer", (("error", "e"), ("scope", "a"))),
        ('Bearer, error="e"', "bearer", (("error", "e"),)),
        ('Bearer error="", scope=""', "bearer", (("error", ""), ("scope", ""))),
        ('Bearer error=, scope="a"', "bearer", (("scope", "a"),)),
        ('Bearer scope="a", error=, realm=b', "bearer", (("scope", "a"), ("realm", "b"))),
        ("Negotiate YII/+aw==", "negotiate", ()),
        (',, Bearer\t\tscope="a",,', "bearer", (("scope", "a"),)),
    ],
)  # fmt: skip
def test_one_challenge_is_read_in_every_spelling(
    value: str, scheme: str, parameters: tuple[tuple[str, str], ...]
) -> None:
    assert challenges([value]) == [Challenge(scheme, parameters)]


@pytest.mark.requirement("M4")
@pytest.mark.parametrize(
    "values",
    [
        ['Basic realm="a, Bearer", Bearer scope="b", Negotiate YII='],
        ['Basic realm="a, Bearer"', 'Bearer scope="b"', "Negotiate YII="],
        ['Basic realm="a, Bearer"', 'Bearer scope="b",Negotiate YII=='],
    ],
)
def test_several_challenges_are_told_apart_in_one_value_or_in_several(values: list[str]) -> None:
    assert challenges(values) == [
        Challenge("basic", (("realm", "a, Bearer"),)),
        Challenge("bearer", (("scope", "b"),)),
        Challenge("negotiate"),
    ]


@pytest.mark.requirement("M4")
@pytest.mark.parametrize(
    ("value", "parameters"),
    [
        ('Bearer scope="a", resource_metadata="https://h/x', (("scope", "a"),)),
        ('Bearer scope="a", x="\\', (("scope", "a"),)),
        ('Bearer scope="a", "b, error=c\\', (("scope", "a"),)),
        ("Bearer scope=a Basic, error=e", (("scope", "a"), ("error", "e"))),
        ("Bearer scope=mcp:read mcp:write, error=e", (("scope", "mcp:read"), ("error", "e"))),
        ('Bearer {"error": "scope=b"}, error=e', (("error", "e"),)),
        ("Bearer é=x, error=e", (("error", "e"),)),
    ],
)
def test_a_broken_part_is_left_out_and_the_rest_is_read(value: str, parameters: tuple[tuple[str, str], ...]) -> None:
    assert challenges([value]) == [Challenge("bearer", parameters)]


@pytest.mark.parametrize("value", ["", " , ", 'error="x"', "é", '"Bearer scope=a"', "Bearer@x y=z", "=="])
def test_what_holds_no_scheme_is_no_challenge(value: str) -> None:
    assert challenges([value]) == []
    assert bearer([value]) is None


@pytest.mark.requirement("M5")
def test_a_parameter_that_is_sent_twice_has_both_values() -> None:
    challenge = Challenge("bearer", (("a", "1"), ("b", "2"), ("A", "3")))
    assert challenge.all("a") == challenge.all("A") == ("1", "3")
    assert challenge.all("c") == ()


@pytest.mark.requirement("M3")
@pytest.mark.requirement("M5")
def test_all_challenges_for_access_tokens_count_together() -> None:
    values = [
        'Basic resource_metadata="https://h/basic", scope="z", error="no"',
        'Bearer resource_metadata="https://h/1", scope="a b", resource_metadata="https://h/2"',
        'DPoP algs="ES256", resource_metadata="https://h/1", scope="b c", error="invalid_token"',
    ]
    assert bearer(values) == Bearer(
        metadata_urls=("https://h/1", "https://h/2"), scopes=("a", "b", "c"), error="invalid_token", needs_proof=False
    )


@pytest.mark.requirement("M30")
@pytest.mark.parametrize("value", ['Bearer realm="x"', 'Bearer scope="", error="", resource_metadata=""', "Bearer"])
def test_what_is_absent_or_empty_is_not_said(value: str) -> None:
    assert bearer([value]) == Bearer(metadata_urls=(), scopes=None, error=None, needs_proof=False)


@pytest.mark.requirement("M33")
def test_a_scope_holds_only_the_characters_of_a_scope() -> None:
    found = bearer(['Bearer scope="read  é \\"x w:1"'])
    assert found is not None
    assert found.scopes == ("read", "w:1")


@pytest.mark.parametrize(("value", "needs_proof"), [("DPoP", True), ("DPoP, Bearer", False), ("Bearer", False)])
def test_a_proof_is_needed_where_no_plain_token_is_taken(value: str, needs_proof: bool) -> None:
    found = bearer([value])
    assert found is not None
    assert found.needs_proof is needs_proof


@pytest.mark.requirement("Y8")
def test_addresses_and_scopes_are_bounded() -> None:
    urls = ", ".join(f'resource_metadata="https://h/{n}"' for n in range(9))
    found = bearer([f"Bearer {urls}", f'Bearer scope="{" ".join(map(str, range(900)))}"'])
    assert found is not None
    assert found.metadata_urls == ("https://h/0", "https://h/1", "https://h/2", "https://h/3")
    assert found.scopes is not None
    assert len(found.scopes) == 200


@pytest.mark.requirement("Y8")
def test_a_value_is_read_up_to_its_bound_and_not_cut_within_a_parameter() -> None:
    filler = "x" * 16_360
    found = bearer([f"Bearer realm={filler}, scope=abcdefghijklmnopqrstuvwxyz"])
    assert found == Bearer()
    found = bearer([f"Bearer realm={filler[:-100]}, scope=abcdefghijklmnopqrstuvwxyz"])
    assert found == Bearer(scopes=("abcdefghijklmnopqrstuvwxyz",))


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize(
    "part", ['"', "\\", '\\"', 'a="', "a=", "a ", "a,", "=", " ", ",", 'a="b" ', "a=\\", '"\\', "Bearer x=", "a\t=\t"]
)
@pytest.mark.parametrize("end", ["", "\\", '"', "é"])
def test_no_repetition_takes_more_than_linear_time(part: str, end: str) -> None:
    value = (part * 16_000)[:16_000] + end
    began = time.process_time()
    challenges(["Bearer " + value, value])
    assert time.process_time() - began < 1.5  # squared, it would be 256 million steps


@given(st.lists(st.text(st.sampled_from('Bearer dDPoP"\\=,; \t\r\n\0éaz:/'), max_size=60), max_size=3))
def test_nothing_raises(values: list[str]) -> None:
    for challenge in challenges(values):
        assert challenge.scheme == challenge.scheme.lower() != ""
    bearer(values)


TOKENS = st.text(st.sampled_from("abcXYZ019!#$%&'*+.^_`|~-"), min_size=1, max_size=8)


@given(st.lists(st.tuples(TOKENS, st.text(max_size=12)), min_size=1, max_size=5))
def test_what_is_written_by_the_grammar_is_read_back(parameters: list[tuple[str, str]]) -> None:
    written = ", ".join(
        name + '="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for name, value in parameters
    )
    assert challenges([f"Basic x, Bearer {written}"]) == [Challenge("basic"), Challenge("bearer", tuple(parameters))]
