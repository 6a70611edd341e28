"""What a file reads out of answers is found by watching, so that it is played with answers that it understands."""

from __future__ import annotations

from typing import Any

import pytest

from gumauth.cli.check.learning import UNTOLD
from tests.cli.check.many import played
from tests.cli.check.styles import EXCHANGES, NICKNAMES, UNKNOWN, WHOLE, with_nickname, with_tokens

FILES = (
    WHOLE
    | {f"nickname: {name}": with_nickname(body) for name, body in NICKNAMES.items()}
    | {f"tokens: {name}": with_tokens(body) for name, body in EXCHANGES.items()}
)

ALL = FILES | {name: with_nickname(body) for name, body in UNKNOWN.items()}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    paths = {}
    for number, (name, content) in enumerate(ALL.items()):
        path = tmp_path_factory.mktemp("file") / f"auth{number}.py"
        (path.parent / ".env").write_text("STYLES_CLIENT_SECRET=kept\nSTYLES_PATH=/v2/me\n")
        path.write_text(content)
        path.chmod(0o600)
        paths[name] = str(path)
    found = played(paths.values())
    return {name: found[path] for name, path in paths.items()}


@pytest.mark.parametrize("name", FILES)
def test_a_file_lives_whatever_it_reads(findings: dict[str, list[dict[str, Any]]], name: str) -> None:
    broken = [each for each in findings[name] if each.get("level") not in ("fine", "surprises", None)]
    assert broken == []
    cases = {each["case"]: each for each in findings[name] if "case" in each}
    assert cases["nickname"]["file"] == "tells whose account it is"
    assert "rotation" in cases


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_found_out_is_no_fault(findings: dict[str, list[dict[str, Any]]], name: str) -> None:
    assert {each["level"] for each in findings[name] if "level" in each} == {"fine"}
    assert [each["file"] for each in findings[name] if each.get("case") == "nickname"] == [UNTOLD]


ODD = ("facebook", "gong", "instagram", "keycloak", "monday", "notion", "quickbooks", "salesforce", "slack", "tiktok")


def test_a_service_tells_what_its_facts_say_it_tells() -> None:
    for name, said in played(ODD).items():
        assert {each["level"] for each in said if "level" in each} == {"fine"}, (name, said)
        assert [each["file"] for each in said if each.get("case") == "nickname"] == [
            "has no address to ask; the account is kept without a name"
            if name == "gong"
            else "tells whose account it is"
        ]


def test_what_is_read_from_the_environment_is_told_and_what_the_file_needs_of_it(
    findings: dict[str, list[dict[str, Any]]],
) -> None:
    told = {
        name: [each["file"] for each in said if each.get("case") == "environment"] for name, said in findings.items()
    }
    assert told["numbers and switches"][0] == (
        "reads STYLES_CLIENT_ID, STYLES_CLIENT_SECRET, STYLES_LIMIT, STYLES_ODD, STYLES_TOKEN_URL and STYLES_USE_TLS"
        " from its environment; and, where it is set, STYLES_PORT and STYLES_SCOPES"
    )
    assert (
        told["a dotenv file"][0] == "reads STYLES_CLIENT_ID, STYLES_CLIENT_SECRET and STYLES_PATH from its environment"
    )
