"""`gumauth token --for`: what is printed, what is read, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from tests.accounts.directly import records_of, save
from tests.cli.program import NOW, Ended, inside, keep, listed

ASKED = "protocol=https\nhost=github.com\n\n"


def github(environ: dict[str, str], nickname: str, token: str, **fields: object) -> None:
    """An account of GitHub with a record in the store."""
    context = Context(environ)
    account = listed(environ, "github", nickname, grant="g", **fields)
    record = Record(access_token=token, grant="g", refresh_token="never-shown", obtained_at=NOW - 60, account={})
    account, _ = records_of(context).put(account, record)
    records_of(context).mark(account)


def get(environ: dict[str, str], reference: str = "github", sent: str = ASKED, word: str = "get") -> Ended:
    return inside(environ, "token", reference, "--for", "git", word, stdin=sent, clock=lambda: NOW)


@pytest.mark.requirement("H3", "H9")
def test_an_mcp_client_gets_one_object_of_strings(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", token_type="bearer", refresh_token="never-shown")
    ended = inside(environ, "token", "acme", "--for", "mcp", clock=lambda: NOW)
    assert ended == Ended(0, '{"Authorization": "Bearer an-access-token"}\n', "")
    assert json.loads(ended.out) == {"Authorization": "Bearer an-access-token"}


@pytest.mark.requirement("S5")
@pytest.mark.parametrize("words", [("mcp",), ("git", "get")], ids=str)
@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "a\0b", "ä"])
def test_a_token_that_no_line_may_hold_is_printed_in_no_form(
    environ: dict[str, str], words: tuple[str, ...], bad: str
) -> None:
    github(environ, "ada", bad)
    ended = inside(environ, "token", "github", "--for", *words, stdin=ASKED, clock=lambda: NOW)
    assert (ended.status, ended.out) == (1, "")


@pytest.mark.requirement("H3", "H9")
def test_git_gets_the_services_user_name_and_the_token(environ: dict[str, str]) -> None:
    github(environ, "ada", "t0k")
    assert get(environ) == Ended(0, "username=x-access-token\npassword=t0k\n", "")


@pytest.mark.requirement("H3")
@pytest.mark.parametrize("word", ["store", "capability", "GET", "fetch"])
def test_words_that_ask_for_nothing_are_silence_and_nothing_is_opened(environ: dict[str, str], word: str) -> None:
    assert get({**environ, "GUMAUTH_STORE": "nonsense"}, "nosuch/account", word=word) == Ended(0, "", "")


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    "sent",
    [
        "protocol=https\nhost=gitlab.com\n\n",
        "protocol=http\nhost=github.com\n\n",
        "protocol=https\nhost=github.com:8443\n\n",
        "protocol=https\nhost=github.com.evil.example\n\n",
        "protocol=https\n\nhost=github.com\n",
        "",
    ],
)
def test_git_gets_nothing_for_another_host_and_the_store_is_not_asked(environ: dict[str, str], sent: str) -> None:
    github(environ, "ada", "t0k")
    assert get({**environ, "GUMAUTH_STORE": "nonsense"}, sent=sent) == Ended(0, "", "")


@pytest.mark.requirement("H5")
def test_a_service_without_git_repositories_answers_no_git(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada@example.com")
    listed(environ, "mcp.example.com", "ada", source="https://mcp.example.com/mcp", issuer="https://mcp.example.com")
    assert get(environ, "linear") == Ended(0, "", "")
    assert get(environ, "mcp.example.com", "protocol=https\nhost=mcp.example.com\n\n") == Ended(0, "", "")


@pytest.mark.requirement("H5")
def test_the_user_name_of_the_url_chooses_the_account(environ: dict[str, str]) -> None:
    github(environ, "ada", "adas")
    github(environ, "grace", "graces", alias="work")
    for name, token in (("ada", "adas"), ("grace", "graces"), ("work", "graces"), ("x-access-token", "adas")):
        wanted = ASKED.replace("\n\n", f"\nusername={name}\n\n")
        assert get(environ, sent=wanted).out == f"username={name}\npassword={token}\n"


@pytest.mark.requirement("H5", "H4")
def test_a_user_name_that_no_account_has_gets_an_error_and_no_token(environ: dict[str, str]) -> None:
    github(environ, "ada", "adas")
    ended = get(environ, sent=ASKED.replace("\n\n", "\nusername=bob\n\n"))
    assert (ended.status, ended.out) == (3, "")
    assert "bob" in ended.err


@pytest.mark.requirement("H5")
def test_a_command_that_names_one_account_answers_for_no_other(environ: dict[str, str]) -> None:
    github(environ, "ada", "adas")
    github(environ, "grace", "graces", alias="work")
    assert get(environ, "github/work", ASKED.replace("\n\n", "\nusername=ada\n\n")) == Ended(0, "", "")
    answered = get(environ, "github/work", ASKED.replace("\n\n", "\nusername=grace\n\n"))
    assert answered.out == "username=grace\npassword=graces\n"


@pytest.mark.requirement("H4")
def test_a_dead_grant_is_an_error_and_nothing_on_standard_output(environ: dict[str, str]) -> None:
    github(environ, "ada", "adas")
    account = Context(environ).accounts.look_up("github")
    save(Context(environ), replace(account, state="reconnect", reason="The person ended it."))
    for words in (("git", "get"), ("mcp",)):
        ended = inside(environ, "token", "github", "--for", *words, stdin=ASKED, clock=lambda: NOW)
        assert (ended.status, ended.out) == (3, "")
        assert "gumauth connect github" in ended.err


@pytest.mark.requirement("H4")
def test_git_that_keeps_its_end_open_is_answered_after_an_empty_line(environ: dict[str, str]) -> None:
    github(environ, "ada", "t0k")
    reads, writes = os.pipe()
    command = [sys.executable, "-m", "gumauth", "token", "github", "--for", "git", "get"]
    with subprocess.Popen(command, env=environ, stdin=reads, stdout=subprocess.PIPE, text=True) as running:
        os.write(writes, ASKED.encode())
        assert running.communicate(timeout=60)[0] == "username=x-access-token\npassword=t0k\n"
    os.close(reads)
    os.close(writes)


@pytest.mark.requirement("H4")
@pytest.mark.parametrize(
    "sent", ["protocol=https\nhost=github.com\npath=" + 65536 * "a", 9000 * "path=aaaa\n", "x" * 70000]
)
def test_no_more_than_a_question_is_read(environ: dict[str, str], sent: str) -> None:
    github(environ, "ada", "t0k")
    ended = get(environ, sent=sent)
    assert (ended.status, ended.out) == (2, "")
    assert len(ended.err) < 300


@pytest.mark.requirement("H3", "H5")
@pytest.mark.parametrize(
    "sent", [ASKED, "protocol=https\nhost=gitlab.com\npassword=t0k\n\n", ASKED[:-1] + "password=x\n"]
)
def test_what_is_erased_and_is_not_the_token_of_this_host_changes_nothing(environ: dict[str, str], sent: str) -> None:
    github(environ, "ada", "t0k", refreshable=True)
    before = Context(environ).accounts.look_up("github")
    assert get(environ, sent=sent, word="erase") == Ended(0, "", "")
    assert Context(environ).accounts.look_up("github") == before


@pytest.mark.requirement("H3")
def test_the_erased_token_is_due_for_every_process(environ: dict[str, str]) -> None:
    github(environ, "ada", "t0k", refreshable=True)
    assert get(environ, sent=ASKED[:-1] + "username=ada\npassword=t0k\n\n", word="erase") == Ended(0, "", "")
    context = Context(environ)
    record = context.accounts.read(context.accounts.look_up("github"))
    assert (record.access_token, record.expires_at) == ("t0k", NOW - 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--for", "git"), "`--for git` needs the word that git adds: get, store or erase."),
        (("--for", "svn"), "--for knows no program 'svn'."),
        (("get", "--for", "mcp"), "'get' is one word too many: mcp adds none."),
        (("get", "--for", "git", "--json"), "--for says by itself what is printed."),
        (("get", "--for", "git", "--header"), "--for says by itself what is printed."),
        (("get", "--for", "git", "--id-token"), "No git server takes an id_token."),
        (("get",), "get is one word too many for `gumauth token`."),
    ],
)
def test_a_wrong_question_is_a_usage_error(environ: dict[str, str], words: tuple[str, ...], message: str) -> None:
    ended = inside(environ, "token", "github", *words)
    assert (ended.status, ended.out) == (2, "")
    assert (
        message in (ended.err, json.loads(ended.err)["error"]["message"]) if "--json" in words else message in ended.err
    )


@pytest.mark.requirement("H5")
def test_a_providers_file_names_its_own_git_hosts(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "forge.py"
    path.write_text(
        "from gumauth import OAuth2Provider\n\n\nclass Forge(OAuth2Provider):\n"
        '    name = "forge"\n    authorize_url = "https://forge.example/a"\n    token_url = "https://forge.example/t"\n'
        '    scopes = ()\n    git_hosts = ("git.forge.example:8443",)\n'
    )
    path.chmod(0o600)
    context = Context(environ)
    account = listed(environ, "forge", "ada", grant="g", source=f"{path}:Forge")
    account, _ = records_of(context).put(account, Record(access_token="t0k", grant="g", account={}))
    records_of(context).mark(account)
    assert get(environ, "forge", "protocol=https\nhost=git.forge.example:8443\n\n").out == (
        "username=oauth2\npassword=t0k\n"
    )
    assert get(environ, "forge") == Ended(0, "", "")
