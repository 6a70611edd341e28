"""Whose grant it is, at servers that nobody here wrote and at Linear's stand-in, run as people run it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gumauth.client.context import Context
from gumauth.testing import AuthorizationServer, deliver, write_provider
from tests.cli.connecting import acme
from tests.cli.program import environment, process
from tests.client.older import make_older
from tests.parts.browser import consent_at_oidc
from tests.parts.test_lives import (
    connect,
    connecting,
    dot_environment,
    dot_provider,
    finished,
    free_port,
    shown,
    token,
)

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

    from tests.parts.dot import Dot
    from tests.parts.linear import Linear
    from tests.parts.oidc_provider import Oidc
    from tests.parts.secret_service import Session


def oidc_environment(oidc: Oidc, tmp_path: Path, **more: str) -> dict[str, str]:
    return environment(tmp_path, OIDC_CLIENT_ID=oidc.public, **more)


def oidc_provider(oidc: Oidc, tmp_path: Path, **facts: object) -> str:
    usual: dict[str, object] = {
        "public_client": True,
        "redirect_ports": (),
        "scopes": ("openid", "email", "offline_access"),
        "authorize_params": {"prompt": "consent"},
        "issuer_required": True,
    }
    return str(write_provider(oidc, tmp_path, name="oidc", **{**usual, **facts}))


def refresh(environ: dict[str, str], account: str, times: int = 1) -> None:
    for _ in range(times):
        assert shown(process(environ, "refresh", account, "--json"))["accounts"][0]["refreshed"] is True


def accounts(environ: dict[str, str]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = shown(process(environ, "list", "--json"))["accounts"]
    return listed


@pytest.mark.requirement("I1", "I2")
@pytest.mark.parametrize("named", [True, False])
def test_two_workspaces_of_one_person_at_linear_stand_side_by_side(linear: Linear, named: bool, tmp_path: Path) -> None:
    environ = environment(tmp_path, **linear.environment)
    made = []
    for workspace in ("analytical", "difference"):
        options = ("--as", workspace) if named else ()

        def follow(url: str, workspace: str = workspace) -> str:
            return linear.follow(url, workspace=workspace)

        made.append(connect(environ, "linear", follow, "--port", free_port(), *options))
    nicknames = [account["nickname"] for account in made]
    assert nicknames == ["ada@example.com at analytical", "ada@example.com at difference"]
    for account in made:
        refresh(environ, account["account"], 5)
    families = [linear.server._grants.family_of(token(environ, account["account"])) for account in made]
    assert [family.workspace for family in families if family] == ["analytical", "difference"]
    assert linear.server.count("revoke") == 0
    assert len(accounts(environ)) == 2


@pytest.mark.requirement("I1", "I8")
def test_connecting_linear_again_is_the_same_account_under_its_old_nickname_too(linear: Linear, tmp_path: Path) -> None:
    environ = environment(tmp_path, **linear.environment)
    connect(environ, "linear", linear.follow, "--port", free_port())
    make_older(Context(environ))
    again = connect(environ, "linear", linear.follow, "--port", free_port())
    assert again["nickname"] == "ada@example.com at analytical"
    assert [account["account"] for account in accounts(environ)] == ["linear/ada@example.com at analytical"]
    assert linear.server.is_active(token(environ, "linear/ada@example.com"))
    assert linear.server.count("revoke") == 0


@pytest.mark.node
@pytest.mark.requirement("I2", "I3")
def test_five_logins_with_one_browser_leave_a_living_token_each_time(oidc: Oidc, tmp_path: Path) -> None:
    """The server keeps one grant for the person and the app: to revoke the older tokens is to end the newer ones."""
    environ, provider = oidc_environment(oidc, tmp_path), oidc_provider(oidc, tmp_path)
    browser = oidc.browser()
    for _ in range(5):
        account = connect(environ, provider, browser.follow)
        assert account["nickname"] == "ada@example.com"
        assert oidc.is_active(token(environ, "oidc"))
        refresh(environ, "oidc")
        assert oidc.is_active(token(environ, "oidc"))
    assert len(accounts(environ)) == 1
    log = oidc.log()
    assert {event["grant"] for event in log if event["kind"] == "issued"} == {1}
    assert not [event for event in log if event["kind"] in ("revocation", "grant.revoked", "reuse")]


@pytest.mark.node
@pytest.mark.browser
@pytest.mark.requirement("I2", "I3")
def test_five_logins_in_chromium_with_one_profile_leave_a_living_token_each_time(
    oidc: Oidc, browser: WebDriver, tmp_path: Path
) -> None:
    environ, provider = oidc_environment(oidc, tmp_path), oidc_provider(oidc, tmp_path)
    for turn in range(5):
        with connecting(environ, provider) as waiting:
            forms = consent_at_oidc(browser, waiting.url)
            assert shown(finished(waiting))["account"]["nickname"] == "ada@example.com"
        assert ("login" in forms) == (turn == 0)
        assert oidc.is_active(token(environ, "oidc"))
        refresh(environ, "oidc")
        assert oidc.is_active(token(environ, "oidc"))
    assert not [event for event in oidc.log() if event["kind"] in ("revocation", "grant.revoked", "reuse")]


@pytest.mark.node
@pytest.mark.requirement("I3")
def test_the_loss_that_is_prevented_is_real(oidc: Oidc, tmp_path: Path) -> None:
    """With facts that say what is not true of this server, the second connect ends its own tokens."""
    environ = oidc_environment(oidc, tmp_path)
    provider = oidc_provider(oidc, tmp_path, separate_grants=True)
    browser = oidc.browser()
    for _ in range(2):
        connect(environ, provider, browser.follow)
    assert not oidc.is_active(token(environ, "oidc"))


@pytest.mark.node
@pytest.mark.requirement("I1", "I2")
def test_two_people_at_one_server_stand_side_by_side(oidc: Oidc, tmp_path: Path) -> None:
    environ, provider = oidc_environment(oidc, tmp_path), oidc_provider(oidc, tmp_path)
    for login in ("ada", "grace"):
        connect(environ, provider, partial(oidc.browser().follow, login=login))
    for label in ("oidc/ada@example.com", "oidc/grace@example.com"):
        refresh(environ, label, 5)
        assert oidc.is_active(token(environ, label))
    assert not [event for event in oidc.log() if event["kind"] == "revocation"]


@pytest.mark.node
@pytest.mark.requirement("I5", "L1")
@pytest.mark.parametrize("command", ["revoke", "disconnect"])
def test_a_jwt_access_token_is_told_with_the_minutes_that_it_lives(oidc: Oidc, command: str, tmp_path: Path) -> None:
    environ = oidc_environment(oidc, tmp_path)
    asked = {"authorize_params": {"prompt": "consent", "resource": oidc.resource}, "scopes": ("read", "offline_access")}
    connect(environ, oidc_provider(oidc, tmp_path, **asked), oidc.browser().follow, "--as", "work")
    assert token(environ, "oidc/work").count(".") == 2
    ended = process(environ, command, "oidc/work")
    assert (ended.status, ended.out.startswith("Revoked oidc/work")) == (0, True), ended
    assert "oidc cannot end its access token, which lives on for 5 minutes more." in ended.err
    outcomes = [(event["token"], event["outcome"]) for event in oidc.log() if event["kind"] == "revocation"]
    assert outcomes[0] == ("RefreshToken", "revoked")
    assert outcomes[1][1] == "unsupported_token_type"


@pytest.mark.node
@pytest.mark.requirement("I5", "L1")
@pytest.mark.parametrize("command", ["revoke", "disconnect"])
def test_a_revocation_endpoint_that_is_not_there_makes_no_revoked(oidc: Oidc, command: str, tmp_path: Path) -> None:
    environ = oidc_environment(oidc, tmp_path)
    connect(environ, oidc_provider(oidc, tmp_path, revoke_url=f"{oidc.url}/nowhere"), oidc.browser().follow)
    ended = process(environ, command, "oidc")
    assert ended.status == 1, ended
    assert "Revoked" not in ended.out + ended.err
    assert oidc.is_active(token(environ, "oidc"))


@pytest.mark.requirement("I3")
def test_separate_grants_at_django_oauth_toolkit_are_ended_and_the_newer_lives(dot: Dot, tmp_path: Path) -> None:
    environ = dot_environment(dot, tmp_path, "confidential")
    provider = dot_provider(dot, tmp_path, "confidential", separate_grants=True, identity_paths=("email",))
    connect(environ, provider, dot.follow)
    older = token(environ, "dot")
    with connecting(environ, provider) as waiting:
        deliver(dot.follow(waiting.url))
        ended = finished(waiting)
    assert ended.status == 0, ended
    assert "The older grant of dot/ada@example.com was ended." in ended.err
    assert not dot.is_active(older)
    assert dot.is_active(token(environ, "dot"))
    refresh(environ, "dot", 2)
    assert dot.is_active(token(environ, "dot"))


@pytest.mark.requirement("I3")
def test_grants_that_are_not_known_to_be_separate_both_live_at_django_oauth_toolkit(dot: Dot, tmp_path: Path) -> None:
    environ, provider = dot_environment(dot, tmp_path, "public"), dot_provider(dot, tmp_path, "public")
    connect(environ, provider, dot.follow)
    older = token(environ, "dot")
    connect(environ, provider, dot.follow)
    assert dot.is_active(older)
    refresh(environ, "dot", 2)
    assert dot.is_active(token(environ, "dot"))


@pytest.mark.keyring
@pytest.mark.requirement("I8", "K8")
def test_what_the_first_version_has_put_into_a_real_keyring_goes_on(secret_service: Session, tmp_path: Path) -> None:
    with AuthorizationServer() as server:
        file, more = acme(server, tmp_path)
        environ = {**secret_service.environ, "GUMAUTH_HOME": str(tmp_path / "home"), **more}
        connect(environ, str(file), server.follow, "--as", "work")
        make_older(Context(environ))
        before = secret_service.secret_tool("search", "--all", "--unlock", "service", Context(environ).home.service)
        assert "acme/3cc3756fe7788f58/" in before
        assert server.is_active(token(environ, "acme/work"))
        refresh(environ, "acme/work", 2)
        assert Context(environ).accounts.look_up("acme").identity == f"{server.issuer} ada"
        connect(environ, str(file), server.follow)
        assert [account["account"] for account in accounts(environ)] == ["acme/work"]
        assert shown(process(environ, "disconnect", "acme", "--json"))["forgotten"] is True
        left = secret_service.secret_tool("search", "--all", "--unlock", "service", Context(environ).home.service)
        assert "3cc3756fe7788f58" not in left
