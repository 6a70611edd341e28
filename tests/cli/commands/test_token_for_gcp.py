"""`gumauth token ACCOUNT --for gcp`: the id_token as an executable-sourced credential."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.id_tokens import id_token
from tests.cli.program import NOW, Ended, inside, keep, listed

TYPE = "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


def asked(environ: dict[str, str], *words: str, **more: str) -> Ended:
    return inside({**environ, **more}, "token", "acme", *words, "--for", "gcp", clock=lambda: NOW)


@pytest.mark.requirement("H3")
@pytest.mark.parametrize("kind", ["", ID_TOKEN, "urn:ietf:params:oauth:token-type:jwt"])
def test_the_credential_is_the_id_token_with_its_end(environ: dict[str, str], kind: str) -> None:
    token = id_token(ends=NOW + 900.5)
    keep(environ, "an-access-token", id_token=token)
    ended = asked(environ, **{TYPE: kind})
    assert json.loads(ended.out) == {
        "version": 1,
        "success": True,
        "token_type": ID_TOKEN,
        "id_token": token,
        "expiration_time": 1_800_000_900,
    }
    assert (ended.status, ended.err) == (0, "")


@pytest.mark.requirement("H3")
def test_nothing_is_said_beside_it_because_both_streams_are_read_as_one(environ: dict[str, str]) -> None:
    listed(environ, "other", "grace@example.com")
    keep(environ, "an-access-token", id_token=id_token(ends=NOW + 5))
    loud = inside(environ, "token", "acme", "--id-token", clock=lambda: NOW)
    assert "ends soon" in loud.err
    ended = asked(environ)
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out)["success"] is True


@pytest.mark.requirement("H4")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "acme/ada@example.com has no id_token: it was connected without the scope `openid`."),
        ({TYPE: "urn:ietf:params:oauth:token-type:saml2"}, "asks for another type of token than an id_token"),
        ({"GOOGLE_EXTERNAL_ACCOUNT_REVOKE": "1"}, "gumauth revokes nothing for another program."),
    ],
)
def test_on_failure_nothing_is_on_standard_output_not_even_the_protocols_own_failure(
    environ: dict[str, str], more: dict[str, str], said: str
) -> None:
    keep(environ, "an-access-token")
    ended = asked(environ, **more)
    assert (ended.status != 0, ended.out) == (True, "")
    assert said in ended.err
    assert "hint:" in ended.err


@pytest.mark.requirement("H4")
def test_a_word_behind_it_is_refused(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", id_token=id_token())
    ended = asked(environ, "get")
    assert (ended.status, ended.out) == (2, "")


@pytest.mark.requirement("H5")
def test_the_file_and_the_pool_that_the_library_names_are_its_own(environ: dict[str, str], tmp_path: Path) -> None:
    keep(environ, "an-access-token", id_token=id_token())
    place = tmp_path / "output.json"
    audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x"
    ended = asked(
        environ,
        GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=str(place),
        GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=audience,
        GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE="1",
    )
    assert ended.status == 0
    assert audience not in ended.out
    assert not place.exists()
