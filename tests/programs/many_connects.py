"""Many connects of one service at once, by its address, at an MCP server that nobody here wrote.

`python -m tests.programs.many_connects --processes 50`

All of them must end with an account of its own, its token taken by the server, and one client registered for them all.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.program import environment
from tests.parts import mcp_servers
from tests.parts.by_address import connect, token

if TYPE_CHECKING:
    from tests.parts.mcp_servers import McpServer


@dataclass(frozen=True)
class Played:
    """What it came to."""

    tokens: int
    clients: int
    seconds: float


def play(server: McpServer, folder: Path, processes: int) -> Played:
    """Connect this many accounts of a server that has just started, all at once."""
    environ = environment(folder)
    aliases = [f"person{number}" for number in range(processes)]
    began = time.monotonic()
    with ThreadPoolExecutor(processes) as people:
        list(people.map(lambda alias: connect(environ, server.url, server.follow, "--as", alias), aliases))
    seconds = time.monotonic() - began
    with ThreadPoolExecutor(2) as programs:
        tokens = set(programs.map(lambda alias: token(environ, f"{server.name}/{alias}"), aliases))
    return Played(tokens=sum(server.takes(each) for each in tokens), clients=len(server.clients()), seconds=seconds)


def main() -> int:
    """Play it once and print what it came to; 1 if it was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=50)
    processes: int = parser.parse_args().processes
    with mcp_servers.serving() as server, tempfile.TemporaryDirectory(prefix="gumauth-") as folder:
        played = play(server, Path(folder), processes)
    print(
        f"{processes} connects in {played.seconds:.1f} s: {played.tokens} tokens, {played.clients} clients registered"
    )
    return 0 if (played.tokens, played.clients) == (processes, 1) else 1


if __name__ == "__main__":
    sys.exit(main())
