"""Secrets of a run, and the search for any part of them in any spelling."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from gumauth.testing import AuthorizationServer
from gumauth.testing.messages import Request, Response

PART = 12
"""Characters of a secret that are found wherever they stand, so that one that was cut off is found too."""

ASKED = ("code", "code_verifier", "refresh_token", "client_secret", "token", "access_token", "device_code")
GIVEN = ("access_token", "refresh_token", "id_token", "client_secret", "registration_access_token", "device_code")


@dataclass(frozen=True)
class Finding:
    """A secret where none may be."""

    secret: str
    place: str
    around: str


@dataclass
class Canaries:
    """Every secret so far, by value; names are kinds, such as "code"."""

    known: dict[str, str] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)
    """Authorization URLs, in which the state has to be."""
    _parts: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, value: str) -> None:
        assert len(value) >= PART, f"too short to be found: a {kind}"
        if value in self.known:
            return
        parts = {part: kind for spelling in spellings(value) for part in parts_of(spelling)}
        with self._lock:
            self.known[value] = kind
            self._parts.update(parts)

    def add_key(self, kind: str, key: bytes) -> None:
        """A secret that is no text, but 32 bytes: as they are, in hexadecimal, in base64."""
        inner = {base64.b64encode(bytes(skipped) + key)[4:-4].decode() for skipped in range(3)}
        urlsafe = {text.replace("+", "-").replace("/", "_") for text in inner}
        with self._lock:
            self.known[key.hex()] = kind
            for spelling in {key.decode("latin-1"), key.hex(), key.hex().upper(), repr(key)[2:-1], *inner, *urlsafe}:
                self._parts.update(dict.fromkeys(parts_of(spelling), kind))

    def kinds(self) -> Mapping[str, int]:
        """How many there are of each kind."""
        kinds = sorted(set(self.known.values()))
        return {kind: list(self.known.values()).count(kind) for kind in kinds}

    def values(self, kind: str) -> list[str]:
        return [value for value, known in self.known.items() if known == kind]

    def search(self, place: str, text: str) -> list[Finding]:
        """Every kind of secret of which a part stands in a text; once for each."""
        found: dict[str, Finding] = {}
        for at in range(len(text) - PART + 1):
            kind = self._parts.get(text[at : at + PART])
            if kind is not None and kind not in found:
                found[kind] = Finding(kind, place, text[max(0, at - 60) : at + 60])
        return list(found.values())


def spellings(value: str) -> set[str]:
    """A secret as it is, in a URL, in base64, in hexadecimal, in a repr."""
    raw = value.encode()
    # base64 has three spellings of what stands in the middle of a longer text.
    inner = {base64.b64encode(bytes(skipped) + raw).decode()[4:-4] for skipped in range(3)}
    urlsafe = {text.replace("+", "-").replace("/", "_") for text in inner}
    return {value, quote(value, safe=""), quote_plus(value), raw.hex(), repr(value)[1:-1], *inner, *urlsafe}


def parts_of(text: str) -> set[str]:
    return {text[at : at + PART] for at in range(max(1, len(text) - PART + 1))}


class CanaryServer(AuthorizationServer):
    """A strict server that gives an id token too, and notes every secret that passes."""

    def __init__(self, canaries: Canaries) -> None:
        self.canaries = canaries
        self.asked: dict[str, str] = {}
        """The parameters of the latest request."""
        super().__init__()
        self.send_id_token = True

    def answer(self, request: Request) -> Response:
        self.asked = _asked(request)
        self._note(ASKED, self.asked)
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if value:
            self.asked["access_token" if scheme == "Bearer" else "basic"] = value
            self._note(("access_token", "basic"), self.asked)
        answer = super().answer(request)
        self._note(("code", "state"), dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).query)))
        self._note(GIVEN, _json(answer.body))
        return answer

    def _note(self, names: Iterable[str], fields: Mapping[str, object]) -> None:
        for name in names:
            value = fields.get(name)
            if isinstance(value, str) and len(value) >= PART:
                self.canaries.add({"token": "refresh_token", "code_verifier": "verifier"}.get(name, name), value)


def _asked(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("latin-1")))


def _json(body: bytes) -> dict[str, object]:
    import json

    try:
        data = json.loads(body.decode("utf-8-sig"))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
