"""The parts of a server's `mcp.gumstack` that decide."""

from __future__ import annotations

import ast
import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from gumauth import gumstack
from gumauth.errors import GumauthError
from gumauth.gumstack import variables
from gumauth.gumstack.in_server import GumstackError, GumstackHost, accounts, config, get_credentials, process
from gumauth.gumstack.in_server.application import application, path_of
from gumauth.gumstack.in_server.loopback import is_anothers, keep_to_loopback, refusal
from gumauth.registry.lookup import find
from tests.cli.program import environment, inside, keep
from tests.registry.files.conftest import IMPORTS

FOLDER = Path(gumstack.__file__).parent


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This process is a server's, as `gumauth run --gumstack` starts one, with nothing registered."""
    environ = environment(tmp_path)
    for name, value in variables.for_server(environ, (), None).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(process, "settings", {})
    monkeypatch.setattr(accounts, "registered", {})
    return environ


class Notes(gumstack.AuthProvider):
    name = "acme"

    def get_url(self, redirect_uri: str, state: str) -> str:
        return ""

    async def exchange(self, code: str, redirect_uri: str) -> gumstack.TokenResponse:
        return gumstack.TokenResponse(code)

    async def refresh(self, refresh_token: str) -> gumstack.TokenResponse:
        raise NotImplementedError

    async def get_nickname(self, access_token: str) -> str:
        return ""


@pytest.mark.parametrize("file", sorted(FOLDER.glob("[is]*/*.py")), ids=lambda file: file.stem)
def test_it_is_written_in_the_python_of_older_environments(file: Path) -> None:
    tree = ast.parse(file.read_text(), feature_version=(3, 10))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in names if name.startswith("gumauth")}
    assert ours <= ({"gumauth.provider"} if file.stem == "auth" else set())
    assert {name.partition(".")[0] for name in names - ours} <= {
        *sys.stdlib_module_names,
        "mcp",
        "starlette",
        "uvicorn",
    }


def test_credentials_are_those_of_gumauth_and_an_error_has_its_words(environ: dict[str, str]) -> None:
    with pytest.raises(GumstackError, match="acme is not connected") as raised:
        asyncio.run(get_credentials("acme"))
    assert (raised.value.code, raised.value.status) == ("not_connected", 3)
    keep(environ, "an-access-token")
    assert asyncio.run(get_credentials("acme")) == {"access_token": "an-access-token"}


def test_the_one_provider_that_is_registered_is_meant_where_none_is_named(environ: dict[str, str]) -> None:
    assert inside(environ, "connect", "weather", "--key", "api_key", stdin="k").status == 0
    assert asyncio.run(get_credentials()) == {"api_key": "k"}
    host = GumstackHost(object())
    host.register_auth(Notes)
    with pytest.raises(GumstackError) as raised:
        asyncio.run(get_credentials())
    helps = f"acme is not connected. Connect it: `{accounts.command(__file__)}`."
    assert str(raised.value) == helps
    with pytest.raises(GumauthError) as raised_here:
        asyncio.run(gumstack.get_credentials())
    assert str(raised_here.value) == helps
    host.register_auth(Notes())
    keep(environ, "an-access-token")
    assert asyncio.run(get_credentials()) == {"access_token": "an-access-token"}
    accounts.have_connected(["acme"])


def test_without_a_terminal_a_missing_account_ends_the_server(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.register(Notes())
    with pytest.raises(SystemExit) as ended:
        accounts.have_connected(["acme"])
    assert ended.value.code == 3
    assert capsys.readouterr().err == f"gumauth: acme is not connected. Connect it: `{accounts.command(__file__)}`.\n"


CONFIG = """
name: "Weather"
auth:
  type: cred
  credentials:
    - name: "domain"  # of the account
      label: "name: of it"
    - label: Key
      name: api_key
    - name: 'a b'
tools:
  - name: "station"
"""


def test_the_fields_of_a_key_are_named_by_the_servers_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    assert config.fields(CONFIG) == ["domain", "api_key"]
    assert config.fields(CONFIG.replace("  credentials:\n    ", "  credentials:\n  ")) == ["domain", "api_key"]
    assert config.fields(CONFIG.replace("credentials", "others")) == []
    folder = tmp_path / "Weather-MCP"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert config.command() is None
    (folder / "config.yaml").write_text(CONFIG)
    with pytest.raises(GumstackError, match=r"Enter it: `gumauth connect weather-mcp --key domain --key api_key`\."):
        asyncio.run(get_credentials())


def test_what_is_no_provider_is_not_registered(environ: dict[str, str]) -> None:
    with pytest.raises(GumstackError, match="int is no provider: it has no name"):
        accounts.register(1)


class App:
    """An application of ASGI, and a server that makes it; notes the paths that it was asked for."""

    def __init__(self, *routes: str) -> None:
        self.asked: list[str] = []
        self.routes = [type("Route", (), {"path": path}) for path in routes]

    def streamable_http_app(self) -> App:
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope.get("path", scope["type"]))


def asked(app: Any, path: str, *, host: str = "localhost") -> list[Any]:
    """What an application sends."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "path": path, "headers": [(b"host", host.encode())]}, None, send))
    return sent


def test_a_server_without_a_health_check_has_one() -> None:
    app = App("/mcp")
    served = application(app)
    assert [message.get("body") for message in asked(served, "/health_check")] == [None, b'{"status":"ok"}']
    assert asked(served, "/mcp") == []
    asyncio.run(served({"type": "lifespan"}, None, None))
    own = App("/mcp", "/health_check")
    assert asked(application(own), "/health_check") == []
    assert (app.asked, own.asked, path_of(app)) == (["/mcp", "lifespan"], ["/health_check"], "/mcp")


def test_what_a_server_serves_by_itself_is_kept_to_loopback(capsys: pytest.CaptureFixture[str]) -> None:
    class Config:
        def __init__(self, app: Any, host: str = "127.0.0.1", port: int = 8000) -> None:
            self.app, self.host, self.port = app, host, port
            self.loaded_app: Any = None

        def load(self) -> None:
            self.loaded_app = app if self.app == "module:app" else self.app

    keep_to_loopback(Config)
    app = App()
    config = Config("module:app", host="0.0.0.0", port=1)
    config.load()
    assert (config.host, config.port) == ("127.0.0.1", 1)
    assert capsys.readouterr().err == "gumauth: it listens on 127.0.0.1, not on 0.0.0.0.\n"
    assert asked(config.loaded_app, "/", host="evil.example")[0]["status"] == 421
    assert app.asked == []
    assert asked(config.loaded_app, "/") == []
    assert app.asked == ["/"]
    assert Config("module:app", "localhost").host == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8000"}, None),
        ({"host": "LOCALHOST"}, None),
        ({"host": "[::1]:8000", "origin": "http://localhost:6274"}, None),
        ({}, 421),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"host": "localhost:8000@evil.example"}, 421),
        ({"host": "localhost\n"}, 421),
        ({"host": "localhost", "origin": "null"}, 403),
        ({"host": "localhost", "origin": "https://localhost.evil.example"}, 403),
    ],
)
def test_requests_that_name_this_machine_are_taken(headers: dict[str, str], status: int | None) -> None:
    refused = refusal((name.encode(), value.encode()) for name, value in headers.items())
    assert (refused and refused[0]) == status


HERE = "{:08X}:".format(int.from_bytes(b"\x7f\0\0\1", sys.byteorder))
LISTENING = f"0: {HERE}1F40 00000000:0000 0A 0:0 0:0 0 1000 0 1"
"""Port 8000."""


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ([LISTENING, f"1: {HERE}9C40 {HERE}1F40 01 0:0 0:0 0 1000 0 1"], False),
        ([LISTENING, f"1: {HERE}9C40 {HERE}1F40 05 0:0 0:0 0 1000 0 1"], False),  # it has sent all that it will
        (
            [LISTENING, f"1: 0000000000000000FFFF0000{HERE}9C40 0000000000000000FFFF0000{HERE}1F40 01 0 0 0 1000 0"],
            False,
        ),
        ([LISTENING, f"1: {HERE}9C40 {HERE}1F40 01 0:0 0:0 0 0 0 1"], False),  # root
        ([LISTENING, f"1: {HERE}9C40 {HERE}1F40 01 0:0 0:0 0 1001 0 1"], True),
        ([LISTENING, f"1: {HERE}9C40 {HERE}1F40 06 0:0 0:0 0 0 0 0"], True),  # closed: whose it was is not told
        ([LISTENING, f"1: {HERE}9C41 {HERE}1F40 01 0:0 0:0 0 1000 0 1"], True),
        ([LISTENING], True),
        ([f"1: {HERE}9C40 {HERE}1F40 01 0:0 0:0 0 1001 0 1"], False),  # nothing is told of this server
        ([], False),
    ],
)
def test_a_connection_of_another_user_is_refused(rows: list[str], refused: bool) -> None:
    assert is_anothers(("127.0.0.1", 40000), ("127.0.0.1", 8000), "1000", "\n".join(["sl", *rows])) is refused


def test_two_hosts_are_no_host() -> None:
    refused = refusal([(b"host", b"localhost"), (b"host", b"evil.example")])
    assert refused is not None


def test_a_providers_file_is_named_as_connect_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "two words.py"
    file.write_text(f"{IMPORTS}\n{ACME}\n{ACME.replace('Acme', 'Other')}")
    file.chmod(0o600)
    kind = find(f"{file}:Acme", cwd="/").provider_class
    assert accounts.file_of(kind) == f"{file}:Acme"
    monkeypatch.chdir(tmp_path)
    assert accounts.command(accounts.file_of(kind)) == "gumauth connect './two words.py:Acme'"
    monkeypatch.chdir("/")
    assert accounts.command("/srv/auth.py") == "gumauth connect /srv/auth.py"


ACME = """
class Acme(AuthProvider):
    name = "acme"
    def get_url(self, redirect_uri, state): return ""
    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""
