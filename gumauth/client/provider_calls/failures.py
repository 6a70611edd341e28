"""Turns an exception of a provider's method into an error without secrets. Promises P4, P6.

Where the provider's response or the network caused the exception, the error says that. Otherwise the provider file is
at fault, and the error names the method, the file and the line.
"""

from __future__ import annotations

import re
import traceback

from gumauth.client import credentials
from gumauth.client.provider_calls.last_response import LastResponse
from gumauth.client.provider_calls.method_call import MethodCall
from gumauth.errors import GumauthError, MissingCredentials, NotRefreshable, ProviderCodeError, TokenEndpointError
from gumauth.oauth2.error_response import error_of, not_revoked, undecided
from gumauth.oauth2.http.errors import causes, translate
from gumauth.oauth2.http.foreign import carries, request_of
from gumauth.oauth2.token_response import token_fault
from gumauth.platform.text import one_line, without_secrets
from gumauth.registry.foreign_code import raised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method

REVOKING: tuple[Method, ...] = ("revoke", "revoke_token")
GRANTING: tuple[Method, ...] = ("exchange", "refresh", "exchange_device")
"""Methods that trade a code or refresh token. Only a response to their requests says whether the token is dead."""
BRINGING: tuple[Method, ...] = (*GRANTING, "request_token")
"""Methods that bring tokens."""

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*")
"""The name of an environment variable. A method that misses one has sent no request yet."""


def translated(call: MethodCall, error: BaseException, last: LastResponse | None = None) -> GumauthError:
    """The error that stands for a method's exception.

    Args:
        call: The call of the method.
        error: The exception that the method raised.
        last: The last response to the method's HTTP client. If it is a refusal, the method raised because of it.
    """
    own = _narrowed(call, error) if isinstance(error, GumauthError) else None
    known = own or _error_behind(call, error, last)
    if known is None:
        known = _own_mistake(call, error)
        known.way = raised.way(error, call.secrets)
        return known
    known.reword(lambda text: raised.cleaned(text, error, call.secrets))
    if isinstance(known, TokenEndpointError):
        known.error = known.error and raised.cleaned(known.error, error, call.secrets)
    if isinstance(known, MissingCredentials) and known.argument == call.resolved.name:
        known.name_provider(call.resolved.argument)
    known.way = known.way or (() if known is own else raised.way(error, call.secrets))
    return known


def check(call: MethodCall, result: object, last: LastResponse) -> None:
    """Check that a method did not return a useless result because the provider refused a request.

    Raises:
        GumauthError: The provider's refusal.
    """
    known = _from_response(call, last) if _is_useless(call.method, result) else None
    if known is not None:
        raise known


def _error_behind(call: MethodCall, error: BaseException, last: LastResponse | None) -> GumauthError | None:
    """The error of the provider or the network behind a method's exception; None where the file itself is at fault."""
    if isinstance(error, NotImplementedError) or _is_variable(error):
        return None
    about = last.about if last else ""
    if (known := _from_error(call, error, about)) is not None:
        return known
    if last is not None and (known := _from_response(call, last)) is not None:
        return known
    others = (_from_error(call, each, about) for each in causes(error) if each is not error)
    return next((each for each in others if each), None)


def _from_response(call: MethodCall, last: LastResponse) -> GumauthError | None:
    response = last.refused(wants_data=call.method not in REVOKING)
    if response is None:
        return None
    secrets, traits = [*call.secrets, *last.secrets], call.resolved.traits
    known = error_of(response, speaker=last.speaker, secrets=secrets, traits=traits)
    return _narrowed(call, known, is_asked_for=last.is_about(last.response) is not False)


def _from_error(call: MethodCall, error: BaseException, about: str) -> GumauthError | None:
    known = translate(error, secrets=call.secrets, traits=call.resolved.traits)
    return known and _narrowed(call, known, is_asked_for=carries(request_of(error), about) is not False)


def _narrowed(call: MethodCall, known: GumauthError, *, is_asked_for: bool = True) -> GumauthError:
    """An error that is no `InvalidGrant` where the method's request cannot tell that the grant is dead.

    Args:
        call: The call of the method.
        known: Any.
        is_asked_for: Whether the request may have carried the code or refresh token.
    """
    if call.method in REVOKING:
        return not_revoked(known)
    is_sure = is_asked_for and call.method in GRANTING
    return known if is_sure else undecided(known, may_be_dead=call.method == "refresh")


def _is_useless(method: Method, result: object) -> bool:
    if method in BRINGING:
        return token_fault(getattr(result, "access_token", None)) is not None
    if method == "get_nickname":
        return not isinstance(result, str) or not result.strip()
    return method == "revoke" and result is not True


def _is_variable(error: BaseException) -> bool:
    return isinstance(error, KeyError) and VARIABLE.fullmatch(str(next(iter(error.args), ""))) is not None


def _own_mistake(call: MethodCall, error: BaseException) -> GumauthError:
    """The error where the file itself is at fault, or says that its tokens cannot be refreshed."""
    if isinstance(error, NotImplementedError):
        return NotRefreshable(
            f"{call.resolved.name}'s tokens cannot be refreshed.",
            hint=f"When one has ended, run `gumauth connect {call.resolved.argument}` again.",
        )
    if isinstance(error, KeyError) and error.args:
        return _missing_key(call, error)
    if isinstance(error, AttributeError) and isinstance(error.obj, call.resolved.provider_class):
        name = raised.cleaned_name(error.name, error, call.secrets)
        return call.contract_error(f"needs `{name}`, which the class does not have")
    text, what = raised.message(error, call.secrets), f"raised {type(error).__name__}{_place(call, error)}"
    known = call.contract_error(f"{what}: {text}" if text else what)
    known.hint = raised.advice(error) or known.hint
    return known


def _missing_key(call: MethodCall, error: KeyError) -> MissingCredentials | ProviderCodeError:
    key = without_secrets(one_line(error.args[0]), call.secrets)
    if key in credentials.variables(call.resolved.name):
        return credentials.missing(call.resolved.name, call.resolved.argument)
    if VARIABLE.fullmatch(key):
        return MissingCredentials(
            f"{call.resolved.name} needs the environment variable {one_line(key, 80)}, which is not set.",
            hint=f"Set {one_line(key, 80)}, or name a file that does with --env-file.",
            variables=(key,),
        )
    key = raised.cleaned_name(error.args[0], error, call.secrets)
    return call.contract_error(f"found no `{key}` in the provider's answer{_place(call, error)}")


def _place(call: MethodCall, error: BaseException) -> str:
    """The last line of the provider's own file in the traceback of an error."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == call.resolved.origin]
    return f" in line {lines[-1]}" if lines else ""
