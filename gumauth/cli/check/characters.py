"""Codes and client secrets with characters that have to be escaped: what the file sends of them."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote_plus

from gumauth.cli.check import blame
from gumauth.cli.check.outcome import Outcome, Seen
from gumauth.cli.check.service import basic_of
from gumauth.cli.check.verdicts import Verdict

CODE = "4/0Ab+c=d&e%2Ff g"
"""A code as the standard allows it. Source: RFC 6749 appendix A.11."""


def of_code(outcome: Outcome) -> Verdict | None:
    """The verdict on what was sent of CODE; None where nothing was sent."""
    sent = [each for each in outcome.requests if each.endpoint == "token"]
    if not sent:
        return None
    if any(CODE in each.members.values() for each in sent):
        return Verdict(level="fine", cause="fine", file="sends it as it is")
    return Verdict(
        level="breaks",
        cause="code",
        file="sends another one",
        means="Nobody can connect where codes have such characters.",
        step=blame.naming_member(outcome, "code") or blame.sending(outcome),
        mend="Hand the code on as it was given, in a dict: the client escapes it.",
    )


def of_secret(outcome: Outcome, secrets: Collection[str]) -> Verdict | None:
    """The verdict on what was sent of a client secret; None where none was sent.

    Args:
        outcome: What `exchange` did.
        secrets: Those that the file was given.
    """
    sent = next((each for each in outcome.requests if each.endpoint == "token"), None)
    if sent is None or not secrets:
        return None
    if sent.members.get("client_secret") in secrets:
        return Verdict(level="fine", cause="fine", file="sends it as it is")
    raw = basic_of(sent.headers.get("authorization"))
    if raw is not None and (raw in secrets or unquote_plus(raw) in secrets):
        how = "as it is; some services want it escaped there, RFC 6749 §2.3.1" if raw in secrets else "escaped"
        return Verdict(level="fine", cause="fine", file=f"sends it in the header {how}")
    return _mangled(outcome, sent) if "client_secret" in sent.members or raw is not None else None


def _mangled(outcome: Outcome, sent: Seen) -> Verdict:
    is_body = "client_secret" in sent.members
    return Verdict(
        level="breaks",
        cause="secret",
        file="sends another one",
        means="Nobody can connect whose client secret has such characters.",
        step=blame.naming_member(outcome, "secret") or blame.sending(outcome),
        mend="Hand the body on as a dict: the client escapes it."
        if is_body
        else "Escape it once, with urllib.parse.quote.",
    )
