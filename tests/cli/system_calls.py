"""The system calls of the program itself: of a run all of whose modules were imported before."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.cli.imported import SENT_BY_GIT, unmeasured
from tests.parts.need import lacking, need

FROM_HERE = "/from here on the calls are the program's own"
RUN_IMPORTED = f"""
import importlib, os, sys
for name in sys.argv.pop(1).split(","):
    try:
        importlib.import_module(name)
    except ImportError:
        sys.modules[name] = None  # another version's: it is not looked for again
from gumauth import __main__
__main__._become_owner = lambda terminal: None  # asks only where root runs this
os.access("{FROM_HERE}", os.F_OK)
{{first}}
sys.exit(__main__.main())
"""

UNCOUNTED = frozenset(
    (
        *("brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "futex"),  # memory, and threads of the interpreter
        *("poll", "ppoll", "recvfrom", "recvmsg", "ioctl"),  # as many as the bus's answers come in pieces
    )
)
CALL = re.compile(r'^(?:\d+ +)?(\w+)\((?:AT_FDCWD, )?("[^"]*")?.*', re.MULTILINE)
"""A line of strace's: process, name, and the path, if the call has one."""


def own_system_calls(
    environ: dict[str, str], *words: str, folder: Path, modules: Iterable[str], first: str = ""
) -> list[str]:
    """The calls that a run makes when no module is left to import, each as strace shows it.

    How the import system finds and reads a module is another with each version of Python; what the program asks of the
    system is not.

    Args:
        environ: The program's variables.
        words: Its arguments.
        folder: Has what the variables name. A look at the folders above it is not counted: each machine has its own.
        modules: All that the run imports.
        first: Python code that is run before the program, and counted with it.
    """
    need(programs=("strace",))
    lines = folder / "strace"
    code = RUN_IMPORTED.format(first=first)
    program = [sys.executable, "-c", code, ",".join(modules), *words]
    command = ["strace", "-f", "-qq", "-e", "signal=none", "-o", str(lines), *program]
    ended = subprocess.run(
        command, env=unmeasured(environ), input=SENT_BY_GIT, capture_output=True, text=True, check=False
    )
    if "ptrace" in ended.stderr.lower():
        lacking("no process may look at another's system calls here")
    assert ended.returncode == 0, ended.stderr
    _, _, own = lines.read_text().partition(FROM_HERE)
    lines.unlink()
    above = {f'"{each}"' for each in folder.parents}
    calls = [match for match in CALL.finditer(own) if match[1] not in UNCOUNTED and match[2] not in above]
    return [match[0] for match in calls]
