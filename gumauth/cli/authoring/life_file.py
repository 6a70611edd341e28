"""The text of the tests that stand beside a provider file. Pure.

They play an account's life on the server of `gumauth.testing`, which answers where the service would.
"""

from __future__ import annotations

from collections.abc import Iterator

from gumauth.cli.authoring import life_service
from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.gumstack_file import CONSTANTS, revokes
from gumauth.cli.authoring.literals import WIDTH, assignment, literal, text_literal
from gumauth.oauth2.facts import Facts

ENDPOINTS = {
    "authorize_url": "authorize_url",
    "token_url": "token_url",
    "refresh_url": "token_url",
    "nickname_url": "userinfo_url",
    "identity_url": "userinfo_url",
    "revoke_url": "revoke_url",
    "issuer": "issuer",
}
"""The facts that are the service's addresses → the server's attribute."""

REFRESHED = """\
    before = connected(authorization_server, provider)
    assert before.refresh_token
    authorization_server.expire(before.access_token)
    after = asyncio.run(provider.refresh(before.refresh_token))
    assert authorization_server.is_active(after.access_token)
    assert after.refresh_token
"""

KEPT = """\
    before = connected(authorization_server, provider)
    assert before.refresh_token
    authorization_server.misbehave("refresh", Fault.without("refresh_token"))
    after = asyncio.run(provider.refresh(before.refresh_token))
    assert after.refresh_token == before.refresh_token
"""

ENDED = """\
    tokens = connected(authorization_server, provider)
    assert tokens.refresh_token
    authorization_server.end_grant(1)
    with pytest.raises(%s):
        asyncio.run(provider.refresh(tokens.refresh_token))
"""

REFUSED = """\
    refusal = Fault.error("invalid_request", status=200)
    authorization_server.misbehave("token", refusal)
    with pytest.raises(%s, match="invalid_request"):
        connected(authorization_server, provider)
"""

REVOKED = """\
    tokens = connected(authorization_server, provider)
    assert asyncio.run(provider.revoke(tokens.access_token)) is True
    assert not authorization_server.is_active(tokens.access_token)
"""


def life_of(draft: Draft, module: str, *, gumstack: bool) -> str:
    """The text of the tests.

    Args:
        draft: The provider.
        module: The name by which the tests import the provider's module.
        gumstack: Whether it is a file for Gumstack, not a class of facts.
    """
    ends = "httpx.HTTPStatusError" if gumstack else "InvalidGrant"
    refuses = "RuntimeError" if gumstack else "TokenEndpointError"
    kind = _kind(draft, gumstack=gumstack)
    parts = [
        *([_in_place(draft)] if draft["tokens_path"] else []),
        [*_fixture(draft, gumstack=gumstack)],
        _connected(draft, gumstack=gumstack),
        _test("an_account_is_connected", kind, [*_connects(draft, gumstack=gumstack)]),
        _test("a_token_is_refreshed", kind, _lines(REFRESHED)),
        _test("the_refresh_token_stays_where_no_new_one_comes", kind, _lines(KEPT)),
        _test("a_grant_that_has_ended_is_told", kind, _lines(ENDED % ends)),
        _test("an_error_with_a_good_status_is_no_token", kind, _lines(REFUSED % refuses)),
    ]
    if life_service.is_usual_revocation(draft) and (not gumstack or revokes(draft)):
        parts.append(_test("a_token_is_revoked", kind, _lines(REVOKED)))
    head = [*_head(draft, module, gumstack=gumstack)]
    return "\n\n\n".join("\n".join(part) for part in (head, *parts)) + "\n"


def _lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


def _kind(draft: Draft, *, gumstack: bool) -> str:
    """The type of the provider, as the tests name it."""
    return "AuthProvider" if gumstack else draft.class_name


def _test(name: str, kind: str, body: list[str]) -> list[str]:
    return [
        f"def test_{name}(",
        "    authorization_server: AuthorizationServer,",
        f"    provider: {kind},",
        ") -> None:",
        *body,
    ]


def _head(draft: Draft, module: str, *, gumstack: bool) -> Iterator[str]:
    moves, answers = bool(draft["tokens_path"]), _answers(draft)
    yield f'"""{draft.shown}: the life of an account, on a server of this machine."""'
    yield from ["", "from __future__ import annotations", "", "import asyncio"]
    yield from (["import json"] if moves or answers else [])
    yield from (["import secrets"] if draft.secret != "none" else [])
    yield from (["from dataclasses import replace"] if moves else [])
    yield from (["from importlib import import_module"] if gumstack else [])
    yield from (["", "import httpx", "import pytest"] if gumstack else ["", "import pytest"])
    yield f"from gumauth import {'AuthProvider, ' if gumstack else ''}TokenResponse{', gumstack' if gumstack else ''}"
    if not gumstack:
        yield "from gumauth.errors import InvalidGrant, TokenEndpointError"
    yield "from gumauth.testing import AuthorizationServer, Client, Fault"
    yield from (["from gumauth.testing.messages import Response"] if moves else [])
    yield ""
    yield from _late_import(module) if gumstack else [*_import(module, draft.class_name), ""]
    yield from assignment("CALLBACK", life_service.callback(draft))
    if draft.secret != "none":
        yield from assignment("VARIABLES", draft.variables)
        yield 'SECRET = secrets.token_urlsafe(24) + "+&%="'
    else:
        yield from assignment("VARIABLES", draft.variables[:1])
    if answers:
        yield "# What the service answers to the question whose a token is."
        yield from assignment("ANSWER", life_service.answer(draft)[0])


def _answers(draft: Draft) -> bool:
    """Whether the test has an answer to the question whose a token is, which differs from the server's own."""
    return bool(draft["nickname_url"]) and not life_service.is_usual_name(draft)


def _import(module: str, name: str) -> list[str]:
    one = f"from {module} import {name}"
    return [one] if len(one) <= WIDTH else [f"from {module} import (", f"    {name},", ")"]


def _late_import(module: str) -> list[str]:
    """An import of a file for Gumstack, which needs a module that is perhaps made first."""
    lines = ["gumstack.install()  # stands in for mcp.gumstack where that is not installed"]
    one = f"written = import_module({text_literal(module)})"
    return [*lines, *([one] if len(one) <= WIDTH else ["written = import_module(", f"    {text_literal(module)}", ")"])]


def _in_place(draft: Draft) -> list[str]:
    moved = life_service.nested(draft["tokens_path"], "tokens")
    return [
        "def in_place(answer: Response) -> Response:",
        '    """The server\'s answer, with the tokens where the service has them."""',
        "    tokens = json.loads(answer.body)",
        f"    return replace(answer, body=json.dumps({moved}).encode())",
    ]


def _fixture(draft: Draft, *, gumstack: bool) -> Iterator[str]:
    yield from ["@pytest.fixture", "def provider("]
    yield from ["    authorization_server: AuthorizationServer,", "    monkeypatch: pytest.MonkeyPatch,"]
    yield f") -> {_kind(draft, gumstack=gumstack)}:"
    yield '    """The provider, for which a server of this machine answers."""'
    yield "    server = authorization_server"
    for name, value in life_service.settings(draft):
        yield f"    server.{name} = {value}"
    yield from ["    client = Client(", '        "an-app",']
    for argument in life_service.client(draft, pkce=not gumstack):
        yield f"        {argument},"
    yield from ["    )", "    server.register(client)"]
    if draft["tokens_path"]:
        yield '    server.misbehave("token", Fault("tokens inside", in_place), times=None)'
    yield '    monkeypatch.setenv(VARIABLES[0], "an-app")'
    if draft.secret != "none":
        yield "    monkeypatch.setenv(VARIABLES[1], SECRET)"
    yield from _moved(draft) if not gumstack else _replaced(draft)


def _moved(draft: Draft) -> Iterator[str]:
    """The lines that make an object of a class of facts ask the server."""
    yield f"    provider = {draft.class_name}()"
    for fact, attribute in ENDPOINTS.items():
        if draft[fact]:
            yield f"    provider.{fact} = server.{attribute}"
    if any(draft[fact] != getattr(Facts, fact) for fact in life_service.OWN_HABITS):
        yield "    # What the server does not do as the service does."
    for fact in life_service.OWN_HABITS:
        if draft[fact] != getattr(Facts, fact):
            usual = literal(getattr(Facts, fact))
            yield f'    monkeypatch.setattr(provider, "{fact}", {usual})'
    yield "    return provider"


def _replaced(draft: Draft) -> Iterator[str]:
    """The lines that make a file for Gumstack ask the server."""
    query = draft["authorize_url"].partition("?")[2]
    for fact, attribute in ENDPOINTS.items():
        if draft[fact] and fact in CONSTANTS and (fact != "revoke_url" or revokes(draft)):
            value = f"server.{attribute}"
            if fact == "authorize_url" and query:
                yield from assignment("query", f"?{query}", indent="    ")
                value += " + query"
            yield f'    monkeypatch.setattr(written, "{CONSTANTS[fact]}", {value})'
    yield f"    provider: AuthProvider = written.{draft.class_name}()"
    yield "    return provider"


def _connected(draft: Draft, *, gumstack: bool) -> list[str]:
    return [
        "def connected(",
        "    server: AuthorizationServer,",
        f"    provider: {_kind(draft, gumstack=gumstack)},",
        ") -> TokenResponse:",
        '    """The tokens after a person has consented."""',
        '    code = server.code_from(provider.get_url(CALLBACK, "a-state"))',
        "    return asyncio.run(provider.exchange(code, CALLBACK))",
    ]


def _connects(draft: Draft, *, gumstack: bool) -> Iterator[str]:
    yield "    tokens = connected(authorization_server, provider)"
    yield "    assert authorization_server.is_active(tokens.access_token)"
    expected = "authorization_server.person"
    if not draft["nickname_url"]:
        if not gumstack:
            return
        expected = text_literal(draft.facts.get("title") or draft.name)
    elif _answers(draft):
        yield "    answer = Fault.content(json.dumps(ANSWER).encode())"
        yield '    authorization_server.misbehave("userinfo", answer)'
        expected = text_literal(life_service.answer(draft)[1])
    yield "    nickname = asyncio.run(provider.get_nickname(tokens.access_token))"
    yield f"    assert nickname == {expected}"
