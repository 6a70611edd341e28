"""`gumauth token ACCOUNT --for kubectl`: an ExecCredential, with the id_token where there is one."""

from __future__ import annotations

import json

import pytest

from gumauth.errors import GumauthError
from gumauth.handout.programs.kubectl import credential, wanted
from tests.cli.id_tokens import id_token
from tests.cli.program import NOW, Ended, inside, keep

V1, BETA = "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"


def asked(environ: dict[str, str], *words: str, info: str | None = None) -> Ended:
    more = {} if info is None else {"KUBERNETES_EXEC_INFO": info}
    return inside({**environ, **more}, "token", "acme", "--for", "kubectl", *words, clock=lambda: NOW)


@pytest.mark.requirement("H3")
def test_the_access_token_is_there_where_there_is_no_id_token(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", expires_at=NOW + 1800.75)
    assert asked(environ).out == (
        '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", '
        '"status": {"token": "an-access-token", "expirationTimestamp": "2027-01-15T08:30:00Z"}}\n'
    )


@pytest.mark.requirement("H3")
def test_the_id_token_goes_first_and_has_its_own_end(environ: dict[str, str]) -> None:
    token = id_token(ends=NOW + 900)
    keep(environ, "an-access-token", expires_at=NOW + 1800, id_token=token)
    ended = asked(environ)
    assert json.loads(ended.out)["status"] == {"token": token, "expirationTimestamp": "2027-01-15T08:15:00Z"}
    assert (ended.status, ended.err) == (0, "")


def test_the_access_token_can_be_asked_for_by_a_word(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", id_token=id_token())
    words = ("acme", "access-token", "--for", "kubectl")
    ended = inside(environ, "token", *words, clock=lambda: NOW)
    assert json.loads(ended.out)["status"] == {"token": "an-access-token"}


@pytest.mark.requirement("H4")
@pytest.mark.parametrize(
    ("words", "status"), [(["get", "--for", "kubectl"], 2), (["--for", "kubectl", "--id-token"], 3)], ids=str
)
def test_nothing_is_printed_for_an_unknown_word_or_without_the_id_token_that_is_asked_for(
    environ: dict[str, str], words: list[str], status: int
) -> None:
    keep(environ, "an-access-token")
    ended = inside(environ, "token", "acme", *words, clock=lambda: NOW)
    assert (ended.status, ended.out) == (status, "")
    assert ended.err


@pytest.mark.requirement("H5")
def test_an_id_token_that_has_ended_is_not_replaced_by_the_access_token(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", id_token=id_token(ends=NOW - 1))
    ended = asked(environ)
    assert (ended.status, ended.out) == (3, "")
    assert "has ended" in ended.err
    assert "an-access-token" not in ended.err


@pytest.mark.requirement("H3")
@pytest.mark.parametrize("version", [V1, BETA])
def test_the_version_is_the_one_that_the_program_asks_for(environ: dict[str, str], version: str) -> None:
    keep(environ, "an-access-token")
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    assert json.loads(asked(environ, info=json.dumps(info)).out)["apiVersion"] == version


@pytest.mark.parametrize(
    "info",
    [
        "",
        "no JSON",
        "[" * 100_000,
        "[]",
        "null",
        "7",
        "{}",
        '{"apiVersion": 1}',
        f'{{"apiVersion": "x{" " * (1 << 20)}"}}',
    ],
    ids=lambda info: info[:12],
)
def test_what_cannot_be_understood_asks_for_nothing_in_particular(info: str) -> None:
    assert wanted(info) == V1


@pytest.mark.requirement("H4")
def test_an_unknown_version_is_an_error_and_nothing_is_printed(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    ended = asked(environ, info='{"apiVersion": "client.authentication.k8s.io/v1alpha1\\u001b[2J"}')
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        "error: An ExecCredential of 'client.authentication.k8s.io/v1alpha1' is wanted,"
        " which gumauth does not know.\n"
        "hint:  Write `apiVersion: client.authentication.k8s.io/v1` in the kubeconfig's `exec`.\n"
    )
    with pytest.raises(GumauthError):
        wanted('{"apiVersion": ""}')


@pytest.mark.requirement("H9")
def test_a_refresh_token_is_in_no_form(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", refresh_token="a-refresh-token", id_token=id_token())
    for words in (
        ["--for", "kubectl"],
        ["access-token", "--for", "kubectl"],
        ["--for", "gcp"],
        ["--id-token"],
        ["--id-token", "--json"],
        ["--id-token", "--header"],
    ):
        ended = inside(environ, "token", "acme", *words, clock=lambda: NOW)
        assert ended.status == 0
        assert "a-refresh-token" not in ended.out + ended.err


def test_a_token_without_a_known_end_has_no_timestamp() -> None:
    assert json.loads(credential(V1, "t", None))["status"] == {"token": "t"}
