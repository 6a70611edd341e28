"""Plays the ordinary life of every built-in service as `gumauth check` does, and prints what is not fine.

python -m tests.programs.check_built_ins
"""

from __future__ import annotations

import sys

from gumauth.registry.lookup import built_in_names
from tests.cli.check.many import played


def main() -> int:
    """The exit status: 1 where something is not fine."""
    found = played(sys.argv[1:] or built_in_names())
    broken = {name: [each for each in said if each.get("level") not in ("fine", None)] for name, said in found.items()}
    for name, bad in broken.items():
        for each in bad:
            print(f"{name}: {each['level']} {each['case']}: {each['file']}")
    print(f"{len(found)} services, {sum(map(bool, broken.values()))} of them not fine.")
    return int(any(broken.values()))


if __name__ == "__main__":
    sys.exit(main())
