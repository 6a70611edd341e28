"""Which variables a program gets that gumauth starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gumauth
from gumauth.platform.child_environment import for_child

SESSION = {
    "HOME": "/home/ada",
    "PATH": "/usr/bin",
    "LANG": "C.UTF-8",
    "LC_TIME": "en_GB.UTF-8",
    "DISPLAY": ":0",
    "WAYLAND_DISPLAY": "wayland-0",
    "XAUTHORITY": "/run/user/1000/xauth",
    "XDG_RUNTIME_DIR": "/run/user/1000",
    "XDG_ACTIVATION_TOKEN": "a-window",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus",
    "https_proxy": "http://proxy.corp:3128",
    "WSL_DISTRO_NAME": "Debian",
    "SystemRoot": "C:\\Windows",
    "ProgramFiles(x86)": "C:\\Program Files (x86)",
    "VSCODE_IPC_HOOK_CLI": "/run/user/1000/vscode.sock",
}
SECRETS = [
    *("GUMAUTH_PASSPHRASE", "GUMAUTH_PASSPHRASE_FILE", "GUMAUTH_KEY_FILE", "GUMAUTH_HOME", "LINEAR_CLIENT_SECRET"),
    *("my_client_secret", "GITHUB_TOKEN", "GH_PAT", "PGPASSWORD", "MYSQL_PWD", "OPENAI_API_KEY", "AWS_ACCESS_KEY_ID"),
    *("VSCODE_GIT_IPC_AUTH_TOKEN", "GITPOD_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "XDG_SECRET", "SIGNING_KEY"),
]


def test_a_program_gets_what_the_persons_session_is() -> None:
    assert for_child(SESSION) == SESSION


@pytest.mark.requirement("S1")
def test_no_program_gets_a_secret_nor_what_is_not_known() -> None:
    assert for_child(dict.fromkeys([*SECRETS, "LINEAR_CLIENT_ID", "PYTHONPATH", "SSH_AUTH_SOCK", "ODD"], "x")) == {}


@pytest.mark.requirement("S1")
def test_a_chosen_keyring_gets_its_own_and_what_is_no_secret() -> None:
    odd = {"KEYRING_CRYPTFILE_PASSWORD": "1", "SSH_AUTH_SOCK": "2", "LINEAR_CLIENT_ID": "3", "OLDPWD": "4"}
    url = {"DATABASE_URL": "postgres://ada:hunter2@db/x", "HTTPS_PROXY": "http://ada:hunter2@proxy:1"}
    assert for_child({**dict.fromkeys(SECRETS, "x"), **odd, **url}, also=("KEYRING_", "")) == odd


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "ada:hunter2@proxy:3128"),
        ("all_proxy", "socks5://ada:hun/ter2@proxy:1080"),
        ("NIX_CONFIG", "access-tokens = github.com=ghp_x"),
        ("SNAP_COOKIE", "x"),
        ("ANDROID_STOREPASS", "x"),
        ("GITPOD_URL", "https://x.example/?token=x"),
        ("VSCODE_PROXY_URI", "https://ada:hun/ter2@x.example/"),
    ],
)
def test_no_program_gets_a_login_in_whatever_shape(name: str, value: str) -> None:
    assert for_child({name: value}) == {}


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_WEBHOOK_URL", "https://hooks.example/x"),
        ("AZURE_STORAGE_CONNECTION_STRING", "AccountKey=x"),
        ("DOCKER_AUTH_CONFIG", "{}"),
        ("JDBC_URL", "jdbc:postgresql://db/x?user=ada&password=x"),
        ("DATABASE_URL", "postgres://ada:hun/ter2@db/x"),
    ],
)
def test_no_chosen_keyring_gets_one_of_other_programs(name: str, value: str) -> None:
    assert for_child({name: value}, also=("KEYRING_", "")) == {}


def test_a_browser_gets_what_its_graphics_need() -> None:
    needed = {
        "__NV_PRIME_RENDER_OFFLOAD": "1",
        "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
        "CHROMIUM_FLAGS": "--ozone-platform=wayland",
        "NO_PROXY": "localhost,@",
    }
    assert for_child(needed) == needed


@pytest.mark.requirement("S1")
def test_every_module_that_starts_a_program_asks_for_its_environment_in_one_place() -> None:
    starts = re.compile(
        r"subprocess\.(Popen|run|call|check_)|os\.(spawn|posix_spawn|exec[lv]|system|popen)|create_subprocess"
    )
    folder = Path(gumauth.__file__).parent
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.py")}
    starting = {name for name, text in found.items() if starts.search(text)}
    becoming = {
        "handout/run/become.py",
        "handout/run/start_keeper.py",
    }  # the person's command has the person's variables
    assert starting == {
        *("cli/browser/launch.py", "store/keyring/child.py", "cli/commands/link_write.py", "platform/detached.py"),
        "cli/commands/doctor_programs.py",
        *("cli/check/isolation.py", "cli/check/process.py"),  # the first only names what a checked file may not do
        "gumstack/in_server/process.py",  # gumauth itself, asked by a server with the server's own variables
        *becoming,
    }
    assert "env=_bare(environ)," in found["cli/check/process.py"]
    assert "for_child(environ" in found["cli/check/process.py"]
    assert found["gumstack/in_server/process.py"].count("env=environment(),") == 2
    assert "for_child(" in found["cli/commands/link_write.py"]
    assert "short, missing = shortened(context.environ)" in found["cli/commands/doctor_programs.py"]
    assert "if missing and not is_secret else" in found["cli/commands/doctor_programs.py"]
    assert "env=environ," in found["cli/browser/launch.py"]
    assert "for_child(environ)" in found["cli/browser/launch.py"]
    assert "Child(self._opening(address), self._environ(address))" in found["store/keyring/store.py"]
    assert "for_child(" in found["store/keyring/store.py"]
