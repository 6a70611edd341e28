"""Whether a request is the provider's answer. Pure, and in one order: method, path, host, state, then the rest.

A form is read only where one is expected, and after every check that can be made without it. Promises F2, F4, C4, C7.
"""

from __future__ import annotations

import enum
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from gumauth.callback.http_request import FORM_LIMIT
from gumauth.callback.rejections import (
    FOREIGN_HOST,
    LARGE_FORM,
    MISSING_ISSUER,
    MISSING_STATE,
    NO_ANSWER,
    NOT_A_VISIT,
    OTHER_METHOD,
    OTHER_PATH,
    POSTED_FORM,
    PREFETCH,
    REPEATED,
    UNREADABLE,
    WRONG_ISSUER,
    WRONG_STATE,
    Rejection,
)
from gumauth.platform.frozen import frozen

if TYPE_CHECKING:
    from gumauth.callback.http_request import Request

USUAL_PORTS = (80, 443)
"""Of http and https: browsers leave the port out of `Host`."""

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
MOST_PARAMETERS = 200
BELIEVED = ("code", "error", "error_description", "iss", "state")


@frozen
class Expected:
    """What tells this connect's answer from all others.

    Args:
        state: As it stands in the authorization URL; one use, secret until then.
        issuer: The provider's issuer identifier; None where it has none.
        issuer_required: Whether the provider's metadata says that it is always sent.
        form_post: Whether the answer may come as a form that the browser posts.
        kept: Names of parameters that are part of the answer, beside the standard's.
    """

    state: str
    issuer: str | None = None
    issuer_required: bool = False
    form_post: bool = False
    kept: tuple[str, ...] = ()

    _secret = ("state",)


@frozen
class Answer:
    """What the provider sent back: a code, or an error.

    Args:
        code: Single use, lives for a minute or so; never logged.
        error: The provider's own error code, such as `access_denied`; foreign text, not cleaned.
        description: The provider's own sentence about it; foreign text, not cleaned.
        kept: The parameters that were to be kept, by name; foreign text, not cleaned.
    """

    code: str | None = None
    error: str | None = None
    description: str | None = None
    kept: dict[str, str] = {}  # noqa: RUF012 - a default that is never changed

    _secret = ("code", "kept")


class Unread(enum.Enum):
    """What the validation lacks: the form in the request's body."""

    FORM = enum.auto()


def validate(request: Request, expected: Expected | None, *, path: str, port: int) -> Answer | Rejection | Unread:
    """The provider's answer, why the request is not it, or that its form has to be read first.

    Args:
        request: Anybody's.
        expected: This connect's; None while there is none, and then nothing is believed.
        path: The path of the redirect URI.
        port: The port of the redirect URI.

    Source: RFC 6749 §4.1.2 and §10.12; RFC 9207 §2.4; OAuth 2.0 Form Post Response Mode §2.
    """
    if misplaced := _misplaced(request, path, port):
        return misplaced
    if request.method == "GET":
        return _answer(request.query, expected)
    return _refused_form(request, expected) or _answer_in(request.form, expected)


def _misplaced(request: Request, path: str, port: int) -> Rejection | None:
    if request.method != "GET" and (request.method != "POST" or request.form_length is None):
        return OTHER_METHOD
    if request.path != path:
        return OTHER_PATH
    if not is_ours(request.host, port):
        return FOREIGN_HOST
    return PREFETCH if request.ahead else None


def _refused_form(request: Request, expected: Expected | None) -> Rejection | None:
    if not request.by_visit:
        return NOT_A_VISIT
    if expected is None or not expected.form_post:
        return POSTED_FORM
    return LARGE_FORM if (request.form_length or 0) > FORM_LIMIT else None


def _answer_in(form: str | None, expected: Expected | None) -> Answer | Rejection | Unread:
    return Unread.FORM if form is None else _answer(form, expected)


def is_ours(host: str | None, port: int) -> bool:
    """Whether a `Host` names this machine's loopback and the port; any other name is a page that was rebound."""
    named = (host or "").lower()
    bare = port in USUAL_PORTS and named in LOOPBACK
    return bare or named in {f"{name}:{port}" for name in LOOPBACK}


def _answer(query: str, expected: Expected | None) -> Answer | Rejection:
    try:
        parameters = parse_qs(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return UNREADABLE
    return (
        _of_another_connect(parameters.get("state", []), expected)
        or _ambiguous(parameters, (*BELIEVED, *_kept_by(expected)))
        or _of_another_issuer(parameters, expected)
        or _believed(parameters, _kept_by(expected))
    )


def _of_another_connect(states: list[str], expected: Expected | None) -> Rejection | None:
    if not states:
        return MISSING_STATE
    if expected is None or not _same(states[0], expected.state):
        return WRONG_STATE
    return None


def _same(given: str, right: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ; an empty state is never right."""
    return bool(right) and hmac.compare_digest(given.encode(), right.encode())


def _kept_by(expected: Expected | None) -> tuple[str, ...]:
    return () if expected is None else expected.kept


def _ambiguous(parameters: dict[str, list[str]], names: tuple[str, ...]) -> Rejection | None:
    return REPEATED if any(len(parameters.get(name, ())) > 1 for name in names) else None


def _of_another_issuer(parameters: dict[str, list[str]], expected: Expected | None) -> Rejection | None:
    """Whether another server sent this. An error without `iss` is believed: not every server sends one with it."""
    if expected is None or expected.issuer is None:
        return None
    if "iss" not in parameters:
        required = expected.issuer_required and not any(parameters.get("error", []))
        return MISSING_ISSUER if required else None
    return None if parameters["iss"] == [expected.issuer] else WRONG_ISSUER


def _believed(parameters: dict[str, list[str]], names: tuple[str, ...]) -> Answer | Rejection:
    """The answer that the parameters are; an error wins over a code, because it spends nothing.

    Args:
        parameters: Of the query.
        names: Of those that are kept beside the code.
    """
    first = {name: parameters[name][0] for name in BELIEVED if parameters.get(name)}
    if first.get("error"):
        return Answer(error=first["error"], description=first.get("error_description"))
    code = first.get("code", "")
    if not code:
        return NO_ANSWER
    kept = {name: parameters[name][0] for name in names if parameters.get(name)}
    return Answer(code=code, kept=kept) if re.fullmatch(r"[\x20-\x7e]+", code) else UNREADABLE
