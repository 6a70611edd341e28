"""Where gumauth's files are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from gumauth.errors import HomeError
from gumauth.platform.folders import locate


def test_gumauth_home_moves_everything_under_one_folder(tmp_path: Path) -> None:
    home = locate({"GUMAUTH_HOME": str(tmp_path / "g"), "HOME": "/nowhere"})
    assert home.data == str(tmp_path / "g")
    assert home.older_locks == str(tmp_path / "g" / "state" / "locks")


def test_two_homes_do_not_share_entries_of_one_keyring(tmp_path: Path) -> None:
    first = locate({"GUMAUTH_HOME": str(tmp_path / "a")})
    second = locate({"GUMAUTH_HOME": str(tmp_path / "b")})
    assert first.service != second.service
    assert locate({"HOME": str(tmp_path)}).service == "gumauth"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
def test_a_data_folder_in_another_place_has_entries_of_its_own(tmp_path: Path) -> None:
    """A snap sets XDG_DATA_HOME, beside the one keyring that all programs share."""
    home, snap = str(tmp_path / "ada"), str(tmp_path / "snap")
    assert locate({"HOME": home, "XDG_DATA_HOME": snap}).service == f"gumauth {snap}/gumauth"
    assert locate({"HOME": home, "XDG_DATA_HOME": f"{snap}/"}).service == f"gumauth {snap}/gumauth"
    assert locate({"HOME": home, "XDG_STATE_HOME": snap}).service == "gumauth"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
@pytest.mark.parametrize("spelling", ["{home}/.local/share", "{home}//.local/./share/", "{link}/.local/share", " "])
def test_the_usual_data_folder_is_known_by_what_it_is(tmp_path: Path, spelling: str) -> None:
    """Some desktops set XDG_DATA_HOME to just that; and a home folder may be a link."""
    home, link = tmp_path / "ada", tmp_path / "link"
    home.mkdir()
    link.symlink_to(home)
    environ = {"HOME": str(home), "XDG_DATA_HOME": spelling.format(home=home, link=link)}
    assert locate(environ).service == "gumauth"


@pytest.mark.parametrize(
    ("platform", "variables", "data", "service"),
    [
        ("darwin", {}, "{home}/Library/Application Support/gumauth", "gumauth"),
        ("darwin", {"XDG_DATA_HOME": "/x"}, "/x/gumauth", "gumauth /x/gumauth"),
        ("win32", {}, "/Local/gumauth", "gumauth"),
        ("win32", {"WIN_PD_OVERRIDE_LOCAL_APPDATA": "/x"}, "/x/gumauth", "gumauth /x/gumauth"),
    ],
)
def test_elsewhere_the_usual_folder_is_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], data: str, service: str
) -> None:
    """What platformdirs answers there is put in its place."""
    answer = data.format(home=tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: answer)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    home = locate(os.environ)
    assert (home.data, home.service) == (answer, service)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
@pytest.mark.parametrize(
    "variables", [{}, {"XDG_DATA_HOME": "/x/data", "XDG_STATE_HOME": "/x/state"}, {"XDG_DATA_HOME": ""}]
)
def test_the_folders_are_those_that_platformdirs_names(tmp_path: Path, variables: dict[str, str]) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **variables}
    code = "import platformdirs as p; print(p.user_data_dir('gumauth')); print(p.user_state_dir('gumauth'))"
    said = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    home = locate(environ)
    data, state = said.stdout.split()
    assert (home.data, home.older_locks) == (data, f"{state}/locks")
    assert platformdirs.__version__


@pytest.mark.requirement("K11")
def test_no_home_at_all_is_said_with_what_to_set() -> None:
    with pytest.raises(HomeError) as caught:
        locate({"HOME": "relative"})
    assert "GUMAUTH_HOME" in str(caught.value.hint)


@pytest.mark.requirement("Y5", "Y1")
@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"GUMAUTH_HOME": "here"}, "GUMAUTH_HOME leads to 'here'"),
        ({"GUMAUTH_HOME": "./here"}, "GUMAUTH_HOME leads to './here'"),
        ({"GUMAUTH_HOME": "~nobody-of-that-name/x"}, "GUMAUTH_HOME leads to '~nobody-of-that-name/x'"),
        ({"XDG_DATA_HOME": "here"}, "XDG_DATA_HOME leads to 'here/gumauth'"),
    ],
)
def test_a_folder_that_depends_on_where_gumauth_is_run_is_refused(
    tmp_path: Path, variables: dict[str, str], named: str
) -> None:
    """A repository that was cloned could bring accounts, and with them code."""
    with pytest.raises(HomeError) as caught:
        locate({"HOME": str(tmp_path), **variables})
    assert caught.value.message.startswith(named)
    assert next(iter(variables)) in str(caught.value.hint)


@pytest.mark.requirement("Y5")
def test_a_folder_has_one_name_in_the_keyring_whatever_link_leads_to_it(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    by_link, directly = locate({"GUMAUTH_HOME": str(link)}), locate({"GUMAUTH_HOME": str(real)})
    assert by_link.service == directly.service == f"gumauth {real}"
    assert by_link.older_services == (f"gumauth {link}",)
    assert directly.older_services == ()


@pytest.mark.requirement("Y5")
def test_the_usual_folder_is_the_same_one_by_gumauth_home(tmp_path: Path) -> None:
    usual = tmp_path / ".local" / "share" / "gumauth"
    home = locate({"HOME": str(tmp_path), "GUMAUTH_HOME": str(usual)})
    assert (home.service, home.older_services) == ("gumauth", (f"gumauth {usual}",))
