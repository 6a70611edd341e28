"""A token in the words of the program that asks for it: `gumauth token ACCOUNT --for PROGRAM`.

asked  what a program asks, and the token for it, had when it is first wanted
gcp    Google's libraries: an executable-sourced credential, with an id_token
kubectl    an ExecCredential, with an id_token or an access token
mcp    MCP clients: a JSON object of headers
git    a credential helper of git; git_credential: its lines, read, judged and written; pure

A program is a word in `PROGRAMS` and a module with `answer(asked)`, which gives what is printed; "" prints nothing.
"""

from __future__ import annotations

from gumauth.errors import UsageError
from gumauth.handout.programs.asked import Asked as Asked

PROGRAMS = ("mcp", "git", "kubectl", "gcp")
"""The words of `--for`; each is the name of a module of this folder."""

ADD_A_WORD = ("git", "kubectl")
"""Those that have a word of their own on the command line."""


def answer(program: str, asked: Asked) -> str:
    """What is printed for a program; "" for nothing.

    Raises:
        UsageError: There is no such program.
        GumauthError: As `gumauth token`.
    """
    if program not in PROGRAMS:
        from gumauth.platform.text import one_line

        known = ", ".join(PROGRAMS)
        raise UsageError(f"--for knows no program {one_line(program)!r}.", hint=f"Write one of: {known}.")
    if asked.word is not None and program not in ADD_A_WORD:
        from gumauth.platform.text import one_line

        raise UsageError(
            f"{one_line(asked.word)!r} is one word too many: {program} adds none.", hint="Write the account alone."
        )
    module = __import__(f"{__name__}.{program}", fromlist=["answer"])
    text: str = module.answer(asked)
    return text
