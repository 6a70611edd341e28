"""The modules that a run of the program imports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec

RUN = "import sys; from gumauth.__main__ import main; sys.exit(main())"
MODULE = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)
SENT_BY_GIT = "protocol=https\nhost=github.com\n\n"


def imported(environ: dict[str, str], *words: str, code: str = RUN) -> set[str]:
    """The modules that a run imports, beyond those of an interpreter that does nothing."""
    return imported_by(code, *words, environ=environ) - imported_by("pass", environ=environ)


def is_here(module: str) -> bool:
    """Whether this interpreter has the module: one that is tried, and is another version's, is reported too."""
    return find_spec(module.partition(".")[0]) is not None


def imported_by(code: str, *words: str, environ: dict[str, str] | None = None) -> set[str]:
    """All modules that an interpreter imports, the ones of its own start among them."""
    command = [sys.executable, "-X", "importtime", "-c", code, *words]
    ended = subprocess.run(
        command, env=unmeasured(environ or os.environ), input=SENT_BY_GIT, capture_output=True, text=True, check=True
    )
    return set(MODULE.findall(ended.stderr))


def unmeasured(environ: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """The environment without what measures coverage, which imports and reads much of its own."""
    return {name: value for name, value in environ.items() if not name.startswith("COVERAGE_")}
