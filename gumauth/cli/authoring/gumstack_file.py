"""The text of a provider file for Gumstack, which needs httpx and nothing of gumauth. Pure.

What services differ in stands in constants at its top; the code below them is as short as a careful one can be.
"""

from __future__ import annotations

from collections.abc import Iterator

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.facts_file import sources
from gumauth.cli.authoring.gumstack_code import AT, BY_MEMBER, BY_PATH, MEMBERS, SCOPES, SECONDS, SEND
from gumauth.cli.authoring.gumstack_requests import as_client, members, presented, revocation
from gumauth.cli.authoring.literals import INDENT, WIDTH, assignment, text_literal
from gumauth.errors import UsageError

FOR_GUMAUTH = (
    "docs_url", "register_url", "register_note", "register_redirect", "response_mode", "redirect_host",
    "redirect_ports", "redirect_path", "redirect_tls", "dead_errors", "denied_errors", "token_header", "token_scheme",
    "api_hosts", "git_hosts", "git_username",
)  # fmt: skip
"""Facts that gumauth heeds also in a class that is none of its own."""

CANNOT = {
    "par_url": "wants the authorization request to be pushed to it first",
    "upgrade_url": "wants its tokens to be traded for others",
    "nonce": "wants a nonce",
}
"""Facts that the contract of Gumstack has no room for."""

NO_PKCE = "There is no PKCE: `exchange` is not told which request its code belongs to."

CONSTANTS = {
    "authorize_url": "AUTHORIZE_URL", "token_url": "TOKEN_URL", "refresh_url": "REFRESH_URL",
    "nickname_url": "USERINFO_URL", "revoke_url": "REVOKE_URL", "resource": "RESOURCE",
    "authorize_params": "AUTHORIZE_PARAMETERS", "token_params": "TOKEN_PARAMETERS",
    "refresh_params": "REFRESH_PARAMETERS", "nickname_body": "USERINFO_BODY", "tokens_path": "TOKENS_PATH",
}  # fmt: skip
"""The facts that become constants of the module."""


def gumstack_file(draft: Draft) -> str:
    """The text of the file.

    Raises:
        UsageError: The contract of Gumstack has no room for what the service wants.
    """
    check(draft)
    code = [AT] if _has_paths(draft) else []
    code += [_tokens(draft), SCOPES, SECONDS, MEMBERS, _text(as_client(draft)), SEND]
    body = [_text(_class(draft)), *code]
    needed = [line for word, line in _imports(draft) if any(word in text for text in body)]
    head = [
        f'"""{draft.shown}, for a Gumstack MCP server."""\n',
        "from __future__ import annotations\n",
        _text([*sorted(line for line in needed if line.startswith("import")),
               *sorted(line for line in needed if line.startswith("from"))]),
        "import httpx\nfrom mcp.gumstack import AuthProvider, TokenResponse\n",
        _text(_constants(draft)),
    ]  # fmt: skip
    return "\n".join(head) + "\n\n" + "\n\n".join(body)


def check(draft: Draft) -> None:
    """Stop at a service that no file for Gumstack can be written for.

    Raises:
        UsageError: It wants what the contract has no room for.
    """
    wants = [clause for fact, clause in CANNOT.items() if draft[fact]]
    if not draft["authorize_url"]:
        wants.append("has no page for consent")
    if wants:
        raise UsageError(
            f"{draft.shown} {' and '.join(wants)}, for which a Gumstack file has no room.",
            hint="Leave --gumstack out: gumauth's own kind of file has it.",
        )


def revokes(draft: Draft) -> bool:
    """Whether the service ends access tokens, which is all that the contract of Gumstack has."""
    return bool(draft["revoke_url"]) and "access_token" in draft["revoke_fields"]


def _text(lines: list[str]) -> str:
    return "\n".join([*lines, ""])


def _imports(draft: Draft) -> list[tuple[str, str]]:
    """Of each import the word for which it is needed, and its line."""
    names = sorted(name for name in ("quote", "quote_plus", "urlencode") if name != "quote_plus" or _encodes(draft))
    return [
        ("asyncio.", "import asyncio"),
        ("os.environ", "import os"),
        ("Any", "from typing import Any"),
        ("urlencode", f"from urllib.parse import {', '.join(names)}"),
    ]


def _encodes(draft: Draft) -> bool:
    return draft["client_auth"] == "basic" and not draft["basic_raw"]


def _has_paths(draft: Draft) -> bool:
    """Whether the service's answers have to be looked into by dotted paths."""
    return bool(draft["tokens_path"]) or (draft["nickname_url"] is not None and not _has_members_alone(draft))


def _has_members_alone(draft: Draft) -> bool:
    return all(isinstance(path, str) and "." not in path for path in draft["nickname_paths"])


def _constants(draft: Draft) -> list[str]:
    lines = assignment("SERVICE", draft.facts.get("title") or draft.name)
    for fact, constant in CONSTANTS.items():
        if draft[fact] and (fact != "revoke_url" or revokes(draft)):
            lines += assignment(constant, dict(draft[fact]) if fact.endswith("params") else draft[fact])
    if draft["scopes"]:
        lines += assignment("SCOPE", draft["scope_separator"].join(draft["scopes"]))
    if draft["nickname_url"]:
        paths = draft["nickname_paths"]
        if _has_members_alone(draft):
            lines += assignment("NICKNAME_MEMBERS", tuple(paths))
        else:
            lines += assignment("NICKNAME_PATHS", [(path,) if isinstance(path, str) else path for path in paths])
    lines += assignment("HEADERS", dict(draft["token_headers"]))
    lines.append("DEADLINE = 30.0  # seconds for a request and its answer")
    lines += ["", "# The environment variables with the app's credentials."]
    lines += assignment("CLIENT_ID", draft.variables[0])
    return lines + (assignment("CLIENT_SECRET", draft.variables[1]) if draft.secret != "none" else [])


def _class(draft: Draft) -> list[str]:
    lines = [f"class {draft.class_name}(AuthProvider):", f'    """{draft.shown}.', "", f"    {NO_PKCE}"]
    if pages := sources(draft):
        lines += ["", *(f"    {line}" for line in pages)]
    lines += ['    """', "", f"    name = {text_literal(draft.name)}"]
    own = [fact for fact in FOR_GUMAUTH if fact in draft.facts]
    if own:
        lines += ["", "    # Read by gumauth, which runs this file too, and by nobody else."]
        lines += [line for fact in own for line in assignment(fact, draft.facts[fact], indent=INDENT)]
    methods = [_get_url, _exchange, _refresh, _get_nickname, *([_revoke] if revokes(draft) else [])]
    return [*lines, *(line for method in methods for line in ["", *method(draft)])]


def _method(signature: str, doc: str, body: list[str]) -> list[str]:
    return [f"    {signature}:", f'        """{doc}"""', *(f"        {line}" for line in body)]


def _get_url(draft: Draft) -> list[str]:
    query = [
        f"{text_literal(draft['client_id_param'])}: os.environ[CLIENT_ID],",
        '"redirect_uri": redirect_uri,',
        '"response_type": "code",',
        *([f"{text_literal(draft['scope_param'])}: SCOPE,"] if draft["scopes"] else []),
        *_resource(draft),
        *([f'"response_mode": {text_literal(draft["response_mode"])},'] if draft["response_mode"] else []),
        '"state": state,',
        *(["**AUTHORIZE_PARAMETERS,"] if draft["authorize_params"] else []),
    ]
    mark = "&" if "?" in draft["authorize_url"] else "?"
    return _method(
        "def get_url(self, redirect_uri: str, state: str) -> str",
        "The address of the page at which a person consents.",
        [
            "query = {",
            *(f"    {line}" for line in query),
            "}",
            f'return f"{{AUTHORIZE_URL}}{mark}{{urlencode(query, quote_via=quote)}}"',
        ],
    )


def _resource(draft: Draft) -> list[str]:
    return ['"resource": RESOURCE,'] if draft["resource"] else []


def _exchange(draft: Draft) -> list[str]:
    fields = [
        '"grant_type": "authorization_code",',
        '"code": code,',
        '"redirect_uri": redirect_uri,',
        *_resource(draft),
        *(["**TOKEN_PARAMETERS,"] if draft["token_params"] else []),
    ]
    return _method(
        "async def exchange(self, code: str, redirect_uri: str) -> TokenResponse",
        "The tokens for a code.",
        ["fields = {", *(f"    {line}" for line in fields), "}", "return await _tokens(TOKEN_URL, fields)"],
    )


def _refresh(draft: Draft) -> list[str]:
    fields = [
        '"grant_type": "refresh_token",',
        '"refresh_token": refresh_token,',
        *_resource(draft),
        *(["**REFRESH_PARAMETERS,"] if draft["refresh_params"] else []),
    ]
    url = "REFRESH_URL" if draft["refresh_url"] else "TOKEN_URL"
    return _method(
        "async def refresh(self, refresh_token: str) -> TokenResponse",
        "New tokens; the refresh token stays where the service sends no new one.",
        [
            "fields = {",
            *(f"    {line}" for line in fields),
            "}",
            f"return await _tokens({url}, fields, kept=refresh_token)",
        ],
    )


def _get_nickname(draft: Draft) -> list[str]:
    signature = "async def get_nickname(self, access_token: str) -> str"
    if not draft["nickname_url"]:
        return _method(signature, "The service's name: it has no address that tells whose account it is.", [
            "del access_token",
            "return SERVICE",
        ])  # fmt: skip
    headers = {**draft["nickname_headers"]}
    shared = {**draft["token_headers"]}
    own = {name: value for name, value in headers.items() if shared.get(name) != value}
    method, body = text_literal(draft["nickname_method"]), ", json=USERINFO_BODY" if draft["nickname_body"] else ""
    lines = [
        "headers = {",
        f"    {presented(draft)},",
        *members(own, "    "),
        "}",
        *_call("response = await _send(", f"{method}, USERINFO_URL, headers=headers{body}"),
        "members = _members(response)",
    ]
    found = (BY_MEMBER if _has_members_alone(draft) else BY_PATH).rstrip("\n").split("\n")
    return [*_method(signature, "The account's name: an e-mail, a user name or an organisation.", lines), *found]


def _call(start: str, arguments: str) -> list[str]:
    """A call in a method's body, on one line if that is not too long."""
    one = f"{start}{arguments})"
    return [one] if len(one) + 8 <= WIDTH else [start, f"    {arguments}", ")"]


def _revoke(draft: Draft) -> list[str]:
    return _method(
        "async def revoke(self, access_token: str) -> bool",
        "End the access token; whether the service has ended it.",
        revocation(draft),
    )


def _tokens(draft: Draft) -> str:
    return _text([*_tokens_lines(draft)])


def _tokens_lines(draft: Draft) -> Iterator[str]:
    yield "async def _tokens("
    yield "    url: str, fields: dict[str, str], kept: str | None = None"
    yield ") -> TokenResponse:"
    yield '    """The tokens in the answer to a request.'
    yield ""
    yield "    Args:"
    yield "        url: The token endpoint."
    yield "        fields: Of the body, without the client's."
    yield "        kept: The refresh token that stays if none comes."
    yield '    """'
    yield '    members = _members(await _send("POST", url, **_as_client(fields)))'
    if draft["tokens_path"]:
        yield "    inside = _at(members, TOKENS_PATH)"
        yield "    members = inside if isinstance(inside, dict) else members"
    yield '    refresh_token = members.get("refresh_token")'
    yield "    if not isinstance(refresh_token, str) or not refresh_token:"
    yield "        refresh_token = kept"
    yield "    return TokenResponse("
    yield '        access_token=members["access_token"],'
    yield "        refresh_token=refresh_token,"
    lifetime = f" or {draft['assumed_lifetime']}" if draft["assumed_lifetime"] else ""
    yield f'        expires_in=_seconds(members.get("expires_in")){lifetime},'
    yield '        scope=_scopes(members.get("scope")),'
    yield "    )"
