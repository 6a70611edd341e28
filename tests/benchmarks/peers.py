"""What people use otherwise, where it is installed here."""

from __future__ import annotations

import secrets
import shutil
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.scene import Scene
from tests.benchmarks.turns import Command

KEYRING, GH, SECRET_TOOL = "keyring get", "gh auth token", "secret-tool lookup"
GH_COMPLETES, GH_FOR_GIT = "gh __complete", "gh auth git-credential get"


class Peers:
    """The other programs, each asked for the same thing.

    Args:
        scene: Where gumauth's token is.
    """

    def __init__(self, scene: Scene) -> None:
        service, key = scene.entry()
        gh_environ = {**scene.environ, "GH_CONFIG_DIR": str(_gh_folder(scene.folder))}
        keyring = Path(sysconfig.get_path("scripts"), "keyring")
        wanted = {
            KEYRING: Command((str(keyring), "get", service, key), scene.environ),
            GH: Command(("gh", "auth", "token", "--hostname", "github.com"), gh_environ),
            GH_FOR_GIT: Command(("gh", "auth", "git-credential", "get"), gh_environ, reads=scene.from_git()),
            GH_COMPLETES: Command(("gh", "__complete", "auth", ""), gh_environ),
            SECRET_TOOL: Command(("secret-tool", "lookup", "service", service, "username", key), scene.environ),
        }
        self.commands = {name: command for name, command in wanted.items() if shutil.which(command.words[0])}
        self.absent = {name: "not installed" for name in wanted if name not in self.commands}

    def some(self, *names: str) -> Mapping[str, Command]:
        """Those of these that are installed."""
        return {name: self.commands[name] for name in names if name in self.commands}


def _gh_folder(folder: Path) -> Path:
    """A configuration folder in which gh finds a token that was made up here."""
    made = folder / "gh"
    made.mkdir(mode=0o700)
    lines = ("github.com:", f"    oauth_token: gho_{secrets.token_hex(18)}", "    user: ada", "    git_protocol: https")
    (made / "hosts.yml").write_text("\n".join([*lines, ""]))
    (made / "hosts.yml").chmod(0o600)
    return made
