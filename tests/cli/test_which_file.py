"""What a bare name means while accounts come from files, and what hints call a provider: as it was typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.loading import of_account
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.testing import AuthorizationServer, deliver
from tests.cli.connecting import piped
from tests.cli.program import inside, listed, process

FILE = """from gumauth import AuthProvider


class Own(AuthProvider):
    name = "linear"
    redirect_host = "127.0.0.1"
    redirect_ports = ()

    def get_url(self, redirect_uri, state): return f"https://own.example/?client_id=x&state={state}&redirect_uri={redirect_uri}"
    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "linear.py"
    path.write_text(FILE)
    return path


def source_of(environ: dict[str, str], name: str) -> tuple[str, str]:
    """Which provider a name means, and what is said of it."""
    done = inside(environ, "providers", name, "--json")
    assert done.status == 0, done.err
    said = [line for line in done.err.splitlines() if not line.startswith("Running the code")]
    return json.loads(done.out)["provider"]["source"], "\n".join(said)


@pytest.mark.requirement("P2")
def test_a_name_of_ours_means_the_file_while_an_account_comes_from_it(environ: dict[str, str], file: Path) -> None:
    assert source_of(environ, "linear") == ("built-in", "")
    listed(environ, "linear", "ada", source=f"{file}:Own")
    said = f"{file} is used, not the linear that gumauth brings."
    assert source_of(environ, "linear") == (f"{file}:Own", said)
    sources = {
        each["name"]: each["source"] for each in json.loads(inside(environ, "providers", "--json").out)["providers"]
    }
    assert (sources["linear"], sources["github"]) == (f"{file}:Own", "built-in")
    done = inside(environ, "setup", "linear", "-", stdin="an-id\na-secret\n")
    assert (done.status, said in done.err) == (0, True)
    done = process(environ, "connect", "linear", "--no-browser", "--timeout", "0.1")
    assert said in done.err
    assert "https://own.example/" in done.err


@pytest.mark.requirement("P2")
def test_where_accounts_come_from_both_the_default_says_and_the_other_is_told(
    environ: dict[str, str], file: Path
) -> None:
    listed(environ, "linear", "ada", source="built-in")
    listed(environ, "linear", "bob", source=f"{file}:Own")
    told = f"The linear that gumauth brings is used; other accounts come from {file}:Own."
    assert source_of(environ, "linear") == ("built-in", told)
    assert inside(environ, "default", "linear/bob").status == 0
    assert source_of(environ, "linear")[0] == f"{file}:Own"


@pytest.mark.requirement("P2")
def test_an_alias_means_the_file_of_its_own_account(environ: dict[str, str], file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(FILE.replace("own.example", "other.example"))
    listed(environ, "linear", "ada", source=f"{file}:Own")
    listed(environ, "linear", "bob", alias="work", source=f"{other}:Own")
    environ |= {"LINEAR_CLIENT_ID": "an-id"}
    for words, host in ((["linear"], "own.example"), (["linear", "--as", "work"], "other.example")):
        done = process(environ, "connect", *words, "--no-browser", "--timeout", "0.1")
        assert f"https://{host}/" in done.err


def test_two_files_of_one_name_and_no_default_are_told(environ: dict[str, str], file: Path, tmp_path: Path) -> None:
    for name, which in (("ada", "one"), ("bob", "two")):
        path = tmp_path / f"{which}.py"
        path.write_text(FILE.replace('"linear"', '"acme"'))
        listed(environ, "acme", name, source=f"{path}:Own")
    (Path(environ["GUMAUTH_HOME"]) / "accounts" / "acme" / "default").write_text("gone")
    done = inside(environ, "providers", "acme")
    assert done.status == 2
    assert f"acme could mean {tmp_path}/one.py:Own or {tmp_path}/two.py:Own." in done.err


def hint(environ: dict[str, str], *words: str) -> str:
    done = inside(environ, *words, "--json")
    return str(json.loads(done.err.splitlines()[-1])["error"]["hint"])


def test_a_hint_calls_an_accounts_provider_by_its_name_where_that_means_the_same(
    environ: dict[str, str], file: Path, tmp_path: Path
) -> None:
    listed(environ, "acme", "ada", source=f"{file}:Own", state="reconnect")
    assert hint(environ, "token", "acme") == "Run `gumauth connect acme`."
    assert hint(environ, "refresh", "acme") == "Run `gumauth connect acme`."
    assert "`gumauth connect acme`" in inside(environ, "list").err
    assert "`gumauth connect acme`" in inside(environ, "doctor").out
    listed(environ, "acme", "bob", source=f"{tmp_path}/other.py:Own", state="reconnect")
    listed(environ, "acme", "eve", alias="work", source=f"{tmp_path}/other.py:Own", state="reconnect")
    assert hint(environ, "token", "acme/ada") == "Run `gumauth connect acme`."
    assert hint(environ, "token", "acme/bob") == f"Run `gumauth connect {tmp_path}/other.py:Own`."
    assert hint(environ, "token", "acme/work") == "Run `gumauth connect acme --as work`."


@pytest.mark.parametrize("typed", ["./linear.py", "linear.py", "./linear.py:Own"])
def test_a_hint_calls_a_file_as_it_was_typed(
    environ: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.chdir(file.parent)
    assert hint(environ, "setup", typed) == f"Pipe them, one line each, into `gumauth setup {typed} -`."
    assert f"Run `gumauth setup {typed}`, or set LINEAR_CLIENT_ID" in inside(environ, "providers", typed).err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("linear_own", "Did you mean ./linear_own.py?"),
        ("./linear_own", "Did you mean ./linear_own.py?"),
        ("./servers", "Name a file in it: ./servers/auth.py."),
        ("servers/", "Name a file in it: ./servers/auth.py."),
        ("./none", "Check the path."),
        ("./empty", "Check the path."),
    ],
)
def test_what_is_no_file_is_answered_with_the_one_that_was_perhaps_meant(
    environ: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch, typed: str, meant: str
) -> None:
    file.rename(file.parent / "linear_own.py")
    for name, content in {"servers/auth.py": FILE, "servers/server.py": "import auth", "empty/x.py": "def"}.items():
        (file.parent / name).parent.mkdir(exist_ok=True)
        (file.parent / name).write_text(content)
    monkeypatch.chdir(file.parent)
    assert hint(environ, "connect", typed) == meant


def test_a_file_that_has_gone_is_told_with_what_can_be_done(environ: dict[str, str], file: Path) -> None:
    listed(environ, "acme", "ada", source=f"{file}:Own")
    file.unlink()
    told = "Put it back, or connect acme with the file where it is now; `disconnect --keep-grant` forgets it."
    for words in (("connect", "acme"), ("connect", "acme/ada"), ("setup", "acme"), ("providers", "acme")):
        assert hint(environ, *words) == told


def test_a_hint_quotes_what_was_typed_for_a_shell(
    environ: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file.parent / "my linear.py").write_text(FILE)
    monkeypatch.chdir(file.parent)
    hinted = hint(environ, "setup", "./my linear.py")
    assert hinted == "Pipe them, one line each, into `gumauth setup './my linear.py' -`."


def test_a_refresh_of_many_accounts_does_not_read_all_of_them_for_each(
    environ: dict[str, str], person: tuple[dict[str, str], str], server: AuthorizationServer
) -> None:
    """What a hint would call the provider is looked up when there is a hint."""
    environ, name = person
    with piped(environ, "connect", name, "--no-browser") as run:
        deliver(server.follow(run.address))
        assert run.end()[0] == 0
    context = Context(environ)
    account = context.accounts.look_up("acme")
    context.accounts.all = None  # type: ignore[method-assign,assignment]
    ProviderCalls(context, of_account(context, account)).close()
