"""`gumauth check`: plays a provider file, and says what breaks in the wild, with the line."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from gumauth.cli.check import report
from gumauth.cli.check.process import played
from gumauth.cli.check.samples import samples
from gumauth.cli.check.watch import again_at_each_save
from gumauth.cli.own_place import at_place
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.terminal.terminal import Terminal
from gumauth.errors import UsageError
from gumauth.platform.files import working_folder
from gumauth.registry import lookup


def run(arguments: Arguments, terminal: Terminal) -> int:
    """Play the file and print what is found; the exit status is 1 if something breaks.

    Raises:
        UsageError: An address is given, or a sample that cannot be read.
        GumauthError: The file cannot be played.
    """
    given = arguments.text("provider")
    if lookup.is_url(given):
        raise UsageError(
            "An address has no file to check.", hint=f"See what is there with `gumauth providers {given}`."
        )
    if not lookup.is_path(given):
        given = lookup.file_of(given) or given  # so that its own lines and reads are known
    # As the interpreter calls the file.
    reference = os.path.normpath(lookup.full_path(given, working_folder())) if lookup.is_path(given) else given
    host, tenant = arguments.maybe("host"), arguments.maybe("tenant")
    if host is not None or tenant is not None:
        reference = at_place(given, host, tenant)
    answers = samples(arguments.many("answer"))
    if arguments.flag("watch"):
        check = partial(_checked, reference, terminal, answers=answers, each=arguments.flag("all"))
        again_at_each_save(reference, terminal, check)
    return _checked(reference, terminal, set(), answers=answers, each=arguments.flag("all"))


def _checked(
    reference: str,
    terminal: Terminal,
    read: set[str],
    is_overtaken: Callable[[], bool] | None = None,
    *,
    answers: list[tuple[str, Any]],
    each: bool = False,
) -> int:
    """Play the file once, and print what is found.

    Args:
        reference: The file, as PROVIDER of a command line, from the root.
        terminal: Where the findings are printed.
        read: Receives the paths.
        is_overtaken: With --watch, whether the file has been saved meanwhile; what is fine is not printed then, so that
            the rest stays on the screen.
        answers: Samples of the service's answers.
        each: Whether what is fine has a line for each finding.
    """
    found: list[dict[str, Any]] = []
    name = ""
    for said in played(reference, terminal.environ, is_overtaken or (lambda: False), answers=answers):
        name = said.get("provider", name)
        read.update(said.get("sources", ()))
        if "level" in said:
            found.append(said)
            if not terminal.json and said["level"] != "fine":
                report.show(terminal, said)
    breaks, surprises = (sum(each["level"] == level for each in found) for level in ("breaks", "surprises"))
    if terminal.json:
        terminal.answer(ok=not breaks, provider=name, file=reference, findings=found)
    else:
        fine = [finding for finding in found if finding["level"] == "fine"]
        if each or is_overtaken is None:
            report.show_fine(terminal, fine, of=len(found), each=each)
        terminal.out(report.verdict(breaks, surprises))
    return 1 if breaks else 0
