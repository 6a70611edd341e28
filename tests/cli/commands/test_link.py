"""`gumauth link`: what is printed for whom, what is refused, and what --write does by the program's own command."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.handout.recipes.git import in_the_way
from gumauth.handout.recipes.judging import entry_name
from gumauth.handout.recipes.table import RECIPES
from gumauth.oauth2.discovery.service import Service
from tests.cli.program import Ended, Screen, inside, keep, listed
from tests.parts.need import need

GUMAUTH = str(Path(sys.executable).with_name("gumauth"))
MCP = "https://mcp.example.com/mcp"


def provider_file(folder: Path) -> str:
    """A provider with a git host; the source that an account of it remembers."""
    file = folder / "acme.py"
    file.touch(mode=0o600)
    file.write_text(
        "from gumauth import OAuth2Provider\n\n\nclass Acme(OAuth2Provider):\n"
        '    name = "acme"\n    authorize_url = token_url = "https://acme.example/oauth"\n'
        '    scopes = ()\n    git_hosts = ("git.acme.example", "127.0.0.1:8943")\n'
        '    public_client = True\n    api_hosts = ("mcp.acme.example",)\n'
    )
    return f"{file}:Acme"


@pytest.fixture
def linked(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Accounts of acme (a provider file with a git host), of Google for mail and for nothing, and of an MCP server."""
    source = provider_file(tmp_path)
    for alias in ("work", "home"):
        listed(environ, "acme", f"{alias}@example.com", alias=alias, source=source)
    listed(environ, "google", "ada@example.com", alias="mail", scopes=("https://mail.google.com/",))
    listed(environ, "google", "grace@example.com", scopes=("openid",))
    listed(environ, "mcp.example.com", "ada", source=MCP)
    issuer = "https://id.example.com"
    services.write(
        Context(environ),
        Service(name="mcp.example.com", url=MCP, has_resource=True, issuer=issuer, token_url=f"{issuer}/token"),
    )
    return {**environ, "GIT_CONFIG_NOSYSTEM": "1"}


def words(environ: dict[str, str], *more: str) -> list[str]:
    """The words that start gumauth in a recipe, with more behind them."""
    return ["/usr/bin/env", f"GUMAUTH_HOME={environ['GUMAUTH_HOME']}", GUMAUTH, *more]


FITS = {"git": "acme/work", "mcp": "mcp.example.com", "mail": "google/mail", "": "acme/work"}


@pytest.mark.parametrize("program", RECIPES)
def test_each_program_is_given_its_text_alone_on_standard_output(linked: dict[str, str], program: str) -> None:
    recipe = RECIPES[program]
    done = inside(linked, "link", program, FITS[recipe.needs])
    assert done.status == 0, done.err
    assert GUMAUTH in done.out
    assert recipe.place in done.err
    answer = json.loads(inside(linked, "link", program, FITS[recipe.needs], "--json").out)
    assert (answer["text"] + "\n", answer["place"], answer["written"]) == (done.out, recipe.place, False)
    assert (answer["commands"] is not None) is (program in {"git", "claude", "codex", "gemini", "kubectl"})


def test_without_a_program_all_are_listed(environ: dict[str, str]) -> None:
    shown = inside(environ, "link")
    assert all(f"\n{program} " in shown.out for program in RECIPES)
    answer = json.loads(inside(environ, "link", "--json").out)
    assert [each["program"] for each in answer["programs"]] == list(RECIPES)
    assert answer["programs"][0] == {
        "program": "git",
        "title": "git over https",
        "place": "~/.gitconfig",
        "write": True,
    }
    assert inside(environ, "link", "--write").status == 2


def test_a_narrow_window_has_the_programs(environ: dict[str, str]) -> None:
    assert "msmtp" in inside({**environ, "COLUMNS": "40"}, "link", stream=Screen).out


def test_programs_are_completed(environ: dict[str, str]) -> None:
    assert inside(environ, "__complete", "programs", "m") == Ended(0, "msmtp\nmutt\n", "")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["gti", "acme"], 2, "Did you mean `gumauth link git`?"),
        (["nothing", "acme"], 2, "`stdio` is for any other MCP client."),
        (["git"], 2, "Write `gumauth link git ACCOUNT`"),
        (["git", "linear"], 3, "Run `gumauth connect linear`"),
        (["git", "mcp.example.com"], 2, "does not say at which hosts git takes its tokens"),
        (["zed", "acme/work"], 2, "was not connected by the address of an MCP server"),
        (["zed", "acme/work", "--url", "https://other.example/mcp"], 1, "not known to be a host of acme"),
        (["claude", "mcp.example.com", "--url", "https://other.example/mcp"], 1, "its server is https://mcp.example"),
        (["claude", "mcp.example.com", "--url", "http://mcp.example.com/mcp"], 2, "is not https"),
        (["git", "acme/work", "--url", "https://other.example/x"], 1, "git takes it at git.acme.example"),
        (["git", "acme/work", "--url", "https://127.0.0.1:8944"], 1, "git takes it at git.acme.example"),
        (["msmtp", "google/grace@example.com"], 1, "connect google --as mail --scope https://mail.google.com/"),
        (["mutt", "google/mail", "--write"], 2, "has no command of its own"),
    ],
)
def test_what_cannot_work_is_refused(linked: dict[str, str], words: list[str], status: int, said: str) -> None:
    done = inside(linked, "link", *words)
    assert (done.status, done.out) == (status, "")
    assert said in done.err


def test_an_account_that_has_to_be_connected_again_is_not_linked(environ: dict[str, str]) -> None:
    listed(environ, "google", "ada@example.com", state="reconnect")
    done = inside(environ, "link", "curl", "google")
    assert (done.status, done.out) == (3, "")
    assert "gumauth connect google" in done.err


def test_a_providers_name_stays_and_another_word_becomes_the_whole_name(linked: dict[str, str]) -> None:
    assert "gumauth token google " in inside(linked, "link", "curl", "google").out
    assert "gumauth token acme/home " in inside(linked, "link", "curl", "home").out


def test_a_server_of_the_providers_own_is_passed_on_to_the_bridge(linked: dict[str, str]) -> None:
    url = "https://mcp.acme.example/mcp"
    server = json.loads(inside(linked, "link", "cursor", "acme/work", "--url", url).out)["mcpServers"]["acme-work"]
    assert [server["command"], *server["args"]] == words(linked, "mcp", "acme/work", "--url", url)


def test_write_is_told_of_before_what_it_leaves_to_the_person(linked: dict[str, str]) -> None:
    said = inside(linked, "link", "kubectl", "acme/work").err.splitlines()
    assert said[:2] == ["Run this in a terminal:", "With --write, gumauth does that."]
    assert said[2].startswith("Then `kubectl config set-context --current --user=acme-work`")
    assert said[3].startswith("A program that has not the shell's variables starts gumauth without ")
    assert said[4] == f"Write these lines into {linked['GUMAUTH_HOME']}/settings.toml:"
    settings = tomllib.loads("\n".join(said[5:]))
    assert (settings["store"], settings["key_file"]) == ("file", linked["GUMAUTH_KEY_FILE"])


@pytest.mark.parametrize(
    ("account", "word"),
    [
        ("acme/work", "HOST is the registry's, such as registry.example.com."),
        ("google/mail", "LOCATION is the registry's, such as europe-west1."),
    ],
)
def test_what_the_person_replaces_in_dockers_line_is_explained(linked: dict[str, str], account: str, word: str) -> None:
    done = inside(linked, "link", "docker", account)
    assert word.partition(" ")[0] in done.out
    assert word in done.err


def test_no_secret_of_the_environment_is_printed(linked: dict[str, str]) -> None:
    done = inside({**linked, "GUMAUTH_PASSPHRASE": "correct horse"}, "link", "zed", "mcp.example.com")
    assert "correct horse" not in done.out + done.err
    assert "starts gumauth without GUMAUTH_AHEAD, GUMAUTH_KEY_FILE, GUMAUTH_PASSPHRASE, GUMAUTH_STORE." in done.err
    assert "GUMAUTH_PASSPHRASE is a secret" in done.err


def git(environ: dict[str, str], *words: str) -> str:
    done = subprocess.run(["git", *words], env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


@pytest.mark.requirement("H5")
def test_git_is_configured_by_git_itself_and_a_second_time_changes_nothing(linked: dict[str, str]) -> None:
    need(programs=("git",))
    git(linked, "config", "--global", "credential.https://git.acme.example.helper", "store")
    done = inside(linked, "link", "git", "acme/home", "--write")
    assert done.status == 0, done.err
    assert "Before: store" in done.err
    written = (Path(linked["HOME"]) / ".gitconfig").read_text()
    assert inside(linked, "link", "git", "acme/home", "--write").status == 0
    assert (Path(linked["HOME"]) / ".gitconfig").read_text() == written
    only = git(linked, "config", "--null", "--get-all", "credential.https://git.acme.example.helper").split("\0")
    assert only[0] == ""
    assert shlex.split(only[1][1:]) == words(linked, "token", "acme/home", "--for", "git")
    assert only[2:] == [""]


def test_git_asks_gumauth_alone_and_what_is_in_the_way_is_said(linked: dict[str, str]) -> None:
    """A helper for all hosts that stands behind ours would be told each token; linked again, ours stands behind it."""
    need(programs=("git",))
    assert inside(linked, "link", "git", "acme/home", "--url", "https://git.acme.example/ada", "--write").status == 0
    host = inside(linked, "link", "git", "acme/work", "--write")
    assert host.status == 0
    assert "`gumauth link git ACCOUNT --url https://git.acme.example/ada --write`" in " ".join(host.err.split())
    again = inside(linked, "link", "git", "acme/home", "--url", "https://git.acme.example/ada", "--write")
    assert "switched off" not in again.err
    git(linked, "config", "--global", "credential.helper", "store")
    mended = inside(linked, "link", "git", "acme/work", "--write")
    assert "plain text" not in mended.err
    asked = git(linked, "config", "--get-regexp", "^credential").splitlines()
    assert asked.index("credential.helper store") < asked.index("credential.https://git.acme.example.helper ")
    git(linked, "config", "--global", "credential.https://git.acme.example.username", "ada")
    git(linked, "config", "--global", "--unset-all", "credential.helper")
    git(linked, "config", "--global", "credential.helper", "store")
    stays = inside(linked, "link", "git", "acme/work", "--write", "--json")
    assert "The helper 'store' for all hosts stands behind gumauth's for https://git.acme.example " in stays.out


@pytest.mark.parametrize(
    ("configured", "says"),
    [
        ([], ""),
        (
            [
                "credential.helper store",
                "credential.https://g.example.helper ",
                "credential.https://g.example.helper !x",
            ],
            "",
        ),
        (["credential.https://g.example.helper !x", "credential.https://g.example/a.helper !y"], ""),
        (
            ["credential.https://g.example/a.helper !y", "credential.https://g.example.helper !x"],
            "g.example/a is switched",
        ),
        (
            ["credential.https://g.example.helper !x", "credential.helper "],
            "An empty helper for all hosts stands behind",
        ),
        (
            ["credential.https://g.example.helper !x", "credential.https://g.example/.helper cache"],
            "'cache' for https://g",
        ),
        (["credential.https://g.example.helper !x", "credential.https://other.example.helper cache"], ""),
    ],
)
def test_the_order_of_gits_helpers_is_judged(configured: list[str], says: str) -> None:
    said = " ".join(in_the_way(("https://g.example",), configured))
    assert (says in said) is True
    assert bool(said) is bool(says)


def helper_of(environ: dict[str, str], url: str) -> str:
    """The helper that git runs for a repository: the last of those that match, since each takes the others away."""
    read = git(environ, "config", "--get-urlmatch", "credential.helper", url)
    return read.strip()


def test_two_organisations_of_one_host_have_an_account_each(linked: dict[str, str]) -> None:
    need(programs=("git",))
    for account, url in (
        ("acme/work", "https://git.acme.example/work"),
        ("acme/home", "https://git.acme.example/ada/"),
    ):
        assert inside(linked, "link", "git", account, "--url", url, "--write").status == 0
    for repository, account in (("work/one.git", "acme/work"), ("ada/two.git", "acme/home")):
        assert f"token {account} --for git" in helper_of(linked, f"https://git.acme.example/{repository}")
    assert helper_of(linked, "https://git.acme.example/other/three.git") == ""


def test_all_hosts_below_one_are_linked_together(linked: dict[str, str]) -> None:
    need(programs=("git",))
    assert inside(linked, "link", "git", "google", "--write").status == 0
    assert "token google --for git" in helper_of(linked, "https://android.googlesource.com/tools")
    assert helper_of(linked, "https://googlesource.com.example.com/tools") == ""


def test_a_host_with_a_port_is_linked_by_it(linked: dict[str, str]) -> None:
    url = "https://127.0.0.1:8943/org"
    assert f'[credential "{url}"]' in inside(linked, "link", "git", "acme/work", "--url", url).out


def stand_in(environ: dict[str, str], folder: Path, name: str, script: str) -> dict[str, str]:
    """An environment in which a program of this name, first in PATH, notes its words and ends as the script says."""
    program = folder / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>"$HOME/calls"\nenv >"$HOME/environment"\n{script}\n')
    program.chmod(0o700)
    return {**environ, "PATH": f"{program.parent}:{environ['PATH']}"}


def test_claude_is_told_by_its_own_command_without_gumauths_variables(linked: dict[str, str], tmp_path: Path) -> None:
    environ = stand_in(linked, tmp_path, "claude", 'case "$2" in get|remove) exit 1;; esac; echo Added')
    done = inside({**environ, "GITHUB_TOKEN": "a-secret"}, "link", "claude", "mcp.example.com", "--write")
    assert done.status == 0, done.err
    assert done.out == "Claude Code asks gumauth for the token of mcp.example.com/ada from now on.\n"
    asked, removed, added, _ = (tmp_path / "calls").read_text().splitlines()
    assert asked == "mcp get mcp-example-com"
    assert removed == "mcp remove -s user mcp-example-com"
    assert added.startswith("mcp add-json -s user mcp-example-com {")
    assert "  Added" in done.err
    seen = (tmp_path / "environment").read_text()
    assert "GUMAUTH" not in seen
    assert "a-secret" not in seen


URL_LINE = f"  URL: {MCP}"


@pytest.mark.parametrize(
    ("program", "account", "shown"),
    [
        ("claude", "mcp.example.com", "mcp-example-com:\n  Type: http\n  URL: https://other.example/mcp"),
        ("claude", "mcp.example.com", f"mcp-example-com:\n{URL_LINE}\n  Headers:\n    Authorization: Bearer a-secret"),
        ("claude", "mcp.example.com", "mcp-example-com:\n  Type: stdio\n  Command: npx"),
        ("codex", "mcp.example.com", f"mcp-example-com\n  url: {MCP}\n  http_headers_helper: <redacted>"),
        ("gemini", "mcp.example.com", "- mcp-example-com: npx -y a-secret (stdio) - Disabled"),
        ("kubectl", "acme/work", '{"token":"REDACTED","exec":{"command":"/home/gumauth/bin/login"}}'),
    ],
)
def test_an_entry_that_is_not_gumauths_is_left_as_it_is(
    linked: dict[str, str], tmp_path: Path, program: str, account: str, shown: str
) -> None:
    (tmp_path / "shown").write_text(shown)
    environ = stand_in(linked, tmp_path, program, f'[ {program} != gemini ] || exec >&2; cat "$HOME/shown"')
    done = inside(environ, "link", program, account, "--write")
    assert (done.status, done.out) == (1, "")
    assert "has an entry " in done.err
    assert f"Remove it by `{program} " in done.err
    assert "a-secret" not in done.err
    assert len((tmp_path / "calls").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("program", "account", "shown"),
    [
        ("claude", "mcp.example.com", f"mcp-example-com:\n  Type: http\n{URL_LINE}"),
        ("codex", "mcp.example.com", "mcp-example-com\n  command: /opt/gumauth\n  args: mcp mcp.example.com"),
        (
            "gemini",
            "mcp.example.com",
            "- other: npx\n- mcp-example-com: /usr/bin/env A=b /opt/gumauth mcp mcp.example.com",
        ),
        ("kubectl", "acme/work", '{"exec":{"args":["token","acme/work"],"command":"C:\\\\gumauth.exe"}}'),
    ],
)
def test_an_entry_of_gumauths_is_shown_and_replaced(
    linked: dict[str, str], tmp_path: Path, program: str, account: str, shown: str
) -> None:
    (tmp_path / "shown").write_text(shown)
    script = f'[ {program} != gemini ] || exec >&2; cat "$HOME/shown"; echo >"$HOME/shown"'
    done = inside(stand_in(linked, tmp_path, program, script), "link", program, account, "--write")
    assert done.status == 0, done.err
    assert "Before: " in done.err
    assert "- other" not in done.err


def test_kubectl_keeps_a_user_of_somebody_elses(linked: dict[str, str]) -> None:
    need(programs=("kubectl",))
    told = ["kubectl", "config", "set-credentials", "acme-work", "--username=ada"]
    subprocess.run(told, env=linked, capture_output=True, timeout=60, check=True)
    assert "kubectl config delete-user acme-work" in inside(linked, "link", "kubectl", "acme/work", "--write").err
    subprocess.run([*told[:2], "delete-user", "acme-work"], env=linked, capture_output=True, timeout=60, check=True)
    for _ in range(2):
        assert inside(linked, "link", "kubectl", "acme/work", "--write").status == 0


def test_two_accounts_have_entries_of_two_names(linked: dict[str, str]) -> None:
    for provider in ("a-b", "a.b"):
        listed(linked, provider, "ada@example.com")
    accounts = ("a-b", "a.b", "acme/work", "a-b/ada@example.com")
    names = [shlex.split(inside(linked, "link", "kubectl", account).out)[3] for account in accounts]
    assert names == ["a-b-d44362", "a-b-2e7336", "acme-work", "a-b-ada-example-com-df470d"]


@pytest.mark.parametrize(
    ("reference", "others", "name"),
    [
        ("mcp.example.com", [], "mcp-example-com"),
        ("acme/work", ["acme", "acme/work", "acme/home"], "acme-work"),
        ("acme/ö", ["acme"], "acme-d248d2"),
        ("Acme", ["acme"], "Acme-37036c"),
    ],
)
def test_a_name_is_plain_unless_another_account_has_it(reference: str, others: list[str], name: str) -> None:
    assert entry_name(reference, others) == name


def test_the_words_of_a_program_that_fails_are_shown_without_its_colours(
    linked: dict[str, str], tmp_path: Path
) -> None:
    script = "[ \"$2\" != get ] || exit 1; printf '\\033[31mno\\033[0m room\\n' >&2; exit 9"
    environ = stand_in(linked, tmp_path, "codex", script)
    done = inside(environ, "link", "codex", "mcp.example.com", "--write")
    assert (done.status, done.out) == (1, "")
    assert "error: codex ended with status 9: no room" in done.err


def test_a_missing_program_is_named(linked: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = inside({**linked, "PATH": str(tmp_path / "empty")}, "link", "kubectl", "acme/work", "--write")
    assert (done.status, done.out) == (1, "")
    assert "There is no kubectl in your PATH." in done.err


@pytest.mark.requirement("H6")
def test_the_helper_for_headers_prints_one_object_of_strings_in_the_poorest_environment(
    environ: dict[str, str],
) -> None:
    """As Claude Code and Codex start it: by a shell, with next to nothing in the environment, for ten seconds."""
    keep(environ, "an-access-token")
    issuer = "https://id.example.com"
    listed(environ, "mcp.example.com", "ada", source=MCP)
    services.write(
        Context(environ),
        Service(name="mcp.example.com", url=MCP, has_resource=True, issuer=issuer, token_url=f"{issuer}/token"),
    )
    *_, server = shlex.split(inside(environ, "link", "claude", "mcp.example.com").out)
    line = json.loads(server)["headersHelper"].replace("token mcp.example.com", "token acme")
    own = {name: environ[name] for name in ("GUMAUTH_STORE", "GUMAUTH_KEY_FILE")}
    poor = {"HOME": environ["HOME"], "PATH": os.defpath, **own}
    done = subprocess.run(["sh", "-c", line], env=poor, cwd="/", capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) < 65536
    assert json.loads(done.stdout) == {"Authorization": "Bearer an-access-token"}


@pytest.mark.parametrize(
    ("program", "variable"), [("gcloud", "CLOUDSDK_AUTH_ACCESS_TOKEN"), ("terraform", "TF_VAR_acme_token")]
)
def test_a_line_that_runs_the_program_gives_it_the_token(
    environ: dict[str, str], tmp_path: Path, program: str, variable: str
) -> None:
    keep(environ, "an-access-token")
    line = inside(environ, "link", program, "acme").out
    environ = stand_in(environ, tmp_path, program, "exit 37")
    assert subprocess.run(["bash", "-c", line], env=environ, timeout=60, check=False).returncode == 37
    assert f"{variable}=an-access-token\n" in (tmp_path / "environment").read_text()
