"""What the book finds beside the token endpoint's answers: pure verdicts, and the seed's example as a whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gumauth.cli.check import cases, characters, nicknames, redirects
from gumauth.cli.check.cases import Case
from gumauth.cli.check.outcome import Outcome, Seen
from tests.cli.program import environment, inside

FIXTURES = Path(__file__).parents[2] / "fixtures"
REFUSED = (
    "! surprises auth.py:33 The service refuses (400, invalid_grant), refuses (403, access_denied), "
    "is too busy (429) or does the like"
)
SECRET = "made up+/=&% :?"


def sent(host: str = "acme.example", **members: str) -> Seen:
    return _seen(host, {"user-agent": "python-httpx/1"}, members)


def _seen(host: str, headers: dict[str, str], members: dict[str, str]) -> Seen:
    url = f"https://{host}/token"
    return Seen(endpoint="token", method="POST", url=url, headers=headers, members=members, line="a.py:7", status=200)


def exchange(*requests: Seen) -> Outcome:
    return Outcome(method="exchange", requests=requests)


def nickname_case(name: str) -> Case:
    return next(each for each in cases.of_nicknames() if each.id == name)


def test_a_secret_that_follows_a_redirect_to_another_host_breaks() -> None:
    told = redirects.judged(exchange(sent(code="a"), sent("elsewhere.example", code="a", client_secret="b")))
    assert (told.level, told.file) == ("breaks", "follows with `client_secret` and `code`")
    assert told.mend == "Leave `follow_redirects` out."
    assert told.step is not None
    assert told.step.place == "a.py:7"


def test_an_authorization_header_that_follows_a_redirect_breaks() -> None:
    told = redirects.judged(exchange(_seen("elsewhere.example", {"authorization": "Bearer a"}, {})))
    assert told.file == "follows with `authorization`"


def test_a_redirect_that_is_followed_without_secrets_is_fine() -> None:
    assert redirects.judged(exchange(sent(code="a"), sent("elsewhere.example", grant_type="x"))).level == "fine"
    assert redirects.judged(exchange(sent(code="a"), sent("acme.example", code="a"))).level == "fine"


@pytest.mark.parametrize(
    ("code", "level"), [(characters.CODE, "fine"), (characters.CODE.replace("%2F", "/"), "breaks")]
)
def test_a_code_must_be_sent_as_it_came(code: str, level: str) -> None:
    told = characters.of_code(exchange(sent(code=code)))
    assert told is not None
    assert told.level == level


@pytest.mark.parametrize(("secret", "level"), [(SECRET, "fine"), ("made up /=", "breaks")])
def test_a_client_secret_must_be_sent_as_it_is(secret: str, level: str) -> None:
    told = characters.of_secret(exchange(sent(client_secret=secret)), [SECRET])
    assert told is not None
    assert told.level == level


@pytest.mark.parametrize("case", ["nickname-missing", "nickname-null", "nickname-refused"])
@pytest.mark.parametrize(
    ("name", "level"),
    [("None", "breaks"), ("user", "breaks"), ("Ada", "fine"), (None, "fine"), ("", "fine"), (7, "surprises")],
)
def test_a_name_that_no_answer_holds_breaks(case: str, name: object, level: str) -> None:
    outcome = Outcome(method="get_nickname", result=name)
    assert nicknames.judged(nickname_case(case), outcome, usual="Ada").level == level


def test_an_answer_without_a_name_has_neither_texts_nor_numbers() -> None:
    assert cases.without_leaves({"data": {"me": {"name": "Ada", "id": 7}}, "ok": [1, {"a": 1}]}) == {
        "data": {"me": {}},
        "ok": [{}],
    }


def test_the_seeds_example_surprises_three_times_and_nothing_breaks(tmp_path: Path) -> None:
    file = tmp_path / "auth.py"
    shutil.copyfile(FIXTURES / "gumstack_linear.py", file)
    file.chmod(0o600)
    ended = inside(environment(tmp_path), "check", str(file))
    assert ended.status == 0
    told = [line for line in ended.out.splitlines() if line.startswith("!")]
    assert [line.partition("; ")[0].partition("` ")[0] for line in told] == [
        "! surprises auth.py:34 The service gave a refresh token",
        "! surprises auth.py:17 `get_url",
        REFUSED,
    ]
    assert "✗" not in ended.out
    assert "→ Call `response.raise_for_status()` before the answer is read.\n" in ended.out
    assert ended.out.endswith(
        "things that were tried; --all has a line for each.\nNothing breaks; three things surprise.\n"
    )
