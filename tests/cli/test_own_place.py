"""Services at hosts and tenants of people's own, as a person connects and uses them."""

from __future__ import annotations

import io
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from gumauth import Auth, providers
from gumauth.errors import UsageError
from gumauth.handout import python
from gumauth.oauth2.http import destination
from gumauth.provider import credential_variables
from gumauth.testing import AuthorizationServer, Client
from tests.cli.own_places import Place, bring, connect
from tests.cli.program import Ended, inside
from tests.parts.standin import StandIn
from tests.providers.row import moved
from tests.providers.rows import row_of
from tests.providers.standin import CLIENT_ID, Standin


@pytest.fixture(autouse=True)
def _services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bring(monkeypatch, tmp_path / "services")


@pytest.fixture
def places(standin: StandIn, environ: dict[str, str]) -> Iterator[tuple[Place, Place]]:
    """Two hosts of one service, each with a client and people of its own."""
    with ExitStack() as stack:
        mine = stack.enter_context(Place(standin, "git.example.test"))
        other = stack.enter_context(Place(standin, "code.example.test", person="grace@example.com"))
        environ |= standin.environment
        environ |= mine.variables("GIT_EXAMPLE_TEST") | other.variables("CODE_EXAMPLE_TEST")
        yield mine, other


def listed(environ: dict[str, str]) -> list[tuple[str, str, str]]:
    accounts = json.loads(inside(environ, "list", "--json").out)["accounts"]
    return [(each["account"], each["source"], each["state"]) for each in accounts]


def token(environ: dict[str, str], account: str) -> str:
    ended = inside(environ, "token", account)
    assert ended.status == 0, ended
    return ended.out.strip()


@pytest.mark.requirement("F12", "D9")
def test_accounts_of_two_hosts_stand_side_by_side_and_share_nothing(
    places: tuple[Place, Place], environ: dict[str, str]
) -> None:
    mine, other = places
    assert connect(environ, mine.follow, "forge", "--host", "GIT.example.test:443").out == (
        "Connected git.example.test as ada@example.com.\n"
    )
    assert connect(environ, other.follow, "forge/work", "--host", "code.example.test").status == 0
    assert listed(environ) == [
        ("code.example.test/work", "forge --host code.example.test", "ok"),
        ("git.example.test/ada@example.com", "forge --host git.example.test", "ok"),
    ]
    first = token(environ, "git.example.test")
    assert (mine.server.is_active(first), other.server.is_active(first)) == (True, False)
    assert other.server.is_active(token(environ, "work"))
    for reference, meant in (("forge/work", "code.example.test/work"), ("forge", "code.example.test/work or git.exam")):
        assert f"Did you mean {meant}" in inside(environ, "token", reference).err
    before = list(other.asked)
    assert inside(environ, "refresh", "git.example.test").status == 0
    assert (mine.server.count("refresh"), other.asked) == (1, before)
    assert token(environ, "git.example.test") != first
    assert inside(environ, "default", "git.example.test").status == 0
    assert inside(environ, "doctor", "git.example.test").status == 0
    assert inside(environ, "revoke", "git.example.test").status == 0
    assert other.server.is_active(token(environ, "code.example.test"))
    assert inside(environ, "disconnect", "git.example.test").status == 0
    assert [account for account, _, _ in listed(environ)] == ["code.example.test/work"]
    assert not mine.server.is_active(first)


def test_the_name_connects_it_again_while_an_account_is_there(
    places: tuple[Place, Place], environ: dict[str, str]
) -> None:
    mine, _ = places
    assert connect(environ, mine.follow, "forge", "--host", "git.example.test", "--scope", "read").status == 0
    again = connect(environ, mine.follow, "git.example.test")
    assert again.status == 0
    assert "Asking for the scopes" in again.err
    assert connect(environ, mine.follow, "git.example.test/ada@example.com").status == 0
    assert [source for _, source, _ in listed(environ)] == ["forge --host git.example.test"]
    assert "git.example.test" in inside(environ, "providers").out
    assert inside(environ, "disconnect", "git.example.test").status == 0
    gone = inside(environ, "connect", "git.example.test", "--no-browser", "--timeout", "2")
    assert (gone.status, "There is no provider" in gone.err) == (2, True)


def test_hints_name_the_place_as_it_is_typed(places: tuple[Place, Place], environ: dict[str, str]) -> None:
    without = {key: value for key, value in environ.items() if "_CLIENT_" not in key}
    ended = inside(without, "connect", "forge", "--host", "git.example.test", "--no-browser", "--timeout", "2")
    assert ended == Ended(
        1,
        "",
        "error: The client credentials of Forge are missing: GIT_EXAMPLE_TEST_CLIENT_ID and"
        " GIT_EXAMPLE_TEST_CLIENT_SECRET.\n"
        "hint:  Run `gumauth setup forge --host git.example.test`, or set GIT_EXAMPLE_TEST_CLIENT_ID and"
        " GIT_EXAMPLE_TEST_CLIENT_SECRET.\n",
    )
    connect(environ, places[0].follow, "forge", "--host", "git.example.test")
    for family in places[0].server.families:
        places[0].server.end_grant(family.number)
    dead = inside(environ, "refresh", "git.example.test")
    assert (dead.status, "Run `gumauth connect git.example.test`" in dead.err) == (3, True)


@pytest.mark.requirement("M29")
def test_a_kept_client_is_for_its_own_host_also_under_a_name_of_ones_own(
    places: tuple[Place, Place], environ: dict[str, str]
) -> None:
    mine, other = places
    bare = {key: value for key, value in environ.items() if "_CLIENT_" not in key}
    lines = f"{mine.client.client_id}\n{mine.client.secret}\n"
    words = ("forge", "--host", "git.example.test", "--name", "work")
    kept = inside(bare, "setup", *words, "-", stdin=lines)
    assert (kept.status, kept.err.splitlines()[-1]) == (
        0,
        "Run `gumauth connect forge --host git.example.test --name work`.",
    )
    refused = inside(
        bare, "connect", "forge", "--host", "code.example.test", "--name", "work", "--no-browser", "--timeout", "2"
    )
    assert refused.status == 1
    assert "The stored client of work belongs to forge --host git.example.test, and work is forge --host code" in (
        refused.err.replace("\n", " ")
    )
    assert other.asked == []
    assert connect(bare, mine.follow, *words).out == "Connected work as ada@example.com.\n"
    assert listed(bare) == [("work/ada@example.com", "forge --host git.example.test --name work", "ok")]
    assert connect(bare, mine.follow, "work").status == 0
    taken = inside(
        bare, "connect", "forge", "--host", "code.example.test", "--name", "work", "--no-browser", "--timeout", "2"
    )
    assert (taken.status, "work is the name of forge --host git.example.test --name work already." in taken.err) == (
        2,
        True,
    )
    assert inside(bare, "setup", *words, "--forget").status == 0


def test_tenants_of_one_service_stand_under_its_name(standin: StandIn, environ: dict[str, str]) -> None:
    with (
        Place(standin, "login.office.example", "/common") as common,
        Place(None, "login.office.example", "/organizations", "grace@example.com") as organizations,
    ):
        organizations.server.register(common.client)
        common.beside.append(organizations)
        environ |= standin.environment | common.variables("OFFICE")
        tenant = ("office", "--tenant", "organizations")
        assert connect(environ, organizations.follow, *tenant).out == "Connected office as grace@example.com.\n"
        again = connect(environ, organizations.follow, "office")
        assert "office --tenant organizations is used" in again.err
        assert connect(environ, common.follow, "office", "--tenant", "common").status == 0
        assert sorted(listed(environ)) == [
            ("office/ada@example.com", "built-in", "ok"),
            ("office/grace@example.com", "office --tenant organizations", "ok"),
        ]
        assert common.server.is_active(token(environ, "office/ada@example.com"))
        assert inside(environ, "default", "office/grace@example.com").status == 0
        consents = common.server.count("token")
        assert connect(environ, common.follow, "office/ada@example.com").status == 0
        assert common.server.count("token") == consents + 1
        for nickname in ("ada@example.com", "grace@example.com"):
            assert inside(environ, "refresh", f"office/{nickname}").status == 0
        assert (common.server.count("refresh"), organizations.server.count("refresh")) == (1, 1)
        common.server.end_grant(common.server.families[-1].number)
        dead = inside(environ, "refresh", "office/ada@example.com")
        assert (dead.status, "`gumauth connect office/ada@example.com`" in dead.err) == (3, True)


@pytest.mark.requirement("F12", "D9")
def test_an_account_whose_words_were_changed_sends_its_token_nowhere(
    places: tuple[Place, Place], environ: dict[str, str]
) -> None:
    """The endpoint that the tokens came from stands in their record too, in the store."""
    mine, other = places
    environ |= mine.variables("WORK")
    assert connect(environ, mine.follow, "forge", "--host", "git.example.test", "--name", "work").status == 0
    (file,) = Path(environ["GUMAUTH_HOME"]).glob("accounts/work/*.json")
    file.write_text(file.read_text().replace("--host git.example.test", "--host code.example.test"))
    ended = inside(environ, "refresh", "work")
    assert (ended.status, "its refresh token is not sent there" in ended.err) == (3, True)
    assert other.asked == []


def test_an_account_of_before_is_at_the_usual_host(standin: StandIn, environ: dict[str, str]) -> None:
    with Place(standin, "forge.example") as usual:
        environ |= standin.environment | usual.variables("FORGE")
        assert connect(environ, usual.follow, "forge", "--host", "forge.example").out.startswith("Connected forge as")
        assert listed(environ) == [("forge/ada@example.com", "built-in", "ok")]
        assert inside(environ, "refresh", "forge").status == 0


def test_a_realm_belongs_to_the_name_and_both_are_needed(standin: StandIn, environ: dict[str, str]) -> None:
    with Place(standin, "sso.example.test", "/realms/Acme") as realm:
        environ |= standin.environment | realm.variables("SSO_EXAMPLE_TEST_ACME")
        words = ("realm", "--host", "sso.example.test")
        assert inside(environ, "connect", *words) == Ended(
            2,
            "",
            "error: realm has no usual tenant: it needs the realm.\n"
            "hint:  Run `gumauth connect realm --host sso.example.test --tenant TENANT`.\n",
        )
        connected = connect(environ, realm.follow, *words, "--tenant", "Acme")
        assert connected.out == "Connected sso.example.test.acme as ada@example.com.\n"
        assert realm.server.is_active(token(environ, "sso.example.test.acme"))
        other = inside(environ, "connect", *words, "--tenant", "acme", "--no-browser", "--timeout", "2")
        assert (other.status, "is the name of realm --host sso.example.test --tenant Acme already" in other.err) == (
            2,
            True,
        )


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (
            ("connect", "org"),
            "org has no usual host: it needs the domain of your organization.",
            "Run `gumauth connect org --host HOST`.",
        ),
        (
            ("doctor", "realm"),
            "realm has no usual host and tenant: it needs the server and the realm.",
            "Run `gumauth connect realm --host HOST --tenant TENANT`.",
        ),
        (
            ("setup", "linear", "--host", "a.example", "-"),
            "linear has no hosts of people's own, so --host cannot be used with it.",
            "Leave --host out; a server of your own is connected by its address, or by a provider file.",
        ),
        (
            ("connect", "https://a.example", "--tenant", "t"),
            "https://a.example is no built-in service, so --host and --tenant cannot be used with it.",
            "They stand behind the name of a service that `gumauth providers` lists as built-in.",
        ),
        (
            ("providers", "forge", "--host", "git.example.test/x"),
            "The host 'git.example.test/x' has a path in it, and a service below a path of its host is not supported.",
            (
                "Write the host alone, such as `--host git.example.com`; for a service below a path, a provider file of"
                " your own: `gumauth help own-provider`."
            ),
        ),
        (
            ("connect", "office", "--tenant", "a/b"),
            "'a/b' cannot be a tenant.",
            "A tenant has letters, digits, dots, dashes and underscores, such as `--tenant acme`.",
        ),
        (
            ("connect", "forge", "--host", "linear"),
            "linear is another provider already.",
            "Give this one another: `gumauth connect forge --host linear --name NAME`.",
        ),
        (
            ("connect", "forge", "--host", "[::1]:80"),
            "forge --host [::1]:80 makes no name for the accounts there.",
            "Give it one: `gumauth connect forge --host [::1]:80 --name NAME`.",
        ),
        (
            ("connect", "forge", "--host", "a.example", "--name", "Big Name"),
            "'Big Name' cannot name a service.",
            "A name has up to 64 small letters, digits, dots, dashes and underscores, such as `--name work`.",
        ),
        (
            ("connect", "forge", "--host", "a.example", "--name", "linear"),
            "linear is another provider already.",
            "Choose another name with --name.",
        ),
        (
            ("connect", "forge --host a.example --name forge"),
            "forge is another provider already.",
            "Give this one another: `gumauth connect forge --host a.example --name NAME`.",
        ),
        (
            ("connect", "forge/a", "--host", "a.example", "--as", "b"),
            "a and `--as b` are two names for one account.",
            "Leave one away: `gumauth connect forge --host a.example --as b`.",
        ),
        (
            ("setup", "forge", "--name", "work", "-"),
            "--name stands beside --host or --tenant here.",
            "Leave --name out, or name the host too.",
        ),
        (
            ("connect", "0xqzj", "--host", "a.example"),
            "There is no provider '0xqzj'.",
            "`gumauth providers` lists them.",
        ),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(
    environ: dict[str, str], words: tuple[str, ...], error: str, hint: str
) -> None:
    assert inside(environ, *words) == Ended(2, "", f"error: {error}\nhint:  {hint}\n")


@pytest.mark.requirement("F12")
def test_two_hosts_whose_variables_are_the_same_need_another_name(
    places: tuple[Place, Place], environ: dict[str, str]
) -> None:
    connect(environ, places[0].follow, "forge", "--host", "git.example.test")
    ended = inside(environ, "connect", "forge", "--host", "git-example.test", "--no-browser", "--timeout", "2")
    in_one_word = inside(environ, "connect", "forge --host git-example.test", "--no-browser", "--timeout", "2")
    assert (ended.status, in_one_word) == (2, ended)
    assert (
        "git-example.test would have the client of git.example.test: both are read from GIT_EXAMPLE_TEST_CLIENT_ID"
        in (ended.err)
    )


def test_a_person_is_asked_for_what_has_no_usual_value(environ: dict[str, str]) -> None:
    from gumauth.cli import main
    from gumauth.cli.terminal.terminal import Terminal
    from tests.cli.program import Screen

    out, err, typed = Screen(), Screen(), Screen("acme.example/org\nhttps://acme.org.example/\n")
    assert main.run(["setup", "org", "--forget"], Terminal({**environ, "NO_COLOR": "1"}, typed, out, err)) == 0
    question = "Host of Org (the domain of your organization): "
    refused = "The host 'acme.example/org' has a path in it, and a service below a path of its host is not supported. "
    assert " ".join(err.getvalue().split()) == f"{question}{refused}{question}".strip()
    assert out.getvalue() == "✓ There was nothing to forget of acme.org.example.\n"


def test_providers_shows_what_is_needed_in_place_of_urls_with_holes(environ: dict[str, str]) -> None:
    shown = inside(environ, "providers", "realm")
    assert shown == Ended(
        0,
        "Provider:          Realm (realm), built-in\n"
        "Host:              the server (--host HOST)\n"
        "Tenant:            the realm (--tenant TENANT)\n"
        "Documentation:     https://docs.example/realm\n",
        "Run `gumauth providers realm --host HOST --tenant TENANT` for where to register an app there, then"
        " `gumauth connect realm --host HOST --tenant TENANT`.\n",
    )
    provider = json.loads(inside(environ, "providers", "realm", "--json").out)["provider"]
    assert (provider["needs"], provider["host"]) == (["host", "tenant"], None)


def test_providers_shows_a_service_at_a_place(environ: dict[str, str]) -> None:
    shown = inside(environ, "providers", "org", "--host", "acme").out
    assert "Register an app:   https://acme.org.example/apps\n" in shown
    assert "Client id:         ACME_ORG_EXAMPLE_CLIENT_ID\n" in shown
    assert "Host:              acme.org.example (--host names another: the domain of your organization)\n" in shown
    local = json.loads(inside(environ, "providers", "forge", "--host", "http://localhost:3000", "--json").out)[
        "provider"
    ]
    assert (local["name"], local["register_url"]) == ("localhost.3000", "http://localhost:3000/apps")
    assert "Tenant:            common (--tenant names another: a directory, or organizations)\n" in (
        inside(environ, "providers", "office").out
    )


def git(environ: dict[str, str], account: str, protocol: str, host: str) -> str:
    asked = f"protocol={protocol}\nhost={host}\n\n"
    return inside(environ, "token", "--for", "git", account, "get", stdin=asked).out


@pytest.mark.requirement("H5", "S7")
def test_git_gets_the_token_at_that_host_alone(places: tuple[Place, Place], environ: dict[str, str]) -> None:
    mine, _ = places
    connect(environ, mine.follow, "forge", "--host", "git.example.test")
    assert git(environ, "git.example.test", "https", "git.example.test").startswith("username=oauth2\npassword=")
    for protocol, host in [
        ("http", "git.example.test"),
        ("https", "git.example.test:8443"),
        ("https", "forge.example"),
        ("https", "code.example.test"),
    ]:
        assert git(environ, "git.example.test", protocol, host) == ""
    assert "https://git.example.test" in inside(environ, "link", "git", "git.example.test").out


@pytest.mark.requirement("F6", "H5")
def test_a_server_on_this_machine_is_connected_without_tls(
    server: AuthorizationServer, environ: dict[str, str]
) -> None:
    port = urlsplit(server.url).port
    name, host = f"127.0.0.1.{port}", f"http://127.0.0.1:{port}"
    client = server.register(Client("id", "hidden", redirect_uris=("http://127.0.0.1/callback",), any_port=True))
    stem = name.replace(".", "_")
    environ |= {f"{stem}_CLIENT_ID": client.client_id, f"{stem}_CLIENT_SECRET": client.secret or ""}
    assert connect(environ, server.follow, "forge", "--host", host).out.startswith(f"Connected {name} as ")
    assert inside(environ, "refresh", name).status == 0
    assert server.is_active(token(environ, name))
    assert git(environ, name, "http", f"127.0.0.1:{port}").startswith("username=oauth2\npassword=")
    assert git(environ, name, "https", f"127.0.0.1:{port}") == ""
    assert f'[credential "{host}"]' in inside(environ, "link", "git", name).out
    foreign = inside(environ, "link", "git", name, "--url", "https://code.example.test/acme")
    assert "`gumauth connect forge --host code.example.test`" in foreign.err.replace("\n", " ")
    assert inside(environ, "disconnect", name).status == 0


@pytest.mark.requirement("S7")
def test_an_adapter_sends_the_token_to_that_host_and_not_to_the_usual_one(
    places: tuple[Place, Place], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(environ, places[0].follow, "forge", "--host", "git.example.test")
    for key, value in environ.items():
        monkeypatch.setenv(key, value)
    hosts, why = python.own_hosts(python.cached_token("git.example.test"))
    assert why is None
    assert destination.is_among("git.example.test", hosts)
    assert not destination.is_among("forge.example", hosts)
    assert not destination.is_among("code.example.test", hosts)


@pytest.mark.requirement("S7")
def test_a_token_for_a_header_of_the_services_own_is_put_into_no_other(
    places: tuple[Place, Place], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(environ, places[0].follow, "forge", "--host", "git.example.test")
    assert inside(environ, "token", "git.example.test", "--header").out.startswith("Authorization: Bearer ")
    monkeypatch.setitem(providers.TOKEN_HEADERS, "forge", "X-Token")
    assert (
        inside(environ, "token", "git.example.test", "--header").out
        == f"X-Token: {token(environ, 'git.example.test')}\n"
    )
    for key, value in environ.items():
        monkeypatch.setenv(key, value)
    for hosts in ((), ("git.example.test",)):
        with pytest.raises(UsageError, match="into the header X-Token") as caught:
            httpx.get("https://git.example.test/", auth=Auth("git.example.test", hosts=hosts))
        assert "follow no redirects" in (caught.value.hint or "")


def test_a_new_host_is_no_terminal_question_in_a_pipe(environ: dict[str, str]) -> None:
    assert inside(environ, "setup", "org", "-", stdin="id\nsecret\n", stream=io.StringIO).status == 2


@pytest.mark.parametrize(
    ("service", "option", "before", "after", "name"),
    [
        ("gitlab", ("--host", "git.example.test"), "gitlab.com", "git.example.test", "git.example.test"),
        ("microsoft", ("--tenant", "organizations"), "/common/", "/organizations/", "microsoft"),
    ],
)
def test_a_service_is_used_at_a_place_by_its_facts_as_they_are_written(
    standin: StandIn, environ: dict[str, str], service: str, option: tuple[str, str], before: str, after: str, name: str
) -> None:
    row, secret = moved(row_of(service), before, after), secrets.token_urlsafe(24)
    with Standin(row, time.time, secret) as there:
        for host in there.hosts:
            standin.answer_for(host, there.answer)
        id_variable, secret_variable = credential_variables(name)
        environ |= {**standin.environment, id_variable: CLIENT_ID, secret_variable: secret}
        connected = connect(environ, there.follow, service, *option)
        assert (connected.status, connected.out.startswith(f"Connected {name} as ")) == (0, True), connected
        assert listed(environ)[0][1:] == (" ".join((service, *option)), "ok")
        assert there.server.is_active(token(environ, name))
        assert inside(environ, "refresh", name).status == 0
        assert inside(environ, "disconnect", name).status == 0
        assert (there.wrong, standin.refused) == ([], [])


def test_a_name_that_was_set_up_means_its_host_before_it_is_connected(environ: dict[str, str]) -> None:
    for words in (["--host", "git.example.test"], ["--host", "code.example.test", "--name", "code"]):
        kept = inside(environ, "setup", "forge/work", *words, "-", stdin="my-id\nmy-secret\n")
        assert (kept.status, kept.err.endswith("--as work`.\n")) == (0, True)
    for name, host in (("git.example.test", "git.example.test"), ("code", "code.example.test")):
        shown = inside(environ, "providers", name)
        assert (shown.status, f"https://{host}/apps" in shown.out) == (0, True)
        assert inside(environ, "doctor", name).out.count(f"{name} loads; its client credentials are stored") == 1
        assert f"Run `gumauth connect {name}`" in inside(environ, "token", name).err
    assert "client_id=my-id" in inside(environ, "connect", "code", "--no-browser", "--timeout", "0.1").err
    assert inside(environ, "setup", "code", "--forget").status == 0
    assert "There is no provider 'code'" in inside(environ, "connect", "code").err


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("connect", "org/work", "--scope", "a b"), "gumauth connect org/work --scope 'a b' --host HOST"),
        (("setup", "realm", "--tenant", "t"), "gumauth setup realm --tenant t --host HOST"),
        (("connect", "linear/work", "--timeout", "5"), "gumauth connect linear/work --timeout 5 --no-browser"),
    ],
)
def test_a_hint_is_the_command_with_what_it_lacks(
    environ: dict[str, str], words: tuple[str, ...], command: str
) -> None:
    ended = inside({**environ, "LINEAR_CLIENT_ID": "an-id", "CI": "1"}, *words)
    assert f"hint:  Run `{command}`" in ended.err
