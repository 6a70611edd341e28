"""Writes a file for every built-in service, in both styles, as `gumauth new` does, and plays each as `gumauth check`.

python -m tests.programs.check_written [SERVICE…]

Prints what is not fine. Only the ordinary life is played: the misbehaviours take `gumauth check` itself, file by file.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.files import texts, write
from gumauth.errors import UsageError
from gumauth.registry.lookup import built_in_names
from tests.cli.authoring.drafts import answered, built_in, mcp_server
from tests.cli.check.many import played

AT_ONCE = 20
"""Files that one process plays."""


def drafts(services: Iterable[str]) -> Iterator[Draft]:
    """The drafts: one for each service, and those of an address and of answers."""
    yield from map(built_in, services)
    yield from (mcp_server(), mcp_server("silent", tells_names=False), answered())


def written(folder: str, services: Iterable[str]) -> list[str]:
    """The paths of the files, those for Gumstack in a folder of their own; without those that there is no room for."""
    paths = []
    for gumstack in (False, True):
        kind = Path(folder, "gumstack" if gumstack else "facts")
        kind.mkdir()
        for draft in drafts(services):
            try:
                files = texts(draft, gumstack=gumstack, tests=False, whole_package=False)
            except UsageError:
                continue
            paths += write(str(kind), files)
    return paths


def main() -> int:
    """The exit status: 1 where something is not fine."""
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = written(folder, sys.argv[1:] or built_in_names())
        for at in range(0, len(paths), AT_ONCE):
            for path, said in played(paths[at : at + AT_ONCE]).items():
                for each in said:
                    if each.get("level") not in ("fine", None):
                        bad += 1
                        print(f"{path.removeprefix(folder)}: {each['level']} {each['case']}: {each['file']}")
    print(f"{len(paths)} files, {bad} findings that are not fine.")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
