"""The completion scripts: current, and right in the shells that people have."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gumauth.cli.parsing import completion_scripts
from gumauth.cli.parsing.table import COMMANDS
from tests.cli.connecting import Run, in_terminal
from tests.cli.program import Ended, inside, listed
from tests.parts.need import need
from tests.reading import BLOCKS

FOLDER = Path(__file__).parents[3] / "completions"

CASES = (
    ("gumauth disc", "gumauth disconnect "),
    ("gumauth token --min", "gumauth token --min-valid "),
    ("gumauth connect line", "gumauth connect linear "),
    ("gumauth help disc", "gumauth help disconnect "),
    ("gumauth token linear/ada@", "gumauth token linear/ada@example.com "),
    ("gumauth token linear/w", "gumauth token linear/work "),
    ("gumauth link ms", "gumauth link msmtp "),
    ("gumauth link git linear/w", "gumauth link git linear/work "),
    ("gumauth refresh linear/work linear/a", "gumauth refresh linear/work linear/ada@example.com "),
)
"""A line before and after the Tab key. The second account has an `@`, at which bash splits words."""


@pytest.mark.parametrize("name", completion_scripts.SCRIPTS)
def test_the_scripts_are_current(name: str, tmp_path: Path) -> None:
    """`python -m gumauth.cli.parsing.completion_scripts` writes what stands in completions/."""
    completion_scripts.write(tmp_path)
    assert (tmp_path / name).read_text() == (FOLDER / name).read_text()


@pytest.mark.parametrize("name", completion_scripts.SCRIPTS)
def test_every_command_and_option_is_in_every_script(name: str) -> None:
    text = (FOLDER / name).read_text()
    for command in COMMANDS.values():
        assert command.name in text
        assert all(option.removeprefix("--") in text for option in command.options)


@pytest.fixture
def home(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Two accounts, and a `gumauth` in PATH."""
    listed(environ, "linear", "ada@example.com")
    listed(environ, "linear", "bob@example.com", alias="work")
    program = tmp_path / "bin" / "gumauth"
    program.parent.mkdir()
    package = shlex.quote(str(FOLDER.parent))
    program.write_text(f'#!/bin/sh\nPYTHONPATH={package} exec {shlex.quote(sys.executable)} -m gumauth "$@"\n')
    program.chmod(0o755)
    return {**environ, "PATH": f"{program.parent}:{environ['PATH']}", "PS1": "ready> "}


@contextmanager
def shell(home: dict[str, str], *command: str, start: str) -> Iterator[Run]:
    """An interactive shell with the completions loaded."""
    with in_terminal(command, home, columns=200) as run:
        run.type(f"{start}; PS1='loaded'\\>\\ ; clear\n")
        run.until("loaded> ")
        yield run


TYPED = (
    *("./gumauth", "FOO=1 gumauth", "FOO=1 BAR= ./gumauth", "{folder}/gumauth"),
    *("FOO=/x/gumauth gumauth", "FOO='a b' gumauth"),
)
"""Ways to name a program, of which the one in the current folder must not be run before Enter is pressed."""


STARTS = {
    "bash": (("--norc", "--noprofile", "-i"), f"source {shlex.quote(str(FOLDER / 'gumauth.bash'))}"),
    "zsh": (("-f", "-i"), f"fpath=({shlex.quote(str(FOLDER))} $fpath); autoload -Uz compinit; compinit -u -D"),
}
"""How a shell is started with nothing of the person's own, and how it learns of the completions."""


@pytest.fixture
def planted(home: dict[str, str], tmp_path: Path) -> Path:
    """A `gumauth` in the current folder that notes that it was run, and programs with the names of assignments."""
    folder = tmp_path / "cloned"
    folder.mkdir()
    for name in ("gumauth", "FOO=1", "BAR="):
        program = folder / name
        program.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(folder / 'was-run'))}\n")
        program.chmod(0o755)
    home["PATH"] += f":{folder}"
    return folder


def offered_by_fish(home: dict[str, str], line: str, folder: Path) -> list[str]:
    """What fish offers behind a line that is typed in a folder."""
    code = f"source {shlex.quote(str(FOLDER / 'gumauth.fish'))}; complete -C {shlex.quote(line)}"
    done = subprocess.run(
        ["fish", "--no-config", "-c", code],
        env=home,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.shells
@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("program", ["bash", "zsh", "fish"])
def test_a_tab_runs_nothing_but_the_gumauth_of_path(
    home: dict[str, str], planted: Path, program: str, name: str
) -> None:
    need(programs=(program,))
    line = f"{name.format(folder=planted)} token linear/w"
    if program == "fish":
        offered_by_fish(home, line, planted)
    else:
        options, start = STARTS[program]
        with shell(home, program, *options, start=f"cd {shlex.quote(str(planted))}; {start}") as run:
            run.shown = ""
            run.type(line)
            run.until(r"/w")
            run.type("\t")
            run.until("ork")
    assert not (planted / "was-run").exists()


@pytest.mark.shells
@pytest.mark.parametrize("before", ["sudo gumauth", "env FOO=1 ./gumauth", "nice -n 5 ./gumauth", "nosuch ./gumauth"])
@pytest.mark.parametrize("program", ["bash", "zsh", "fish"])
def test_a_tab_behind_another_program_runs_nothing_either(
    home: dict[str, str], planted: Path, program: str, before: str
) -> None:
    """Whether words are offered there is the shell's to say; at the least the line can be typed on."""
    need(programs=(program,))
    line = f"{before} token linear/w"
    if program == "fish":
        offered_by_fish(home, line, planted)
    else:
        options, start = STARTS[program]
        with shell(home, program, *options, start=f"cd {shlex.quote(str(planted))}; {start}") as run:
            run.type(f"{line}\t")
            run.type(" #\x15echo typed''on\n")  # ^U: the line goes, and what is typed then is run
            run.until("typedon")
    assert not (planted / "was-run").exists()


@pytest.mark.shells
def test_a_name_of_ones_own_for_it_completes_in_bash(home: dict[str, str]) -> None:
    """As with `alias g=gumauth; complete -F _gumauth g`."""
    need(programs=("bash",))
    options, start = STARTS["bash"]
    with shell(home, "bash", *options, start=f"{start}; alias g=gumauth; complete -F _gumauth g") as run:
        assert typed(run, "g token linear/w", "g token linear/work ")


@pytest.mark.shells
@pytest.mark.parametrize(("before", "after"), CASES)
def test_bash_completes(home: dict[str, str], before: str, after: str) -> None:
    need(programs=("bash",))
    script = shlex.quote(str(FOLDER / "gumauth.bash"))
    with shell(home, "bash", "--norc", "--noprofile", "-i", start=f"source {script}") as run:
        assert typed(run, before, after)


@pytest.mark.shells
@pytest.mark.parametrize(("before", "after"), CASES)
def test_zsh_completes(home: dict[str, str], before: str, after: str) -> None:
    need(programs=("zsh",))
    start = f"fpath=({shlex.quote(str(FOLDER))} $fpath); autoload -Uz compinit; compinit -u -D"
    with shell(home, "zsh", "-f", "-i", start=start) as run:
        assert typed(run, before, after)


def typed(run: Run, before: str, after: str) -> bool:
    """Type a line and Tab; whether the rest of the expected line is then shown."""
    run.shown = ""
    run.type(before)
    run.until(re.escape(before[-2:]))
    run.type("\t")
    return bool(run.until(re.escape(after[len(before) :].strip())))


@pytest.mark.shells
@pytest.mark.parametrize(("before", "after"), CASES)
def test_fish_completes(home: dict[str, str], before: str, after: str) -> None:
    need(programs=("fish",))
    offered = offered_by_fish(home, before, FOLDER)
    assert offered == [after.split()[-1]]


@pytest.mark.shells
@pytest.mark.parametrize("program", ["bash", "zsh", "fish"])
def test_the_line_of_the_documentation_switches_completion_on(home: dict[str, str], program: str) -> None:
    need(programs=(program,))
    (line,) = {block.strip() for kind, block in BLOCKS if kind == program}
    assert line in COMMANDS["completion"].details
    if program == "fish":
        code = f"{line}; complete -C 'gumauth token linear/w'"
        done = subprocess.run(["fish", "--no-config", "-c", code], env=home, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["linear/work"]
        return
    start = {"bash": "", "zsh": "autoload -Uz compinit && compinit -u -D; "}[program] + line
    with shell(home, program, *STARTS[program][0], start=start) as run:
        assert typed(run, "gumauth token linear/w", "gumauth token linear/work ")


@pytest.mark.parametrize(("program", "name"), [("bash", "gumauth.bash"), ("zsh", "_gumauth"), ("fish", "gumauth.fish")])
def test_completion_prints_the_script_of_the_package(environ: dict[str, str], program: str, name: str) -> None:
    assert inside(environ, "completion", program) == Ended(0, (FOLDER / name).read_text(), "")


def test_a_shell_without_a_script_is_told_which_have_one(environ: dict[str, str]) -> None:
    assert inside(environ, "completion", "tcsh") == Ended(
        2,
        "",
        "error: There is no completion for 'tcsh'.\nhint:  There is `gumauth completion bash`, zsh or fish.\n",
    )
