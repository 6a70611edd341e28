"""The error of a provider's response or of the network, where a method of a provider file failed because of it."""

from __future__ import annotations

import re
from collections.abc import Collection

from gumauth.client.provider_calls.last_response import LastResponse
from gumauth.errors import GumauthError
from gumauth.oauth2.error_response import error_of, not_revoked, undecided
from gumauth.oauth2.http.errors import causes, translate
from gumauth.oauth2.http.foreign import carries, request_of
from gumauth.oauth2.token_response import token_fault
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method

REVOKING: tuple[Method, ...] = ("revoke", "revoke_token")
GRANTING: tuple[Method, ...] = ("exchange", "refresh")
"""Methods that trade a code or refresh token. Only a response to their requests says whether the token is dead."""

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*")
"""The name of an environment variable. A method that misses one has sent no request yet."""


def error_behind(
    resolved: ResolvedProvider,
    method: Method,
    error: BaseException,
    secrets: Collection[str],
    last: LastResponse | None,
) -> GumauthError | None:
    """The error of the provider or the network behind a method's exception; None where the file itself is at fault.

    Args:
        resolved: The provider.
        method: The method's name.
        error: The exception that the method raised.
        secrets: No error may repeat these.
        last: The last response to the method's HTTP client.
    """
    if isinstance(error, NotImplementedError) or _is_variable(error):
        return None
    about = last.about if last else ""
    if (known := _from_error(error, resolved, method, secrets, about)) is not None:
        return known
    if last is not None and (known := _from_response(last, resolved, method, secrets)) is not None:
        return known
    others = (_from_error(each, resolved, method, secrets, about) for each in causes(error) if each is not error)
    return next((each for each in others if each), None)


def narrowed(known: GumauthError, method: Method, *, is_asked_for: bool = True) -> GumauthError:
    """An error, which is no `InvalidGrant` where the method's request cannot tell that the grant is dead.

    Args:
        known: Any.
        method: The method's name.
        is_asked_for: Whether the request may have carried the code or refresh token.
    """
    if method in REVOKING:
        return not_revoked(known)
    return known if is_asked_for and method in GRANTING else undecided(known, may_be_dead=method == "refresh")


def check(
    resolved: ResolvedProvider, method: Method, result: object, last: LastResponse, secrets: Collection[str]
) -> None:
    """Check that a method did not return a useless result because the provider refused a request.

    Args:
        resolved: The provider.
        method: The method's name.
        result: The method's result.
        last: The last response to the method's HTTP client.
        secrets: No error may repeat these.

    Raises:
        GumauthError: The provider's refusal.
    """
    known = _from_response(last, resolved, method, secrets) if _lacks(method, result) else None
    if known is not None:
        raise known


def _from_response(
    last: LastResponse, resolved: ResolvedProvider, method: Method, secrets: Collection[str]
) -> GumauthError | None:
    response = last.refused(wants_data=method not in REVOKING)
    if response is None:
        return None
    known = error_of(response, speaker=last.speaker, secrets=[*secrets, *last.secrets], traits=resolved.traits)
    return narrowed(known, method, is_asked_for=last.is_about(last.response) is not False)


def _from_error(
    error: BaseException, resolved: ResolvedProvider, method: Method, secrets: Collection[str], about: str
) -> GumauthError | None:
    known = translate(error, secrets=secrets, traits=resolved.traits)
    return known and narrowed(known, method, is_asked_for=carries(request_of(error), about) is not False)


def _lacks(method: Method, result: object) -> bool:
    """Whether a method's result is useless."""
    if method in GRANTING:
        return token_fault(getattr(result, "access_token", None)) is not None
    if method == "get_nickname":
        return not isinstance(result, str) or not result.strip()
    return method == "revoke" and result is not True


def _is_variable(error: BaseException) -> bool:
    return isinstance(error, KeyError) and VARIABLE.fullmatch(str(next(iter(error.args), ""))) is not None
