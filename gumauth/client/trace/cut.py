"""What a trace shows in place of a secret: its length, and a hash by which two sights of it can be compared.

A secret is what has the name of one, what is known to be one from elsewhere in the run, and what looks like one.
Promises S1, S2.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from urllib.parse import parse_qsl, urlsplit

from gumauth.oauth2.secret_fields import is_secret
from gumauth.platform.text import SHORTEST_WORD, one_line
from gumauth.registry.foreign_code.hidden_secrets import hidden

LONGEST, LOOKED_THROUGH = 200, 4000
"""Characters of a value as it is shown, and of a text in which secrets are looked for before it is cut."""

DIGITS = 8
"""Hexadecimal digits of the hash."""

ALSO = re.compile(r"(?i)^(state|session(_?id|_state)?|sid|jwt|otp|pin|signature|dpop|client_assertion|private_key)$")
"""Further names of secrets, of a request as of an answer."""

LAST_WORD = re.compile(r"(^|_)(api|app|access|private|secret)?(key|pass|pwd|passphrase|auth|bearer|sig|session|pat)$")
"""How names end, in small letters, that are mostly a secret's; a public key is cut with them."""

CODES = re.compile(r"(?i)^((device|user|auth\w*|backup|recovery)_?code|passcode|\w*ticket)$")
"""Names of codes that are secrets also in an answer, where a `code` mostly says what went wrong."""

PLAIN = re.compile(r"(?i)(_supported|_required)$|^token_endpoint")
"""Names in metadata and registrations that only sound like secrets: `token_endpoint_auth_methods_supported`."""

IN_TEXT = (
    (re.compile(r"([?&;#])([\w.%\[\]-]+)(=)([^\s&;#\"'<>]+)"), True),
    (re.compile(r"(\bname=[\"'])([\w.-]+)([\"'][^<>]*?\bvalue=[\"'])([^\"'<>]+)"), True),
    (re.compile(r"(-----BEGIN [A-Z ]*)(PRIVATE KEY)(-----)([^-]+)"), True),
    (re.compile(r"([\"']?)([\w.-]+)(\1\s*[:=]\s*[\"'])([^\"']+)"), False),
)
"""A name and its value in a longer text, and whether it belongs to a request: a parameter of a URL, a form's field in
HTML, PEM, and what stands in quotes as in JSON."""

IDS = ("client_id", "oauth_client_id")
"""Names of what may look like a secret and is public."""


def names_secret(name: str, *, is_sent: bool) -> bool:
    """Whether a header, a parameter or a member of this name holds a secret.

    Args:
        name: As it was sent.
        is_sent: Whether it belongs to a request.
    """
    plain = name.replace("-", "_").replace(" ", "_")
    if PLAIN.search(plain):
        return False
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    is_named = LAST_WORD.search(words) or ALSO.search(plain) or CODES.search(plain) or words.endswith("authorization")
    return bool(is_named) or is_secret(plain, is_sent=is_sent)


class Cut:
    """Cuts the secrets of one run.

    Args:
        salt: Random, and of this run alone: the hash of a short secret tells nothing without it. Secret.
    """

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._known: set[str] = set()

    def learn(self, secrets: Iterable[str]) -> None:
        """Cut these secrets too, wherever they stand from now on."""
        self._known.update(filter(None, secrets))

    def knows(self, value: str) -> bool:
        """Whether a text is a secret of the run."""
        return value in self._known

    def secret(self, value: str, *, what: str = "secret", unit: str = "character") -> str:
        """The words for a secret: "(secret, 43 characters, sha256 1f3a09c2)"."""
        digest = hashlib.sha256(self._salt + value.encode("utf-8", "replace")).hexdigest()[:DIGITS]
        return f"({what}, {len(value)} {unit}{'' if len(value) == 1 else 's'}, sha256 {digest})"

    def value(self, name: str, value: str, *, is_sent: bool) -> str:
        """A value under its name as it may be shown: the value on one line, or the words for a secret."""
        if value and (self.knows(value) or names_secret(name, is_sent=is_sent)):
            return self.secret(value)
        if name.lower() in IDS:
            return one_line(value, LONGEST)  # it is public, also where a secret begins with it
        if is_url(value):
            return self.url(value, is_sent=is_sent)
        if value.strip() and not re.search(r"\s", value) and hidden(value, ()) != value:
            return self.secret(value, what="perhaps secret")
        return self.text(value)

    def text(self, text: str, limit: int = LONGEST) -> str:
        """A foreign text on one line, at most `limit` characters of it, without what is known or looks secret."""
        raw = one_line(text, LOOKED_THROUGH)
        if raw.endswith("…") and len(raw) == LOOKED_THROUGH:
            raw = raw.rpartition(" ")[0]  # the last word may be a part of a secret
        for pattern, is_sent in IN_TEXT:
            raw = pattern.sub(lambda m, sent=is_sent: _without_value(m, is_sent=sent), raw)  # type: ignore[misc]
        return one_line(hidden(raw, self._known), limit)

    def url(self, url: str, *, is_sent: bool) -> str:
        """A URL with its parameters as they may be shown."""
        base, parameters = parts(url)
        shown = "&".join(
            f"{self.text(name, 80)}={self.value(name, text, is_sent=is_sent)}" for name, text in parameters
        )
        return f"{self.text(base)}?{shown}" if shown else self.text(base)


def _without_value(found: re.Match[str], *, is_sent: bool) -> str:
    before, name, between, value = found.groups()
    return f"{before}{name}{between}{'…' if names_secret(name, is_sent=is_sent) else value}"


def is_url(text: str) -> bool:
    """Whether a text is a web address and nothing else."""
    return re.fullmatch(r"https?://\S+", text) is not None


def parts(url: str) -> tuple[str, list[tuple[str, str]]]:
    """A URL without user name, query and fragment, and the parameters of both."""
    try:
        split = urlsplit(url)
        host = split.netloc.rpartition("@")[2]
        parameters = [*_parameters(split.query), *_parameters(split.fragment)]
    except ValueError:
        return "(no URL)", []
    return f"{split.scheme}://{host}{split.path}" if split.scheme else f"{split.path}", parameters


def _parameters(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []


def secrets_of(named: Collection[tuple[str, str]], *, is_sent: bool) -> list[str]:
    """The values that have the name of a secret; not a very short one, which may be a word elsewhere."""
    return [value for name, value in named if len(value) >= SHORTEST_WORD and names_secret(name, is_sent=is_sent)]
