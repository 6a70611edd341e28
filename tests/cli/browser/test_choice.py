from __future__ import annotations

import os
from pathlib import Path

import pytest

from gumauth.cli.browser.choice import Choice, choose

DESKTOP = {"DISPLAY": ":0"}
SSH = {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22"}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH, with programs that are never run."""
    for name in ("xdg-open", "firefox", "w3m", "lynx", "my-browser", "sensible-browser"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "alternative").symlink_to(tmp_path / "w3m")
    return tmp_path


def chosen(programs: Path, platform: str = "linux", **environ: str) -> Choice:
    return choose({"PATH": str(programs), **environ}, platform)


@pytest.mark.requirement("B2")
@pytest.mark.parametrize("display", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_desktop_opens_its_own_browser(programs: Path, display: str) -> None:
    assert chosen(programs, **{display: ":0"}) == Choice(command=("xdg-open",), reason="it is installed")


@pytest.mark.requirement("B2")
@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({}, "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"),
        ({"DISPLAY": ""}, "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"),
        (DESKTOP | SSH, "this is an SSH session"),
        (DESKTOP | {"SSH_TTY": "/dev/pts/0"}, "this is an SSH session"),
        (DESKTOP | {"SSH_CLIENT": "10.0.0.9 50000 22"}, "this is an SSH session"),
        (DESKTOP | {"CI": "true"}, "this is a CI job"),
        (DESKTOP | {"CI": "1"}, "this is a CI job"),
        (DESKTOP | {"BROWSER": "w3m"}, "BROWSER names a text browser"),
        (DESKTOP | {"BROWSER": "lynx -accept_all_cookies %s"}, "BROWSER names a text browser"),
        (DESKTOP | {"BROWSER": "alternative"}, "BROWSER names a text browser"),
        (DESKTOP | {"BROWSER": "w3m" + os.pathsep + "lynx"}, "BROWSER names a text browser"),
        (DESKTOP | {"BROWSER": "not-there"}, "BROWSER names a program that is not there"),
        (DESKTOP | {"BROWSER": "'unbalanced"}, "BROWSER names a program that is not there"),
        (DESKTOP | {"BROWSER": "&"}, "BROWSER names a program that is not there"),
        (SSH | {"BROWSER": "xdg-open"}, "there is no display"),
        ({"BROWSER": "sensible-browser"}, "there is no display"),
    ],
)
def test_there_is_none_where_it_would_not_be_seen(programs: Path, environ: dict[str, str], reason: str) -> None:
    assert chosen(programs, **environ) == Choice(command=None, reason=reason)


@pytest.mark.requirement("B2")
@pytest.mark.parametrize("environ", [{}, SSH, {"CI": "true"}, DESKTOP])
def test_a_graphical_browser_that_browser_names_is_used_wherever_it_is_set(
    programs: Path, environ: dict[str, str]
) -> None:
    assert chosen(programs, BROWSER="my-browser", **environ).command == ("my-browser",)


@pytest.mark.requirement("B2")
@pytest.mark.parametrize(
    ("named", "command"),
    [
        ("w3m:my-browser", ("my-browser",)),
        (":my-browser:firefox", ("my-browser",)),
        ("my-browser --new-window %s &", ("my-browser", "--new-window", "%s")),
        ("my-browser 'two words'", ("my-browser", "two words")),
    ],
)
def test_browser_is_a_list_of_commands(programs: Path, named: str, command: tuple[str, ...]) -> None:
    assert chosen(programs, BROWSER=named.replace(":", os.pathsep)).command == command


def test_an_empty_browser_and_a_ci_that_says_no_are_as_good_as_unset(programs: Path) -> None:
    assert chosen(programs, BROWSER=" ", CI="false", **DESKTOP).command == ("xdg-open",)


def test_a_text_browser_behind_the_desktops_name_is_passed_over(tmp_path: Path) -> None:
    for name in ("w3m", "firefox"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "x-www-browser").symlink_to(tmp_path / "w3m")
    assert chosen(tmp_path, **DESKTOP).command == ("firefox",)


def test_a_desktop_without_any_browser_says_so(tmp_path: Path) -> None:
    assert chosen(tmp_path, **DESKTOP) == Choice(command=None, reason="no browser was found on PATH")


@pytest.mark.parametrize(
    ("platform", "environ", "command"),
    [
        ("darwin", {}, ("/usr/bin/open",)),
        ("linux", {"WSL_DISTRO_NAME": "Debian"}, ("wslview",)),
    ],
)
def test_other_systems_have_their_own_way(
    tmp_path: Path, platform: str, environ: dict[str, str], command: tuple[str, ...]
) -> None:
    (tmp_path / "wslview").write_text("")
    (tmp_path / "wslview").chmod(0o755)
    assert chosen(tmp_path, platform, **environ).command == command


def test_windows_opens_urls_without_a_shell(tmp_path: Path) -> None:
    command = chosen(tmp_path, "win32", SystemRoot=r"C:\Windows").command
    assert command is not None
    assert command[0].startswith(r"C:\Windows")
    assert command[0].endswith("rundll32.exe")
    assert command[1] == "url.dll,FileProtocolHandler"
