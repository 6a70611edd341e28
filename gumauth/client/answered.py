"""What the provider answered, or the network did, where that is why a method of a provider's file failed."""

from __future__ import annotations

import re
from collections.abc import Collection

from gumauth.errors import GumauthError
from gumauth.last_answer import LastAnswer
from gumauth.network_errors import causes, translate
from gumauth.refusal import not_revoked, refusal, words_of
from gumauth.registry import Found
from gumauth.token_response import token_fault

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*")
"""The name of an environment variable: a file that misses one has not asked anybody yet."""


def behind(
    found: Found, method: str, error: BaseException, secrets: Collection[str], last: LastAnswer | None
) -> GumauthError | None:
    """The error that a method's own error stands for; None where the file is to blame.

    Args:
        found: The provider.
        method: Its method.
        error: What it raised.
        secrets: What must not be repeated.
        last: What its own HTTP client got last.
    """
    if isinstance(error, NotImplementedError) or _is_variable(error):
        return None
    words = words_of(found.provider_class)
    known = translate(error, secrets=secrets, words=words)
    if known is None and last is not None:
        known = _told_by(last, found, method, secrets)
    if known is None:
        others = (translate(cause, secrets=secrets, words=words) for cause in causes(error) if cause is not error)
        known = next((each for each in others if each), None)
    return not_revoked(known) if known and _revokes(method) else known


def check(found: Found, method: str, result: object, last: LastAnswer, secrets: Collection[str]) -> None:
    """Stop where a method returned nothing that can be used because its client was refused.

    Args:
        found: The provider.
        method: Its method.
        result: What it returned.
        last: What its client got last.
        secrets: What must not be repeated.

    Raises:
        GumauthError: The refusal.
    """
    known = _told_by(last, found, method, secrets) if _lacks(method, result) else None
    if known is not None:
        raise known


def _told_by(last: LastAnswer, found: Found, method: str, secrets: Collection[str]) -> GumauthError | None:
    reply = last.refused(wants_data=not _revokes(method))
    if reply is None:
        return None
    words, secrets = words_of(found.provider_class), [*secrets, *last.secrets]
    known = refusal(reply, speaker=last.speaker, secrets=secrets, words=words)
    return not_revoked(known) if _revokes(method) else known


def _lacks(method: str, result: object) -> bool:
    """Whether nothing was returned that can be used, as by files that make nothing of a refusal."""
    if method in ("exchange", "refresh"):
        return token_fault(getattr(result, "access_token", None)) is not None
    if method == "get_nickname":
        return not isinstance(result, str) or not result.strip()
    return method == "revoke" and result is not True


def _revokes(method: str) -> bool:
    return method.startswith("revoke")


def _is_variable(error: BaseException) -> bool:
    return isinstance(error, KeyError) and VARIABLE.fullmatch(str(next(iter(error.args), ""))) is not None
