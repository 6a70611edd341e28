"""The lines of a trace: for a request, for its answer, for what came in place of an answer. Pure.

A request's lines have `>`, an answer's `<`. A header stands as `name: value`, a parameter of the address as
`?name = value`, and a member of the body as `name = value`; of JSON as JSON spells it, so that 3600 is not "3600".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from gumauth.client.trace.cut import Cut, is_url, names_secret, parts, secrets_of
from gumauth.client.trace.exchange import Answer, Headers, Sent
from gumauth.oauth2.secret_fields import credentials_in

ORDINARY = ("host", "connection", "accept-encoding", "content-length", "transfer-encoding")
"""Headers of a request that say nothing of what its author wants."""

TELLING = (
    *("content-type", "location", "retry-after", "www-authenticate", "set-cookie"),
    *("x-oauth-scopes", "x-accepted-oauth-scopes"),
)
LIMITS = ("ratelimit", "x-ratelimit", "x-rate-limit")
"""Headers of an answer that are shown, and how the names of further ones begin."""

COOKIE = re.compile(r"(?:^|,\s*)([^=;,\s]+)=")
"""The name of a cookie; some libraries join several headers by commas."""

MOST, DEPTH = 40, 6
"""Members of a body that are shown, and how deep they may lie."""

MEMBERS = ("access_token", "token_type", "refresh_token", "expires_in", "scope", "id_token")
"""Of a token response, as far as it has them."""

Member = tuple[str, Any]


class Number(str):
    """A number of JSON as it was sent: Python would round it, or write it otherwise."""

    __slots__ = ()


def of_request(head: str, sent: Sent, cut: Cut) -> list[str]:
    """The lines for a request.

    Args:
        head: What its first line begins with, such as "#1 exchange".
        sent: Holds secrets.
        cut: Learns the secrets that the request holds.
    """
    url, parameters = parts(sent.url)
    members = _members(sent.body, _type(sent.headers))
    cut.learn(secrets_of([*parameters, *_texts(members)], is_sent=True))
    cut.learn(secret for name, value in sent.headers for secret in _credentials(name, value))
    lines = [f"{head} > {cut.text(sent.method, 20)} {cut.text(url)}"]
    lines += [f"   > ?{cut.text(name, 80)} = {cut.value(name, value, is_sent=True)}" for name, value in parameters]
    lines += [f"   > {line}" for line in _sent_headers(sent.headers, cut)]
    return [*lines, *(f"   > {line}" for line in _body(sent.body, members, cut, is_sent=True))]


def of_answer(head: str, answer: Answer, milliseconds: float, cut: Cut) -> list[str]:
    """The lines for an answer; the arguments are as of `of_request`."""
    members = _members(answer.body, _type(answer.headers))
    cut.learn(secrets_of(_texts(members), is_sent=False))
    lines = [f"{head} < {answer.status}{_phrase(answer.status)}, {milliseconds:.0f} ms"]
    lines += [f"   < {line}" for line in _told_headers(answer.headers, cut)]
    body = ["(the body was not read to its end)"] if answer.body is None else None
    return [
        *lines,
        *(f"   < {line}" for line in body or _body(answer.body, members, cut, is_sent=False) or ["(no body)"]),
    ]


def of_failure(head: str, error: BaseException, milliseconds: float, cut: Cut) -> list[str]:
    """The line for a request that was not answered; the arguments are as of `of_request`."""
    text = cut.text(str(error), 120).rstrip(".")
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if type(error).__name__ == "CancelledError":
        what = "it was given up"
    return [f"{head} < no answer, {milliseconds:.0f} ms: {what}"]


def of_result(name: str, result: object, cut: Cut) -> list[str]:
    """The lines for what a method returned.

    Args:
        name: Of the method.
        result: A token response, a URL or another text, or anything: a provider file's method may be wrong.
        cut: Learns the tokens.
    """
    tokens = [(each, getattr(result, each)) for each in MEMBERS if hasattr(result, each)]
    if tokens:
        cut.learn(value for name, value in tokens if isinstance(value, str) and names_secret(name, is_sent=False))
        return [f"{name} returned tokens", *(f"   < {each} = {_python(each, value, cut)}" for each, value in tokens)]
    if not isinstance(result, str):
        return [f"{name} returned {result if result is None or isinstance(result, bool) else type(result).__name__}"]
    if not is_url(result):
        return [f"{name} returned {_python(name, result, cut)}"]
    url, parameters = parts(result)
    cut.learn(secrets_of(parameters, is_sent=True))
    shown = [f"   < ?{cut.text(each, 80)} = {cut.value(each, value, is_sent=True)}" for each, value in parameters]
    return [f"{name} returned {cut.text(url)}", *shown]


def _python(name: str, value: object, cut: Cut) -> str:
    """A value as Python spells it, or the words for a secret."""
    if isinstance(value, str):
        shown = cut.value(name, value, is_sent=False)
        return shown if shown.startswith("(") else f'"{shown}"'
    if value is not None and names_secret(name, is_sent=False):
        return cut.secret(str(value), what=f"secret, {type(value).__name__}")
    return cut.text(repr(value))


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _type(headers: Headers) -> str:
    return next((value.lower() for name, value in headers if name == "content-type"), "")


def _credentials(name: str, value: str) -> list[str]:
    if name.endswith("authorization"):
        return credentials_in(value)
    return [value] if names_secret(name, is_sent=True) else []


def _sent_headers(headers: Headers, cut: Cut) -> Iterator[str]:
    for name, value in headers:
        if name.endswith("authorization"):
            yield f"{name}: {_authorization(value, cut)}"
        elif name == "cookie":
            yield f"{name}: {_cookies(value.replace(';', ','), cut)}"
        elif name not in ORDINARY and (name, value) != ("accept", "*/*"):
            yield f"{cut.text(name, 80)}: {cut.value(name, value, is_sent=True)}"


def _authorization(value: str, cut: Cut) -> str:
    """A scheme with the secret cut; of Basic with the user name, which is the client id. Source: RFC 6749 §2.3.1."""
    scheme, _, credentials = value.strip().partition(" ")
    if not credentials:
        return cut.secret(value)
    user, secret = _basic(credentials) if scheme.lower() == "basic" else ("", "")
    if user and secret:
        return f"{cut.text(scheme, 20)} {cut.value('client_id', user, is_sent=True)} : {cut.secret(secret)}"
    return f"{cut.text(scheme, 20)} {cut.secret(credentials)}"


def _basic(credentials: str) -> tuple[str, str]:
    try:
        user, _, secret = base64.b64decode(credentials).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(user), unquote_plus(secret)


def _told_headers(headers: Headers, cut: Cut) -> Iterator[str]:
    for name, value in headers:
        if name == "set-cookie":
            yield f"{name}: {_cookies(value, cut)}"
        elif name == "location":
            yield f"{name}: {cut.url(value, is_sent=True)}"
        elif name in TELLING or name.startswith(LIMITS):
            yield f"{cut.text(name, 80)}: {cut.text(value)}"


def _cookies(value: str, cut: Cut) -> str:
    return ", ".join(f"{cut.text(name, 80)}=(cut)" for name in COOKIE.findall(value)) or "(cut)"


def _members(body: bytes | None, content_type: str) -> list[Member] | None:
    """The members of a JSON or form body, by their paths; None where it is neither."""
    text = (body or b"").decode("utf-8-sig", "replace").strip()
    try:
        data = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number)
    except (ValueError, RecursionError):
        return _form(text, content_type)
    return list(_leaves("", data, DEPTH)) if isinstance(data, dict | list) else None


def _form(text: str, content_type: str) -> list[Member] | None:
    is_form = "x-www-form-urlencoded" in content_type
    if not is_form and (content_type.startswith(("multipart/", "text/html")) or not re.match(r"[\w.%\[\]-]+=", text)):
        return None
    try:
        return list(parse_qsl(text, keep_blank_values=True, strict_parsing=not is_form, max_num_fields=100))
    except ValueError:
        return None


def _leaves(path: str, data: Any, depth: int) -> Iterator[Member]:
    """The values in JSON by dotted paths; a list of values, or what is empty, counts as one."""
    if isinstance(data, dict) and data and depth:
        for name, value in data.items():
            yield from _leaves(f"{path}.{name}" if path else name, value, depth - 1)
    elif isinstance(data, list) and data and depth and not all(map(_is_plain, data)):
        for at, value in enumerate(data):
            yield from _leaves(f"{path}.{at}" if path else str(at), value, depth - 1)
    else:
        yield path, data


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _texts(members: list[Member] | None) -> list[tuple[str, str]]:
    """The members that are texts or numbers, each under the first of its names that says it is a secret."""
    values = ((path, each) for path, value in members or () for each in (value if isinstance(value, list) else [value]))
    return [(_name(path), str(value)) for path, value in values if isinstance(value, str)]


def _name(path: str) -> str:
    """The name that says what a path leads to: `access_token` of `tokens.0.access_token`, `secrets` of `secrets.0`."""
    names = [name for name in path.split(".") if not name.isdecimal()] or [path]
    secret = next((name for name in names if names_secret(name, is_sent=False)), None)
    return secret or names[-1]


def _body(body: bytes | None, members: list[Member] | None, cut: Cut, *, is_sent: bool) -> list[str]:
    if body is None:
        return ["(a body that is sent as a stream)"]
    if members is None:
        text = cut.text(body.decode("utf-8-sig", "replace"))
        return [f"{len(body)} bytes: {text}"] if body else []
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    named = [(f"{cut.text(path, 120)} = " if path else "", path, value) for path, value in members[:MOST]]
    shown = [f"{name}{_shown(path, value, cut, is_json, is_sent)}" for name, path, value in named]
    return [*shown, f"(and {len(members) - MOST} more members)"] if len(members) > MOST else shown


def _shown(path: str, value: Any, cut: Cut, is_json: bool, is_sent: bool) -> str:
    """A member's value as it may be shown: the words for a secret, or as JSON or the form spells it."""
    name = _name(path)
    if isinstance(value, Number):
        is_cut = names_secret(name, is_sent=is_sent) or cut.knows(value)
        return cut.secret(value, what="secret, a number", unit="digit") if is_cut else value[:80]
    if isinstance(value, list) and all(map(_is_plain, value)):
        items = [_shown(path, each, cut, is_json, is_sent) for each in value[:MOST]]
        return f"[{', '.join([*items, '…'] if len(value) > MOST else items)}]"
    if not isinstance(value, str):
        return "(nested deeper)" if value and isinstance(value, dict | list) else json.dumps(value)
    shown = cut.value(name, value, is_sent=is_sent)
    return f'"{shown}"' if is_json and not shown.startswith("(") else shown
