"""The challenges of a response: what WWW-Authenticate says, as values. Pure; linear in the length of its input.

Promises D1 and M3 to M5. Source: RFC 9110 §11; RFC 6750 §3; RFC 9728 §5.1; RFC 9449 §7.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 16_384
"""Characters of one field value that are read."""

MOST_URLS = 4
"""Addresses of metadata that are taken: each one may cost a request."""

MOST_SCOPES = 200

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
PARAMETER = re.compile(rf"({TOKEN})[ \t]*+=[ \t]*+(?:\"((?:[^\"\\]|\\.)*+)\"|([^\s,\"]++))", re.DOTALL)
SCHEME = re.compile(rf"({TOKEN})(?=[\s,]|$)")
TOKEN68 = re.compile(r"[ \t]++[A-Za-z0-9._~+/-]++=*+(?=[ \t]*+(?:,|$))")
BLANKS = re.compile(r"[\s,]*+")
BROKEN = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|[^\s,\"]++", re.DOTALL)
"""What is left out where nothing else fits: a text in quotes, or all up to a blank, a comma or a quote."""

SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""One scope. Source: RFC 6749 §3.3."""


@dataclass(frozen=True)
class Challenge:
    """One challenge.

    Args:
        scheme: In small letters, such as "bearer".
        parameters: Name and value of each parameter as it was sent, in order; a name may stand there twice.
    """

    scheme: str
    parameters: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """The value of every parameter of this name; the name's case does not matter."""
        return tuple(value for key, value in self.parameters if key.lower() == name.lower())


@dataclass(frozen=True)
class Bearer:
    """What all challenges for access tokens in a response say together.

    Args:
        metadata_urls: Where the resource's metadata is, unchecked; without repetitions, at most `MOST_URLS`.
        scopes: What the request needs; None where it is not said.
        error: Such as "invalid_token"; foreign text.
        needs_proof: Whether tokens are taken only with a proof of possession (DPoP).
    """

    metadata_urls: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    error: str | None = None
    needs_proof: bool = False


def challenges(values: Iterable[str]) -> list[Challenge]:
    """The challenges in the values of all WWW-Authenticate fields of a response, in order.

    What cannot be read is left out: a text without its closing quote and what follows it, and words that are neither a
    scheme nor a parameter. A value without quotes may be any text without blanks and commas, as a URL is.

    Source: RFC 9110 §11.3, §11.6.1 and §5.6.4.
    """
    return [challenge for value in values for challenge in _in_value(_bounded(value))]


def bearer(values: Iterable[str]) -> Bearer | None:
    """What the challenges for access tokens say; None where there is no such challenge.

    Args:
        values: As for `challenges`.
    """
    found = [each for each in challenges(values) if each.scheme in ("bearer", "dpop")]
    if not found:
        return None
    urls = dict.fromkeys(_all(found, "resource_metadata"))
    scopes = dict.fromkeys(scope for text in _all(found, "scope") for scope in text.split() if SCOPE.fullmatch(scope))
    return Bearer(
        metadata_urls=tuple(urls)[:MOST_URLS],
        scopes=tuple(scopes)[:MOST_SCOPES] or None,
        error=next(_all(found, "error"), None),
        needs_proof=all(each.scheme == "dpop" for each in found),
    )


def _all(found: list[Challenge], name: str) -> Iterator[str]:
    return (value for challenge in found for value in challenge.all(name) if value)


def _bounded(value: str) -> str:
    """The value, or its first part up to a comma: what was cut in the middle would be another parameter."""
    return value if len(value) <= LONGEST else value[:LONGEST].rpartition(",")[0]


def _in_value(value: str) -> Iterator[Challenge]:
    scheme: str | None = None
    parameters: list[tuple[str, str]] = []
    at, is_start = 0, True
    while True:
        blanks = BLANKS.match(value, at)
        at = blanks.end() if blanks else at
        if at == len(value):
            break
        is_start = is_start or (blanks is not None and "," in blanks[0])
        if parameter := PARAMETER.match(value, at):
            parameters.append((parameter[1], _unquoted(parameter)))
            at = parameter.end()
        elif is_start and (word := SCHEME.match(value, at)):
            yield from _challenge(scheme, parameters)
            scheme, parameters = word[1].lower(), []
            at = _behind_token68(value, word.end())
        else:
            at = _behind_broken(value, at)
        is_start = False
    yield from _challenge(scheme, parameters)


def _challenge(scheme: str | None, parameters: list[tuple[str, str]]) -> Iterator[Challenge]:
    if scheme is not None:
        yield Challenge(scheme, tuple(parameters))


def _unquoted(parameter: re.Match[str]) -> str:
    return re.sub(r"\\(.)", r"\1", parameter[2], flags=re.DOTALL) if parameter[2] is not None else parameter[3]


def _behind_token68(value: str, at: int) -> int:
    token68 = TOKEN68.match(value, at)
    return token68.end() if token68 else at


def _behind_broken(value: str, at: int) -> int:
    broken = BROKEN.match(value, at)
    return broken.end() if broken else len(value)  # a text without its closing quote takes all the rest
