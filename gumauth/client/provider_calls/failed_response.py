"""What the provider answered, or the network did, where that is why a method of a provider's file failed."""

from __future__ import annotations

import re
from collections.abc import Collection

from gumauth.client.provider_calls.last_response import LastAnswer
from gumauth.errors import GumauthError
from gumauth.oauth2.error_response import error_of, not_revoked, undecided
from gumauth.oauth2.http.errors import causes, translate
from gumauth.oauth2.sent_secrets import carries, request_of
from gumauth.oauth2.token_response import token_fault
from gumauth.registry.resolved import ResolvedProvider

GRANTING = ("exchange", "refresh")
"""Methods that trade a code or refresh token; only their requests tell whether that is dead."""

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*")
"""The name of an environment variable: a file that misses one has not asked anybody yet."""


def behind(
    resolved: ResolvedProvider, method: str, error: BaseException, secrets: Collection[str], last: LastAnswer | None
) -> GumauthError | None:
    """The error that a method's own error stands for; None where the file is to blame.

    Args:
        resolved: The provider.
        method: Its method.
        error: What it raised.
        secrets: What must not be repeated.
        last: What its own HTTP client got last.
    """
    if isinstance(error, NotImplementedError) or _is_variable(error):
        return None
    about = last.about if last else ""
    if (known := _told_by_error(error, resolved, method, secrets, about)) is not None:
        return known
    if last is not None and (known := _told_by(last, resolved, method, secrets)) is not None:
        return known
    others = (_told_by_error(each, resolved, method, secrets, about) for each in causes(error) if each is not error)
    return next((each for each in others if each), None)


def judged(known: GumauthError, method: str, *, is_asked_for: bool = True) -> GumauthError:
    """An error that says that the grant is dead, as what it is where it cannot say that.

    Args:
        known: Any.
        method: The method that met it.
        is_asked_for: Whether the request can have had the code or refresh token in it.
    """
    if _revokes(method):
        return not_revoked(known)
    return known if is_asked_for and method in GRANTING else undecided(known, may_be_dead=method == "refresh")


def check(resolved: ResolvedProvider, method: str, result: object, last: LastAnswer, secrets: Collection[str]) -> None:
    """Stop where a method returned nothing that can be used because its client was refused.

    Args:
        resolved: The provider.
        method: Its method.
        result: What it returned.
        last: What its client got last.
        secrets: What must not be repeated.

    Raises:
        GumauthError: The refusal.
    """
    known = _told_by(last, resolved, method, secrets) if _lacks(method, result) else None
    if known is not None:
        raise known


def _told_by(
    last: LastAnswer, resolved: ResolvedProvider, method: str, secrets: Collection[str]
) -> GumauthError | None:
    response = last.refused(wants_data=not _revokes(method))
    if response is None:
        return None
    known = error_of(response, speaker=last.speaker, secrets=[*secrets, *last.secrets], traits=resolved.traits)
    return judged(known, method, is_asked_for=last.is_about(last.response) is not False)


def _told_by_error(
    error: BaseException, resolved: ResolvedProvider, method: str, secrets: Collection[str], about: str
) -> GumauthError | None:
    known = translate(error, secrets=secrets, traits=resolved.traits)
    return known and judged(known, method, is_asked_for=carries(request_of(error), about) is not False)


def _lacks(method: str, result: object) -> bool:
    """Whether nothing was returned that can be used, as by files that make nothing of a refusal."""
    if method in GRANTING:
        return token_fault(getattr(result, "access_token", None)) is not None
    if method == "get_nickname":
        return not isinstance(result, str) or not result.strip()
    return method == "revoke" and result is not True


def _revokes(method: str) -> bool:
    return method.startswith("revoke")


def _is_variable(error: BaseException) -> bool:
    return isinstance(error, KeyError) and VARIABLE.fullmatch(str(next(iter(error.args), ""))) is not None
