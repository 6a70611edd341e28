"""The table of how fast gumauth is: `python -m tests.benchmarks`.

Every row is measured beside what it is compared with, the commands in turn, in a Secret Service session of its own on
this machine; nothing is kept. The interpreter that runs this is the one that is measured, with the gumauth that is
installed in its environment. Exits with 1 if a target is missed, and with 2 if it could not be measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from gumauth.errors import GumauthError
from tests.benchmarks.bridge import Bridge
from tests.benchmarks.commands import Commands
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.figures import Finding
from tests.benchmarks.in_process import InProcess
from tests.benchmarks.network import Network
from tests.benchmarks.peers import Peers
from tests.benchmarks.report import show_finding, show_peers
from tests.benchmarks.scene import NotInstalled, Scene, scene
from tests.benchmarks.shared import Shared
from tests.benchmarks.turns import CommandFailed

ROWS: dict[str, tuple[str, Callable[[Scene, Peers], Finding]]] = {
    "token": ("gumauth token", lambda s, p: Commands(s, p).token()),
    "token-json": ("gumauth token --json", lambda s, p: Commands(s, p).token("--json")),
    "token-header": ("gumauth token --header", lambda s, p: Commands(s, p).token("--header")),
    "token-mcp": ("gumauth token --for mcp", lambda s, p: Commands(s, p).for_mcp()),
    "token-git": ("gumauth token --for git get", lambda s, p: Commands(s, p).for_git()),
    "run": ("gumauth run X=acme -- true", lambda s, p: Commands(s, p).run()),
    "token-file": ("gumauth token, encrypted file with a key file", lambda s, p: Commands(s, p).encrypted()),
    "token-kwallet": ("gumauth token, KWallet", lambda s, p: Commands(s, p).kwallet()),
    "token-shared": ("gumauth token, an account in PostgreSQL", lambda s, _: Shared(s).token()),
    "list-json": ("gumauth list --json, 10 accounts", lambda s, p: Commands(s, p).list_json()),
    "list": ("gumauth list, table on a terminal", lambda s, p: Commands(s, p).list_table()),
    "version": ("gumauth --version", lambda s, p: Commands(s, p).version()),
    "help": ("gumauth --help", lambda s, p: Commands(s, p).help()),
    "complete-command": ("completion of a command, in bash", lambda s, p: Commands(s, p).complete_command()),
    "complete-account": ("completion of an account", lambda s, p: Commands(s, p).complete_account()),
    "complete-provider": ("completion of a provider", lambda s, p: Commands(s, p).complete_provider()),
    "many": ("gumauth token, 10,000 accounts", lambda s, p: Commands(s, p).many_accounts()),
    "list-many": ("gumauth list --json, 10,000 accounts, no default", lambda s, p: Commands(s, p).list_many()),
    "crowd": ("200 gumauth token at once", lambda s, _: Crowd(s).good()),
    "crowd-expired": ("200 at once, the token expired", lambda s, _: Crowd(s).expired()),
    "refresh": ("gumauth refresh", lambda s, _: Network(s).refresh()),
    "ahead": ("gumauth token once a second, no wait for a refresh", lambda s, _: Network(s).ahead()),
    "callback": ("connect, from callback to page", lambda s, _: Network(s).callback()),
    "address": ("connect by address, until the page's address", lambda s, _: Network(s).address()),
    "token-address": ("gumauth token of an account by address", lambda s, _: Network(s).discovered()),
    "bridge": ("gumauth mcp, start and message", lambda s, _: Bridge(s).messages()),
    "cached": ("gumauth.get_token, cached", lambda s, _: InProcess(s).cached()),
    "auth": ("gumauth.Auth, a request", lambda s, _: InProcess(s).auth()),
    "memory": ("gumauth token, peak memory", lambda s, p: Commands(s, p).memory()),
}


def main() -> int:
    """Measure, print, and say by the exit status whether every target was met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="ROW", action="append", choices=ROWS, help=f"one of: {', '.join(ROWS)}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        findings = measure(options.only or list(ROWS), quiet=options.json)
    except (NotInstalled, CommandFailed, GumauthError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"schema_version": 1, "python": sys.version.split()[0], "rows": as_objects(findings)}))
    return int(any(figure.is_missed for finding in findings.values() for figure in finding.figures))


def measure(names: list[str], *, quiet: bool) -> dict[str, Finding]:
    """What each row came to; each is shown as soon as it is known, unless quiet."""
    began = time.monotonic()
    findings = {}
    with scene() as stage:
        peers = Peers(stage)
        for name in names:
            title, row = ROWS[name]
            findings[name] = row(stage, peers)
            if not quiet:
                show_finding(name, title, findings[name])
    if not quiet:
        show_peers(findings, peers.absent, time.monotonic() - began)
    return findings


def as_objects(findings: dict[str, Finding]) -> list[dict[str, object]]:
    """The findings for `--json`; times in seconds."""
    return [{"row": name, "title": ROWS[name][0], **asdict(finding)} for name, finding in findings.items()]


if __name__ == "__main__":
    sys.exit(main())
