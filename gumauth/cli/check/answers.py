"""What the service answers beyond the standard: the shapes that a file reads out of answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from gumauth.cli.check.shapes.names import PERSON as PERSON
from gumauth.cli.check.shapes.shape import Node, shape_of
from gumauth.testing.messages import Response, json_response

Deliver = Callable[[Node, Any, Mapping[str, Any]], bytes]

USUAL = {"email": PERSON, "sub": "1815", "id": "1815", "name": "Ada Lovelace"}
"""What an endpoint answers that tells whose a token is, as long as nothing else is known of it."""

STANDARD = ("access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token")
"""Members of a token response. Source: RFC 6749 §5.1, OpenID Connect Core §3.1.3.3."""

OTHER_NAMES = {
    "access_token": ("accessToken", "token", "access", "auth_token", "authToken"),
    "refresh_token": ("refreshToken", "refresh"),
    "expires_in": ("expiresIn", "expires"),
    "token_type": ("tokenType",),
    "id_token": ("idToken",),
}
"""What services call the members of a token response too."""


class Answers:
    """The bodies of the service's good answers.

    Attributes:
        token: Members of a token response, beside the standard ones.
        places: What each address tells of the person.
        given: Answers of the real service, each with a part of the address that gives it; "" for all addresses.
        form_encoded: Whether a token response is a form in place of JSON.
        tokens_path: The dotted path of the object with the tokens; empty where it is the whole answer.
        token_type: Of tokens.
        refresh_tokens: Whether token responses hold a refresh token.
        id_token: Whether token responses hold an `id_token`.
        untold: Why no answer makes `get_nickname` give a text, to follow the method's name; None where one does.
        deliver: Writes an answer.
    """

    def __init__(self) -> None:
        self.token = Node()
        self.places: dict[str, Node] = {}
        self.given: list[tuple[str, Any]] = []
        self.form_encoded = False
        self.tokens_path = ""
        self.token_type = ""
        self.refresh_tokens = True
        self.id_token = False
        self.untold: str | None = None
        self.deliver: Deliver = plain

    def about(self, url: str, tokens: Mapping[str, Any]) -> Response:
        """What an address tells of the person.

        Args:
            url: Of the request.
            tokens: The token response that brought the token of the request. Secret.
        """
        if sample := self.sample(url):
            return json_response(sample[0])
        node, known = self.place(url), _by_name(tokens)
        return self._response(node, node.value(known), known)

    def sample(self, url: str) -> tuple[Any] | None:
        """The sample of what an address answers, alone in a tuple; None where there is none."""
        return next(((value,) for part, value in self.given if part in url), None)

    def place(self, url: str) -> Node:
        """The tree of what an address answers; made where there is none."""
        key = place_of(url)
        if key not in self.places:
            self.places[key] = usual()
        return self.places[key]

    def tokens(self, standard: Mapping[str, Any]) -> Response:
        """A token response.

        Args:
            standard: The members of the standard. Secret.
        """
        known = _by_name(standard)
        if self.token_type:
            known["token_type"] = self.token_type
        value = self._token_value(known)
        if self.form_encoded:
            flat = {name: each for name, each in value.items() if isinstance(each, str | int)}
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cache-Control": "no-store"}
            return Response(headers=headers, body=urlencode(flat).encode())
        return self._response(self.token, value, known)

    def _token_value(self, known: Mapping[str, Any]) -> dict[str, Any]:
        standard = {name: known[name] for name in STANDARD if name in known}
        inner = standard
        for step in reversed(self.tokens_path.split(".") if self.tokens_path else ()):
            inner = {step: inner}
        for name in inner if not self.tokens_path else ():
            self.token.member(name)
        extra = self.token.value(known)
        return _merged(inner, extra if isinstance(extra, dict) else {})

    def _response(self, node: Node, value: Any, known: Mapping[str, Any]) -> Response:
        return replace(json_response(None), body=self.deliver(node, value, known))


def plain(_node: Node, value: Any, _tokens: Mapping[str, Any]) -> bytes:
    """The JSON of an answer."""
    return json.dumps(value).encode()


def usual() -> Node:
    """The tree of what an address answers of which nothing is known."""
    return shape_of(USUAL)


def place_of(url: str) -> str:
    """An address without its query, as a key."""
    target = urlsplit(url)
    return f"{target.netloc}{target.path}"


def _by_name(standard: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a token response under each name that services have for them."""
    others = {other: standard[name] for name, all_of in OTHER_NAMES.items() if name in standard for other in all_of}
    return {**others, **standard}


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both objects in one; where both have an object, these are merged; else the other's value stays."""
    both = {
        name: _merged(one[name], other[name])
        for name in one
        if isinstance(one[name], dict) and isinstance(other.get(name), dict)
    }
    return {**one, **other, **both}
