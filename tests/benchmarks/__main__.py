"""The table of how fast gumauth is: `python -m tests.benchmarks`.

Every row is measured beside what it is compared with, the commands in turn, in a Secret Service session of its own on
this machine; nothing is kept. Two cores take less than six minutes for it, with `--long` less than ten. The interpreter
that runs this is the one that is measured, with the gumauth that is installed in its environment. Exits with 1 if a
target is missed, and with 2 if it could not be measured.
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
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.figures import Finding
from tests.benchmarks.in_process import InProcess
from tests.benchmarks.network import Network
from tests.benchmarks.peers import Peers
from tests.benchmarks.printed import Printed
from tests.benchmarks.report import show_end, show_finding
from tests.benchmarks.scene import NotInstalled, Scene, scene
from tests.benchmarks.shared import Shared
from tests.benchmarks.tokens import Tokens
from tests.benchmarks.turns import CommandFailed
from tests.benchmarks.work import why_not_counted

SHORT, LONG = 90, 300
"""Seconds of the row `ahead`: two refreshes, and seven or eight."""

Row = tuple[str, Callable[[Scene, Peers], Finding]]

ROWS: dict[str, Row] = {
    "token": ("gumauth token", lambda s, p: Tokens(s, p).plain()),
    "token-forms": ("gumauth token --json, --header and every --for", lambda s, p: Tokens(s, p).forms()),
    "token-git": ("gumauth token --for git get", lambda s, p: Tokens(s, p).for_git()),
    "run": ("gumauth run X=acme -- true", lambda s, p: Tokens(s, p).run()),
    "token-file": ("gumauth token, encrypted file with a key file", lambda s, p: Tokens(s, p).encrypted()),
    "token-kwallet": ("gumauth token, KWallet", lambda s, p: Tokens(s, p).kwallet()),
    "token-shared": ("gumauth token, an account in PostgreSQL", lambda s, _: Shared(s).token()),
    "token-many": ("gumauth token, 10,000 accounts", lambda s, p: Tokens(s, p).of_many()),
    "memory": ("gumauth token, peak memory", lambda s, p: Tokens(s, p).memory()),
    "list-json": ("gumauth list --json, 10 accounts", lambda s, p: Printed(s, p).list_json()),
    "list-many": ("gumauth list --json, 10,000 accounts, no default", lambda s, p: Printed(s, p).list_many()),
    "list": ("gumauth list, table on a terminal", lambda s, p: Printed(s, p).list_table()),
    "version": ("gumauth --version", lambda s, p: Printed(s, p).version()),
    "help": ("gumauth --help", lambda s, p: Printed(s, p).help()),
    "help-commands": ("gumauth COMMAND --help", lambda s, p: Printed(s, p).help_of_commands()),
    "complete-command": ("completion of a command, in bash", lambda s, p: Printed(s, p).complete_command()),
    "complete-account": ("completion of an account", lambda s, p: Printed(s, p).complete_account()),
    "complete-provider": ("completion of a provider", lambda s, p: Printed(s, p).complete_provider()),
    "crowd": ("200 gumauth token at once", lambda s, _: Crowd(s).good()),
    "crowd-expired": ("200 at once, the token expired", lambda s, _: Crowd(s).expired()),
    "refresh": ("gumauth refresh", lambda s, _: Network(s).refresh()),
    "ahead": ("no wait for a refresh: a token once a second", lambda s, _: Network(s).ahead(SHORT)),
    "callback": ("connect, from callback to page", lambda s, _: Network(s).callback()),
    "address": ("connect by address, until the page's address", lambda s, _: Network(s).address()),
    "token-address": ("gumauth token of an account by address", lambda s, _: Network(s).discovered()),
    "bridge": ("gumauth mcp, start and message", lambda s, _: Bridge(s).messages()),
    "bridge-flight": ("gumauth mcp, 1,000 messages in flight", lambda s, _: Bridge(s).in_flight()),
    "cached": ("gumauth.get_token, cached", lambda s, _: InProcess(s).cached()),
    "auth": ("gumauth.Auth, a request", lambda s, _: InProcess(s).auth()),
}


def main() -> int:
    """Measure, print, and say by the exit status whether every target was met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="ROW", action="append", choices=ROWS, help=f"one of: {', '.join(ROWS)}")
    parser.add_argument("--long", action="store_true", help=f"have `ahead` take {LONG} seconds, not {SHORT}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if options.long:
        ROWS["ahead"] = (ROWS["ahead"][0], lambda s, _: Network(s).ahead(LONG))
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
        absent = {**peers.absent, **({"instructions": why} if (why := why_not_counted()) else {})}
        show_end(findings, absent, time.monotonic() - began)
    return findings


def as_objects(findings: dict[str, Finding]) -> list[dict[str, object]]:
    """The findings for `--json`; times in seconds."""
    return [{"row": name, "title": ROWS[name][0], **asdict(finding)} for name, finding in findings.items()]


if __name__ == "__main__":
    sys.exit(main())
