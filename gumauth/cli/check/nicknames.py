"""What a misbehaviour where the nickname is read has come to. Pure."""

from __future__ import annotations

from gumauth.cli.check import blame
from gumauth.cli.check.cases import Case
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.verdicts import Verdict
from gumauth.platform.text import one_line


def judged(case: Case, outcome: Outcome, *, usual: str | None) -> Verdict:
    """The verdict on a method that was told no name.

    Args:
        case: What the service did.
        outcome: What the method did.
        usual: The nickname of the ordinary life.
    """
    if outcome.error is not None:
        return Verdict(level="fine", cause="fine", file="ends in an error, and the account is kept without a name")
    name = outcome.result
    if name is None or (isinstance(name, str) and (not name.strip() or name == usual)):
        return Verdict(level="fine", cause="fine", file="invents none")
    if not isinstance(name, str):
        return Verdict(
            level="surprises",
            cause="nickname is no text",
            file=f"returns {one_line(type(name).__name__)}",
            means="The account has no name.",
            step=blame.naming(outcome),
            mend="Return the text, or raise an error.",
        )
    if case.id == "redirect":
        return Verdict(level="fine", cause="fine", file="does not follow with secrets")
    return Verdict(
        level="breaks",
        cause="invented name",
        file=f'names the account "{one_line(name, 40)}"',
        means="The accounts of different people get the same name, and one replaces the other.",
        step=blame.naming(outcome),
        mend=_mend(case),
    )


def _mend(case: Case) -> str:
    if case.status >= 400:
        return "Call `raise_for_status()` on the answer, and let the error out."
    return "Return None, or raise an error, where the answer holds no name."
