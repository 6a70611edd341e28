"""`gumauth new`: a provider file from an address, from a built-in service, or from answers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.registry.lookup import find
from gumauth.testing import AuthorizationServer, Client, deliver
from tests.cli.connecting import at_terminal, piped
from tests.cli.program import inside


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """The current folder."""
    folder, before = tmp_path / "here", os.getcwd()
    folder.mkdir()
    os.chdir(folder)
    yield folder
    os.chdir(before)


def test_a_file_from_an_address_connects_an_account(
    environ: dict[str, str], authorization_server: AuthorizationServer, folder: Path
) -> None:
    server = authorization_server
    server.register(Client("an-app", redirect_uris=("http://localhost:4862/callback",)))
    done = inside(environ, "new", "acme", "--from", server.issuer)
    assert (done.status, done.out) == (0, "Wrote ./acme.py.\n"), done.err
    assert done.err == "Next: `gumauth check ./acme.py`, `gumauth setup ./acme.py`, then `gumauth connect ./acme.py`.\n"
    credentials.save(Context(environ), "acme", "an-app", None, file=str(folder / "acme.py"))
    with piped(environ, "connect", str(folder / "acme.py"), "--no-browser") as run:
        deliver(server.follow(run.address))
        assert run.end() == (0, f"Connected acme as {server.person}.\n")
    assert inside(environ, "disconnect", "acme").status == 0
    assert server.count("revoke") >= 1


def test_an_mcp_servers_file_asks_for_its_resource(
    environ: dict[str, str], authorization_server: AuthorizationServer, folder: Path
) -> None:
    assert inside(environ, "new", "acme", "--from", authorization_server.resource_url, "--test").status == 0
    written = (folder / "acme.py").read_text()
    assert f'    resource = "{authorization_server.resource_url}"\n' in written
    assert f'    mcp_url = "{authorization_server.resource_url}"\n' in written
    assert (folder / "test_acme.py").exists()
    assert inside(environ, "new", "other", "--from", authorization_server.resource_url, "--gumstack").status == 0
    assert f'RESOURCE = "{authorization_server.resource_url}"\n' in (folder / "other.py").read_text()


HOSTILE = 'Acme"""\nimport os\nos.abort()\u202e\u200b\\" \' {client_id} #'


@pytest.mark.parametrize("style", [(), ("--gumstack",)])
def test_no_text_of_a_services_metadata_becomes_code(
    environ: dict[str, str], authorization_server: AuthorizationServer, folder: Path, style: tuple[str, ...]
) -> None:
    server = authorization_server
    words = HOSTILE.replace("\n", " ").replace("\u202e", "").replace("\u200b", "")  # else they are as good as absent
    server.resource.challenge_scope = False
    server.resource.overrides = {"resource_name": words, "scopes_supported": ['a"b\\', "c'd", '"""', "{0}"]}
    server.metadata_overrides = {
        "service_documentation": f'https://acme.example/"""{words}',
        "scopes_supported": None,
    }
    assert inside(environ, "new", "acme", "--from", server.resource_url, "--test", *style).status == 0
    text = (folder / "acme.py").read_text()
    compile(text, "acme.py", "exec")
    compile((folder / "test_acme.py").read_text(), "test_acme.py", "exec")
    assert not re.search(r"^\s*(import os\n.*abort|os\.abort)", text, re.MULTILINE)
    provider = find(str(folder / "acme.py"), cwd="/").provider_class
    assert provider.name == "acme"
    if not style:
        assert provider.scopes == ('a"b\\', "c'd", '"""', "{0}")  # type: ignore[attr-defined]
        assert provider.title.startswith('Acme""" import os')  # type: ignore[attr-defined]


def test_an_address_that_tells_nothing_writes_nothing(environ: dict[str, str], folder: Path) -> None:
    with AuthorizationServer() as server:
        gone = server.resource_url
    done = inside(environ, "new", "acme", "--from", gone)
    assert (done.status, "could not be reached" in done.err) == (5, True)
    assert inside(environ, "new", "acme", "--from", "http://acme.example").status == 2
    assert list(folder.iterdir()) == []


def test_a_built_in_services_facts_are_a_beginning(environ: dict[str, str], folder: Path) -> None:
    (folder / "sub").mkdir()
    done = inside(environ, "new", "acme", "--from", "gitlab", "--host", "git.example.com", "--in", "sub", "--json")
    assert json.loads(done.out) == {
        "schema_version": 1,
        "provider": {
            "name": "acme",
            "class": "Acme",
            "variables": ["ACME_CLIENT_ID", "ACME_CLIENT_SECRET"],
        },
        "files": [str(folder / "sub" / "acme.py")],
        "notes": [],
    }
    text = (folder / "sub" / "acme.py").read_text()
    assert '    authorize_url = "https://git.example.com/oauth/authorize"\n' in text
    assert "{host}" not in text
    shown = inside(environ, "providers", "./sub/acme.py")
    assert "GitLab (acme)" in shown.out


def test_a_file_for_gumstack_says_what_its_contract_has_no_room_for(environ: dict[str, str], folder: Path) -> None:
    done = inside(environ, "new", "acme", "--from", "linear", "--gumstack", "--test")
    assert done.out == "Wrote ./acme.py.\nWrote ./test_acme.py.\n"
    assert done.err == (
        "A file for Gumstack sends no PKCE, for which its contract has no room; a service that requires PKCE refuses"
        " it.\n"
        "Its tests run by `python -m pytest ./test_acme.py`.\n"
        "Next: `gumauth check ./acme.py`, `gumauth setup ./acme.py`, then `gumauth connect ./acme.py`.\n"
    )
    assert (folder / "acme.py").read_text().startswith('"""Linear, for a Gumstack MCP server."""\n')


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Acme!",), "'Acme!' cannot name a provider."),
        (("./acme.py",), "Perhaps acme?"),
        (("https://mcp.example.com/mcp",), "`gumauth new NAME --from https://mcp.example.com/mcp`"),
        (("acme",), "There is no terminal on which the facts of acme could be asked for."),
        (("github",), "`gumauth connect github` connects as it is."),
        (("github", "--from", "github", "--package"), "whose name no package can take"),
        (("acme", "--from", "nothing-like-it"), "There is no provider 'nothing-like-it'."),
        (("acme", "--from", "./auth.py"), "is a file, and --from takes an address or the name of a service"),
        (("acme", "--from", "shopify"), "`gumauth new acme --from shopify --host HOST`"),
        (("acme", "--from", "github", "--tenant", "x"), "has no tenants of people's own"),
        (("acme", "--host", "x.example"), "--host and --tenant stand beside --from"),
        (("acme", "--from", "github", "--in", "nowhere"), "There is no folder nowhere."),
        (("acme", "--from", "facebook", "--gumstack"), "for which a Gumstack file has no room"),
    ],
)
def test_what_cannot_be_written_is_told_with_what_to_do(
    environ: dict[str, str], folder: Path, words: tuple[str, ...], said: str
) -> None:
    done = inside(environ, "new", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert list(folder.iterdir()) == []


def test_a_file_that_is_there_stays_as_it_is(environ: dict[str, str], folder: Path) -> None:
    (folder / "acme.py").write_text("mine")
    done = inside(environ, "new", "acme", "--from", "github", "--test")
    assert (done.status, "is there already, and nothing was written" in done.err) == (2, True)
    assert [path.name for path in folder.iterdir()] == ["acme.py"]
    assert (folder / "acme.py").read_text() == "mine"


def test_what_is_typed_on_a_terminal_becomes_facts(environ: dict[str, str], folder: Path) -> None:
    with at_terminal(environ, "new", "acme", columns=200) as run:
        for question, answers in (
            (r"Authorize URL", ["http://acme.example/authorize", "https://acme.example/oauth/authorize"]),
            (r"Token URL .*\[https://acme.example/oauth/token\]", [""]),
            (r"Client authentication", ["secretly", "basic"]),
            (r"Scopes", ["read, write"]),
            (r"whose a token is", ["https://acme.example/api/me"]),
            (r"Where the name stands", ["data..email", "data.user.email"]),
            (r"Revoke URL", [""]),
        ):
            for answer in answers:
                run.until(rf"{question}[^\n]*: $")
                run.type(f"{answer}\n")
        status, _ = run.end()
    assert status == 0, run.shown
    assert "is not https, so nothing secret is sent there." in run.shown
    assert (folder / "acme.py").read_text().partition("OAuth2Provider):")[2] == (
        '\n    """acme."""\n'
        "\n"
        '    name = "acme"\n'
        '    authorize_url = "https://acme.example/oauth/authorize"\n'
        '    token_url = "https://acme.example/oauth/token"\n'
        '    scopes = ("read", "write")\n'
        '    client_auth = "basic"\n'
        '    nickname_url = "https://acme.example/api/me"\n'
        '    nickname_paths = ("data.user.email",)\n'
    )


def test_what_is_written_passes_check_as_the_next_command_says(environ: dict[str, str], folder: Path) -> None:
    said = inside(environ, "new", "acme", "--from", "github", "--gumstack").err
    assert "`gumauth check ./acme.py`" in said
    found = json.loads(inside(environ, "check", "./acme.py", "--json").out)
    assert (found["ok"], found["file"]) == (True, str(folder / "acme.py")), found["findings"]
    assert not [each for each in found["findings"] if each["level"] == "surprises"]


def test_a_package_is_a_folder_with_the_commands_that_come_next(environ: dict[str, str], folder: Path) -> None:
    done = inside(environ, "new", "my-tool", "--from", "linear", "--package")
    written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert written == [
        "gumauth-my-tool/.github/workflows/test.yml",
        "gumauth-my-tool/.gitignore",
        "gumauth-my-tool/README.md",
        "gumauth-my-tool/pyproject.toml",
        "gumauth-my-tool/src/gumauth_my_tool/__init__.py",
        "gumauth-my-tool/src/gumauth_my_tool/py.typed",
        "gumauth-my-tool/tests/test_my_tool.py",
    ]
    assert sorted(done.out.splitlines()) == [f"Wrote ./{path}." for path in written]
    assert done.err == (
        "Next: `gumauth check ./gumauth-my-tool/src/gumauth_my_tool/__init__.py`, then `pipx inject gumauth"
        " ./gumauth-my-tool` and `gumauth providers my-tool`.\n"
    )


def test_new_stands_beside_check_in_the_help(environ: dict[str, str]) -> None:
    group = re.search(r"^Provider files:\n((?:  .*\n)+)", inside(environ, "help").out, re.MULTILINE)
    assert group is not None
    assert [line.split()[0] for line in group[1].splitlines() if line[2] != " "] == ["new", "check"]
