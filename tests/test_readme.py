"""Every command in the README and in the topics is run here, by another test of this folder, or in `.ci/run`.

Their Python runs as it stands.
"""

from __future__ import annotations

import importlib.util
import itertools
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gumauth.cli.parsing.table import COMMANDS as COMMANDS_OF_GUMAUTH
from gumauth.handout.recipes.table import RECIPES
from gumauth.oauth2.facts import Facts
from gumauth.testing import AuthorizationServer, Client, write_provider
from tests.cli.connecting import in_terminal
from tests.cli.program import environment, listed
from tests.parts.example_com import ISSUER, MCP, ExampleCom
from tests.parts.gumstack_servers import SERVED
from tests.parts.linear import Linear
from tests.parts.need import need
from tests.parts.secret_service import PASSWORD, Session, wait_until
from tests.parts.standin import StandIn
from tests.providers.row import moved
from tests.providers.rows import row_of
from tests.providers.standin import CLIENT_ID, Standin
from tests.reading import COMMANDS, OF_MACHINES, PAGES, PYTHON, ROOT, Reader, inline, python_with
from tests.test_installing import INSTALLS
from tests.testing.discovery.asking import ask

IN_CI = [command for command in COMMANDS if " .venv/bin" in f" {command}"]

ELSEWHERE = (*IN_CI, *INSTALLS, *SERVED, *OF_MACHINES)
CONNECTS = [command for command in COMMANDS if "gumauth connect" in command and command not in ELSEWHERE]
TO_ADDRESS = [command for command in CONNECTS if MCP in command or ISSUER in command]
TO_OWN_HOST = [command for command in CONNECTS if "--host" in command]
KEYS = [command for command in CONNECTS if "--key" in command]
OF_KEYS = [command for command in COMMANDS if re.search("^gumauth (token|run) .*(openweather|gong)", command)]
TO_LINEAR = [
    command for command in CONNECTS if "CLIENT_ID" not in command and command not in (*TO_ADDRESS, *TO_OWN_HOST, *KEYS)
]
(TO_ACME,) = (command for command in CONNECTS if "acme" in command)
(TO_NOTES,) = (command for command in CONNECTS if "notes" in command)
PROMPTS = [command for command in COMMANDS if command.startswith("gumauth setup") and "--" not in command]
(UNLOCK,) = (command for command in COMMANDS if "--unlock" in command)
BY_ADDRESS = f"gumauth connect https://{MCP}/mcp"
OTHERS = [command for command in COMMANDS if command not in (*ELSEWHERE, *CONNECTS, *OF_KEYS, *PROMPTS, UNLOCK)]

ENDS = ("refresh", "reuse", "revoke")
"""Events of a server in which a token may end."""


@dataclass(frozen=True)
class Services:
    """Linear as linear.app, and the two hosts of example.com, answered for on this machine.

    Args:
        linear: With an app that is registered there.
        example: Without one.
    """

    linear: Linear
    example: ExampleCom

    def follow(self, url: str) -> str:
        """Click Allow, whose page it is."""
        return self.example.follow(url) if ISSUER in url else self.linear.follow(url)

    @property
    def heard(self) -> str:
        """How often each server has ended a token so far."""
        servers = (self.linear.server, self.example.issuer)
        return " ".join(str(sum(event.kind in ENDS for event in each.log)) for each in servers)


@contextmanager
def services_on(folder: Path) -> Iterator[Services]:
    """The services, behind a stand-in that keeps its keys in a new folder."""
    folder.mkdir(mode=0o700)
    standin = StandIn(folder)
    try:
        with Linear(secrets.token_urlsafe(24)) as linear, ExampleCom() as example:
            standin.answer_for("linear.app", linear.site)
            standin.answer_for("api.linear.app", linear.api)
            standin.answer_for(MCP, example.mcp.answer)
            standin.answer_for(ISSUER, example.issuer.answer)
            linear.environment.update(standin.environment)
            yield Services(linear, example)
    finally:
        standin.close()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Services]]:
    """A folder, and the services."""
    folder = tmp_path_factory.mktemp("readme")
    with services_on(folder / "standin") as services:
        yield folder, services


@pytest.fixture
def reader(services: tuple[Path, Services]) -> Reader:
    """Living accounts for every command: two of Linear, the second with the alias `work`, and one by its address."""
    folder, service = services
    linear = service.linear
    home, kept, seen = folder / "gumauth", folder / "kept", folder / "seen"
    reader = Reader(folder, environment(folder, **linear.environment), service.follow)
    shutil.rmtree(home, ignore_errors=True)
    if seen.exists() and seen.read_text() == service.heard:  # nothing was refreshed or revoked
        shutil.copytree(kept, home)
        return reader
    for person, command in (("ada", "gumauth connect linear"), ("grace", "gumauth connect linear --as work")):
        linear.server.person = f"{person}@example.com"
        assert reader.connect(command).returncode == 0
    assert reader.connect(BY_ADDRESS).returncode == 0
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(home, kept)
    seen.write_text(service.heard)
    return reader


def test_there_are_commands_to_test() -> None:
    assert len(IN_CI) == 2

    assert len(CONNECTS) >= 4
    assert BY_ADDRESS in TO_ADDRESS
    assert len(OTHERS) >= 10


def test_every_command_in_a_sentence_is_one_that_gumauth_reads() -> None:
    spoken = {words for page in PAGES.values() for words in re.findall(r"`(gumauth [a-z][^`]*)`", page)}
    assert len(spoken) >= 20
    for words in spoken:
        _, name, *rest = shlex.split(words)
        assert name in COMMANDS_OF_GUMAUTH, words
        ours = itertools.takewhile(lambda word: word != "--", rest)
        options = {word.partition("=")[0] for word in ours if word.startswith("-")}
        assert options <= {*COMMANDS_OF_GUMAUTH[name].options, "-", "-h"}, words


def test_every_module_that_a_sentence_runs_is_there() -> None:
    modules = {name for page in PAGES.values() for name in re.findall(r"`python -m ([\w.]+)", page)}
    assert modules >= {"tests.promises", "tests.benchmarks"}
    assert all(importlib.util.find_spec(name) for name in modules)


def test_all_facts_are_listed_by_the_command_that_the_page_names() -> None:
    command = inline("python -m pydoc").split()
    done = subprocess.run([sys.executable, *command[1:]], capture_output=True, text=True, check=True, timeout=60)
    assert all(name in done.stdout for name in Facts.__annotations__)


@pytest.mark.parametrize("command", IN_CI)
def test_setting_up_and_testing_is_what_ci_runs_letter_for_letter(command: str) -> None:
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("command", dict.fromkeys(TO_LINEAR))
def test_connecting_as_the_readme_says(reader: Reader, services: tuple[Path, Services], command: str) -> None:
    reader.save("auth.py", (ROOT / "tests" / "fixtures" / "gumstack_linear.py").read_text())
    if "gumauth.key" in command:  # a machine of its own: a server without a keyring
        shutil.rmtree(reader.folder / "gumauth")
        assert reader.run(next(other for other in OTHERS if "gumauth.key" in other)).returncode == 0
    services[1].linear.server.person = "joan@example.com" if "--as" not in command else "grace@example.com"
    done = reader.connect(command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Connected linear as ")


@pytest.mark.parametrize("command", dict.fromkeys(TO_ADDRESS))
def test_connecting_by_address_as_the_readme_says(
    reader: Reader, services: tuple[Path, Services], command: str
) -> None:
    """With no app: the reader has registered none, and the environment holds no client for these hosts."""
    issuer = services[1].example.issuer
    consents = issuer.count("token")
    done = reader.connect(command)
    assert done.returncode == 0, done.stderr
    assert re.match(r"Connected [\w.]+ as ", done.stdout)
    shown = done.stderr.partition("Open this address")[0]
    assert f"https://{ISSUER}" in shown  # before the browser opens
    assert issuer.count("token") == consents + 1


@pytest.mark.parametrize("command", dict.fromkeys(TO_OWN_HOST))
def test_connecting_at_a_host_of_ones_own_as_the_page_says(standin: StandIn, tmp_path: Path, command: str) -> None:
    secret = secrets.token_urlsafe(24)
    row = moved(row_of("gitlab"), "gitlab.com", "git.example.com")
    with Standin(row, time.time, secret) as gitlab:
        standin.answer_for("git.example.com", gitlab.answer)
        client = {"GIT_EXAMPLE_COM_CLIENT_ID": CLIENT_ID, "GIT_EXAMPLE_COM_CLIENT_SECRET": secret}
        reader = Reader(tmp_path, environment(tmp_path, **standin.environment, **client), gitlab.follow)
        done = reader.connect(command)
        assert done.stdout.startswith("Connected git.example.com as "), done.stderr
        assert reader.run("gumauth token git.example.com").returncode == 0
        assert gitlab.wrong == []


def test_keys_are_entered_and_handed_out_as_the_page_says(tmp_path: Path) -> None:
    reader = Reader(tmp_path, environment(tmp_path))
    reader.save("api_key.txt", "OW\n")
    reader.save("both_keys.txt", "AK\nSK\n")
    for command in KEYS:
        assert reader.run(command).returncode == 0, command
    printed = [reader.run(command).stdout for command in OF_KEYS]
    assert printed[:2] == ["OW\n", "AK\n"]
    assert "GONG_ACCESS_KEY=AK\n" in printed[2]
    assert "GONG_ACCESS_KEY_SECRET=SK\n" in printed[2]


@pytest.mark.parametrize("command", dict.fromkeys(OTHERS))
def test_a_command_of_the_readme_does_what_it_says(reader: Reader, command: str) -> None:
    if "./auth.py" in command:
        reader.save("auth.py", (ROOT / "tests" / "fixtures" / "gumstack_linear.py").read_text())
    done = reader.run(command)
    assert done.returncode == 0, done.stderr


def readme_rows() -> list[tuple[str, str]]:
    """The table of programs: the program's name, and the line."""
    return re.findall(r"^\| ([^|]+) \| `(gumauth link [^`]+)` \|$", PAGES["README.md"], re.MULTILINE)


def test_the_readme_has_a_line_for_every_program() -> None:
    assert [(title, line.split()[2]) for title, line in readme_rows()] == [
        (recipe.title, program) for program, recipe in RECIPES.items()
    ]
    assert [line for _, line in readme_rows() if line.endswith("--write")] == [
        line for _, line in readme_rows() if RECIPES[line.split()[2]].steps
    ]


@pytest.mark.parametrize("line", [line for _, line in readme_rows()])
def test_a_line_of_the_table_of_programs_does_what_it_says(reader: Reader, line: str) -> None:
    """With the accounts that it names, and stand-ins for the programs with a command of their own."""
    for provider, alias, scopes in (
        ("github", None, ()),
        ("google", None, ("openid",)),
        ("google", "mail", ("https://mail.google.com/",)),
    ):
        name = f"{alias or 'ada'}@example.com"
        listed(reader.environ, provider, name, alias=alias, scopes=scopes, connected_at=len(name) * 1e9)
    program = line.split()[2]
    called = reader.folder / "called"
    called.unlink(missing_ok=True)
    (reader.folder / "programs").mkdir(exist_ok=True)
    stand_in = reader.folder / "programs" / program
    stand_in.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{shlex.quote(str(called))}\n')
    stand_in.chmod(0o700)
    done = reader.run(f"export PATH={shlex.quote(str(stand_in.parent))}:$PATH; {line}")
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert called.exists() is line.endswith("--write")


@pytest.mark.parametrize("command", PROMPTS)
def test_setup_asks_for_id_and_secret_on_a_terminal(reader: Reader, command: str) -> None:
    with in_terminal(["bash", "-c", command], reader.environ) as run:
        run.until(r"Client id[^:\n]*: $")
        run.type("an-app\n")
        run.until(r"Client secret \(not shown[^:]*: $")
        run.type("hidden-secret\n")
        status, _ = run.end()
    assert status == 0
    assert "hidden-secret" not in run.shown


def test_the_examples_in_python_stand_as_they_are() -> None:
    for block in PYTHON:
        compile(block, "README.md", "exec")


def test_get_token_and_auth_as_the_readme_has_them(reader: Reader) -> None:
    block = python_with('gumauth.get_token("linear/work"')
    code = (
        block + '\nprint(token)\nprint(client.post("/graphql", json={"query": "{ viewer { email } }"}).status_code)\n'
    )
    done = reader.run(f"python - <<'END'\n{code}\nEND")
    assert done.returncode == 0, done.stderr
    token, status = done.stdout.split()
    assert status == "200"
    assert token == reader.run("gumauth token linear/work").stdout.strip()


def test_auth_for_requests_as_the_page_has_it(reader: Reader) -> None:
    need(modules=("requests",))
    code = (
        python_with("gumauth.RequestsAuth")
        + """
query = {"query": "{ viewer { email } }"}
print(session.post("https://api.linear.app/graphql", json=query, timeout=20).status_code)
"""
    )
    # requests looks for certificates elsewhere than httpx.
    done = reader.run(f"REQUESTS_CA_BUNDLE=$SSL_CERT_FILE python - <<'END'\n{code}\nEND")
    assert (done.returncode, done.stdout) == (0, "200\n"), done.stderr


def test_auth_for_an_mcp_server_as_the_page_has_it(reader: Reader) -> None:
    block = python_with("mcp = httpx.Client")
    asked = (
        'mcp.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},'
        ' headers={"Accept": "application/json, text/event-stream"})'
    )
    done = reader.run(f"python - <<'END'\n{block}\nanswer = {asked}\nprint(answer.status_code, answer.text)\nEND")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('200 {"jsonrpc"')


def test_auth_for_another_host_as_the_page_has_it(reader: Reader) -> None:
    block = python_with('hosts=("internal.example"')
    done = reader.run(f"python - <<'END'\n{block}\nprint(type(auth).__name__)\nEND")
    assert done.stdout == "Auth\n", done.stderr


def test_a_server_of_ones_own_gets_the_credentials_as_the_readme_says(reader: Reader) -> None:
    block = python_with("from gumauth.gumstack import get_credentials")
    done = reader.run(f"python - <<'END'\n{block}\nprint(credentials['access_token'])\nEND")
    assert done.returncode == 0, done.stderr
    assert done.stdout == reader.run("gumauth token linear").stdout


def test_the_provider_of_the_readme_needs_a_secret_and_without_that_line_none(tmp_path: Path) -> None:
    reader, block = Reader(tmp_path, environment(tmp_path)), python_with("# public_client")
    reader.save("tracker.py", block)
    done = reader.run("gumauth providers ./tracker.py")
    assert done.returncode == 0, done.stderr
    assert "or set TRACKER_CLIENT_ID and TRACKER_CLIENT_SECRET" in done.stderr
    reader.save(
        "tracker.py", block.replace("# public_client", "public_client") + '    docs_url = "https://tracker.example"\n'
    )
    done = reader.run("gumauth providers ./tracker.py")
    assert "or set TRACKER_CLIENT_ID, and TRACKER_CLIENT_SECRET where the app has a secret;" in done.stderr
    assert re.search(r"^Documentation: +https://tracker.example$", done.stdout, re.MULTILINE)


def test_the_provider_file_for_gumstack_lives_a_whole_life(
    authorization_server: AuthorizationServer, tmp_path: Path
) -> None:
    server, secret = authorization_server, secrets.token_urlsafe(24)
    callback = "http://localhost:4862/callback"
    server.register(Client("an-app", secret, redirect_uris=(callback,), any_port=True, pkce_required=False))
    block = python_with("from mcp.gumstack import AuthProvider")
    here = block.replace("https://notes.example/oauth", server.url).replace(
        "https://notes.example/api/me", server.userinfo_url
    )
    assert "notes.example" not in here
    reader = Reader(tmp_path, environment(tmp_path, NOTES_CLIENT_ID="an-app", NOTES_CLIENT_SECRET=secret))
    reader.save("notes.py", here)
    done = reader.connect("gumauth connect ./notes.py")
    assert (done.returncode, done.stdout) == (0, f"Connected notes as {server.person}.\n"), done.stderr
    assert server.is_active(reader.run("cd / && gumauth token notes").stdout.strip())
    assert reader.run("gumauth refresh").returncode == 0
    assert (server.count("token"), server.count("refresh")) == (1, 1)
    server.end_grant(1)
    assert [reader.run("gumauth refresh").returncode for _ in range(2)] == [3, 0]
    assert reader.run("gumauth disconnect notes --keep-grant").returncode == 0
    assert "There is no provider 'notes'" in reader.run("gumauth connect notes --no-browser").stderr


def in_another_terminal(reader: Reader, program: str) -> subprocess.Popen[str]:
    """A program in Python that waits for Enter, and says at once what it says."""
    return subprocess.Popen(
        [sys.executable, "-uc", program],
        env=reader.environ,
        cwd=reader.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_command_line_is_tried_on_a_server_in_another_terminal(tmp_path: Path) -> None:
    reader = Reader(tmp_path, environment(tmp_path))
    with in_another_terminal(reader, python_with("write_provider(server")) as server:
        assert server.stdout
        assert server.stdout.read(5) == "Enter"
        done = reader.connect(TO_ACME)
        assert (done.returncode, done.stdout) == (0, "Connected acme as ada@example.com.\n"), done.stderr
        server.communicate("\n", timeout=30)
    assert server.returncode == 0


def test_a_gumstack_file_is_tried_on_a_client_that_needs_no_pkce(tmp_path: Path) -> None:
    reader = Reader(tmp_path, environment(tmp_path))
    with in_another_terminal(reader, python_with("print(server.authorize_url")) as server:
        assert server.stdout
        file = python_with("from mcp.gumstack import AuthProvider")
        for theirs, ours in zip(
            (
                "https://notes.example/oauth/authorize",
                "https://notes.example/oauth/token",
                "https://notes.example/api/me",
            ),
            server.stdout.readline().split(),
            strict=True,
        ):
            file = file.replace(theirs, ours)
        assert "notes.example" not in file
        reader.save("notes.py", file)
        done = reader.connect(TO_NOTES)
        assert (done.returncode, done.stdout) == (0, "Connected notes as ada@example.com.\n"), done.stderr
        server.communicate("\n", timeout=30)
    assert server.returncode == 0


def test_a_server_is_discovered_from_its_address_alone(tmp_path: Path) -> None:
    reader = Reader(tmp_path, environment(tmp_path))
    with in_another_terminal(reader, python_with("print(server.resource_url)")) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        assert ask("POST", address, {}).status == 401
        metadata = address.replace("/mcp", "/.well-known/oauth-protected-resource/mcp")
        assert [ask("GET", metadata).status for _ in range(2)] == [503, 200]
        issuer = address.replace("/mcp", "/tenant")
        assert ask("GET", metadata).json["authorization_servers"] == [issuer]
        described = ask("GET", address.replace("/mcp", "/.well-known/oauth-authorization-server/tenant")).json
        assert (described["issuer"], described["scopes_supported"]) == (issuer, None)
        client = {"application_type": "native", "redirect_uris": ["http://localhost:4862/callback"]}
        told = ask("POST", described["registration_endpoint"], client).json
        assert told["token_endpoint_auth_method"] == "client_secret_post"
        assert told["client_secret_expires_at"] - told["client_id_issued_at"] == 3600
        assert "1 registered" in server.communicate("\n", timeout=30)[0]
    assert server.returncode == 0


def test_every_setting_of_the_server_that_a_page_names_is_there(authorization_server: AuthorizationServer) -> None:
    names = set(re.findall(r"`server\.(\w+)", PAGES["testing.md"]))
    assert {"resource", "registration", "device", "pushed", "forget_clients"} <= names
    assert [name for name in sorted(names) if not hasattr(authorization_server, name)] == []


@pytest.mark.parametrize("exported", [False, True])
def test_the_provider_test_of_the_readme_passes(
    authorization_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch, *, exported: bool
) -> None:
    if exported:  # as the README's own provider wants it
        monkeypatch.setenv("TRACKER_CLIENT_SECRET", secrets.token_urlsafe(24))
    names: dict[str, object] = {}
    exec(compile(python_with("def test_my_provider_connects"), "README.md", "exec"), names)
    test = names["test_my_provider_connects"]
    assert callable(test)
    test(authorization_server, monkeypatch)
    assert authorization_server.count("token") == 1


NOTES = re.compile(r'"https://notes\.example/oauth/(authorize|token)"')


def test_the_recipes_for_tests_pass_as_they_stand(tmp_path: Path) -> None:
    file = python_with("class Notes(AuthProvider)")
    top = "".join(f'{name.upper()}_URL = "https://notes.example/{name}"\n' for name in ("authorize", "token"))
    file = NOTES.sub(lambda found: f"{found[1].upper()}_URL", file).replace("\n\n\nclass", f"\n\n{top}\n\nclass", 1)
    (tmp_path / "auth.py").write_text(file)
    (tmp_path / "test_recipes.py").write_text(python_with("def test_a_token_that_has_ended_is_renewed"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir"]
    command += [str(tmp_path), "--basetemp", str(tmp_path / "temporary"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("7 passed")


@pytest.fixture
def with_keyring(secret_service: Session, authorization_server: AuthorizationServer) -> Reader:
    """Somebody with a keyring in which there is an account of `acme`."""
    authorization_server.register(Client("my-app", redirect_uris=("http://localhost:4862/callback",), any_port=True))
    session = secret_service.folder
    write_provider(authorization_server, session, public_client=True)
    reader = Reader(session, {**secret_service.environ, "ACME_CLIENT_ID": "my-app"})
    done = reader.connect("gumauth connect ./acme.py")
    assert done.returncode == 0, done.stderr
    return reader


@pytest.mark.keyring
def test_client_credentials_are_forgotten_by_the_command_that_the_page_names(
    with_keyring: Reader, secret_service: Session
) -> None:
    assert with_keyring.run("gumauth setup linear -", stdin="an-app\na-secret\n").returncode == 0
    assert "a-secret" in (secret_service.lookup("client/linear") or "")
    (forget,) = (command for command in COMMANDS if "--forget" in command)
    assert with_keyring.run(forget).returncode == 0
    assert secret_service.lookup("client/linear") is None
    assert "LINEAR_CLIENT_ID" in with_keyring.run("gumauth connect linear --no-browser").stderr
    assert with_keyring.run("gumauth token acme").returncode == 0


@pytest.mark.keyring
def test_a_locked_keyring_is_opened_or_left_for_the_encrypted_file(
    with_keyring: Reader, secret_service: Session
) -> None:
    secret_service.lock()
    assert with_keyring.run("gumauth token acme").returncode == 6
    done = with_keyring.run(UNLOCK, stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    wait_until(lambda: secret_service._daemon_answers(unlocked=True))
    assert with_keyring.run("gumauth token acme").returncode == 0
    secret_service.lock()
    key = with_keyring.save("gumauth.key", secrets.token_hex(32))
    with_keyring.environ |= {"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": str(key)}
    assert with_keyring.run("gumauth token acme").returncode == 6  # what is stored stays where it is
    assert with_keyring.connect("gumauth connect acme").returncode == 0
    assert with_keyring.run("gumauth token acme").returncode == 0
