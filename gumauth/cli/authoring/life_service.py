"""How a written test makes the server of `gumauth.testing` behave like the service. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.literals import text_literal

PERSON = "ada@example.com"
"""Who consents at the server, unless a test says otherwise."""

OWN_HABITS = ("upgrade_url", "par_url", "challenge_encoding", "nonce")
"""Facts of a class that the server cannot do as the service does, which is why a test sets them to their defaults."""


def settings(draft: Draft) -> Iterator[tuple[str, str]]:
    """The server's attributes that differ from their defaults, each with its expression."""
    if draft["token_encoding"] != "form":
        yield "token_encoding", text_literal(draft["token_encoding"])
    if draft["client_id_param"] != "client_id":
        yield "client_id_name", text_literal(draft["client_id_param"])
    if "bearer" not in draft["token_types"]:
        yield "token_type", text_literal(draft["token_types"][0])


def client(draft: Draft, *, pkce: bool) -> list[str]:
    """The arguments of the client that is registered with the server, behind its id.

    Args:
        draft: The provider.
        pkce: Whether the file can do PKCE.
    """
    arguments = [] if draft.secret == "none" else ["SECRET"]
    arguments.append("redirect_uris=(CALLBACK,)")
    if not pkce or not draft["pkce"]:
        arguments.append("pkce_required=False")
    if draft["client_auth"] == "basic":
        arguments.append('auth=("basic",)')
        arguments += [f"{name}=True" for name in ("basic_raw",) if draft[name]]
        arguments += ["id_in_body=True"] if draft["client_id_in_body"] else []
    return arguments


def callback(draft: Draft) -> str:
    """The redirect URI of the tests."""
    scheme = "https" if draft["redirect_tls"] else "http"
    port = (*draft["redirect_ports"], 4862)[0]
    return f"{scheme}://{draft['redirect_host']}:{port}{draft['redirect_path']}"


def is_usual_name(draft: Draft) -> bool:
    """Whether the server's own userinfo answers as the service does: with the e-mail, to a GET."""
    first = draft["nickname_paths"][0]
    is_plain = draft["nickname_method"] == "GET" and draft["token_header"] == "Authorization"
    return bool(first == "email" and is_plain and draft["token_scheme"] == "Bearer")


def answer(draft: Draft) -> tuple[Any, str]:
    """What the service answers about a token, and the nickname in it."""
    first = draft["nickname_paths"][0]
    paths = [first] if isinstance(first, str) else list(first)
    names = [PERSON, "acme"][: len(paths)]
    data: Any = None
    for path, name in zip(paths, names, strict=True):
        data = _with(data, path.split("."), name)
    return data, " at ".join(names)


def nested(path: str, inside: str) -> str:
    """The expression for an object with the value of another expression at a dotted path."""
    for step in reversed(path.split(".")):
        inside = f"[{inside}]" if step.isdecimal() else f"{{{text_literal(step)}: {inside}}}"
    return inside


def _with(data: Any, steps: list[str], value: str) -> Any:
    """The data with a value at a path; the number of an item is taken for 0."""
    if not steps:
        return value
    step, *others = steps
    if step.isdecimal():
        return [_with(data[0] if isinstance(data, list) else None, others, value)]
    before = data if isinstance(data, dict) else {}
    return {**before, step: _with(before.get(step), others, value)}


def is_usual_revocation(draft: Draft) -> bool:
    """Whether the server ends a token by the request that the service wants."""
    usual = {"refresh_token": "token", "access_token": "token"}
    fields = {kind: usual[kind] for kind in draft["revoke_fields"] if kind in usual}
    return (
        bool(draft["revoke_url"])
        and "access_token" in draft["revoke_fields"]
        and draft["revoke_fields"] == fields
        and (draft["revoke_method"], draft["revoke_auth"]) == ("POST", "client")
        and draft["revoke_encoding"] == draft["token_encoding"]
        and not urlsplit(draft["revoke_url"]).query
    )
