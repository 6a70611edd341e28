"""A draft from what a person answers on a terminal, each answer looked at as it is typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.origins import NO_NICKNAME, checked
from gumauth.cli.terminal.questions import visible
from gumauth.cli.terminal.terminal import Terminal
from gumauth.oauth2.facts import Facts
from gumauth.platform.text import one_line
from gumauth.registry.facts_check import url_fault

METHODS = ("body", "basic", "none")

SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""Source: RFC 6749 §3.3."""

PATH = re.compile(r"[^\s.]+(\.[^\s.]+)*")

Read = Callable[[str], Any]
"""Makes a value of an answer; raises ValueError with a clause that says what is wrong with it."""


def ask(terminal: Terminal, name: str) -> Draft:
    """The draft with the facts that the person types.

    Args:
        terminal: Where the person is asked.
        name: Of the provider.

    Raises:
        UsageError: The input ended.
    """
    terminal.say(f"About {name}, from the page of its documentation on OAuth. Enter takes what stands in brackets.")
    authorize_url = _asked(terminal, "Authorize URL (the page for consent)", _url)
    near = _near(authorize_url)
    facts: dict[str, Any] = {
        "authorize_url": authorize_url,
        "token_url": _asked(terminal, "Token URL", _url, near),
        "client_auth": _asked(
            terminal, "Client authentication: body, basic, or none (there is no secret)", _method, "body"
        ),
        "scopes": _asked(terminal, "Scopes, with blanks between", _scopes, ""),
        "nickname_url": _asked(terminal, "URL that tells whose a token is (userinfo)", _maybe_url, ""),
    }
    if facts["nickname_url"]:
        facts["nickname_paths"] = _asked(
            terminal, "Where the name stands in its answer, such as data.user.email", _paths, "email"
        )
    facts["revoke_url"] = _asked(terminal, "Revoke URL", _maybe_url, "")
    own = {fact: value for fact, value in facts.items() if value and value != getattr(Facts, fact, None)}
    return checked(Draft(name=name, facts=own, about=name, notes=() if facts["nickname_url"] else (NO_NICKNAME,)))


def _asked(terminal: Terminal, question: str, read: Read, usual: str | None = None) -> Any:
    """The value of an answer, for which is asked until it can be used.

    Args:
        terminal: Where the person is asked.
        question: Without a colon.
        read: Makes the value.
        usual: What Enter alone stands for; "" for nothing, None where an answer is needed.
    """
    shown = question if usual is None else f"{question} [{usual or 'none'}]"
    while True:
        answer = visible(terminal, shown)
        try:
            return read(answer or usual or "")
        except ValueError as error:
            terminal.say(f"That {error}.")


def _url(answer: str) -> str:
    if not answer:
        raise ValueError("is needed")
    if fault := url_fault(answer):
        raise ValueError(fault)
    return answer


def _maybe_url(answer: str) -> str | None:
    return _url(answer) if answer else None


def _method(answer: str) -> str:
    if answer.lower() not in METHODS:
        raise ValueError(f"is none of {', '.join(METHODS)}")
    return answer.lower()


def _scopes(answer: str) -> tuple[str, ...]:
    scopes = tuple(answer.replace(",", " ").split())
    if wrong := [scope for scope in scopes if not SCOPE.fullmatch(scope)]:
        raise ValueError(f"has a scope that is none: {one_line(wrong[0], 40)!r}")
    return scopes


def _paths(answer: str) -> tuple[str, ...]:
    paths = tuple(answer.replace(",", " ").split())
    if not paths or not all(PATH.fullmatch(path) and path.isprintable() for path in paths):
        raise ValueError("is no path, such as email or data.user.email")
    return paths


def _near(authorize_url: str) -> str | None:
    """The token URL that most services have with such a page for consent; None where nothing is near."""
    start, slash, last = authorize_url.partition("?")[0].rstrip("/").rpartition("/")
    near = {"authorize": "token", "authorization": "token", "auth": "token"}.get(last)
    return f"{start}{slash}{near}" if near else None
