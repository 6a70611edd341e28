"""The parts of a file for Gumstack that differ from service to service: what requests carry. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.literals import text_literal

PLACEHOLDERS = {"{client_id}": "os.environ[CLIENT_ID]", "{client_secret}": "os.environ[CLIENT_SECRET]"}
"""What stands in facts for the client's credentials → the expression for it."""

BODIES = {"form": "data", "json": "json"}
"""The encoding of a body → the argument of httpx."""


def as_client(draft: Draft) -> list[str]:
    """The function that adds the client's credentials to the fields of a request."""
    doc = {
        "none": "A request's body with the client's id, which is all that the service wants.",
        "optional": "A request's parts with the client's id, and its secret if it has one.",
        "needed": "A request's parts with the client's id and secret.",
    }[draft.secret]
    by = _by_basic if draft["client_auth"] == "basic" else _by_body
    return [
        "def _as_client(fields: dict[str, str]) -> dict[str, Any]:",
        f'    """{doc}"""',
        *(f"    {line}" for line in by(draft, BODIES[draft["token_encoding"]])),
    ]


def _by_body(draft: Draft, body: str) -> list[str]:
    id_name = text_literal(draft["client_id_param"])
    lines = [f"client = {{{id_name}: os.environ[CLIENT_ID]}}"]
    if draft.secret == "needed":
        lines.append('client["client_secret"] = os.environ[CLIENT_SECRET]')
    if draft.secret == "optional":
        lines += ["if secret := os.environ.get(CLIENT_SECRET):", '    client["client_secret"] = secret']
    return [*lines, f'return {{"{body}": {{**fields, **client}}}}']


def _by_basic(draft: Draft, body: str) -> list[str]:
    id_name = text_literal(draft["client_id_param"])
    pair = "client_id, secret" if draft["basic_raw"] else "quote_plus(client_id), quote_plus(secret)"
    lines = ["client_id = os.environ[CLIENT_ID]"]
    if draft["basic_empty_secret"]:
        lines.append('secret = os.environ.get(CLIENT_SECRET, "")')
    elif draft.secret == "optional":
        lines += [
            "secret = os.environ.get(CLIENT_SECRET)",
            "if not secret:",
            f'    return {{"{body}": {{**fields, {id_name}: client_id}}}}',
        ]
    else:
        lines.append("secret = os.environ[CLIENT_SECRET]")
    if draft["client_id_in_body"]:
        lines.append(f"fields = {{**fields, {id_name}: client_id}}")
    return [*lines, f"basic = httpx.BasicAuth({pair})", f'return {{"{body}": fields, "auth": basic}}']


def template(text: str) -> str:
    """The expression for a text that may have {client_id} and {client_secret} in it."""
    if text in PLACEHOLDERS:
        return PLACEHOLDERS[text]
    replaced = [f".replace({text_literal(mark)}, {value})" for mark, value in PLACEHOLDERS.items() if mark in text]
    return text_literal(text) + "".join(replaced)


def members(texts: Mapping[str, str], indent: str) -> list[str]:
    """The lines of a dictionary's members."""
    return [f"{indent}{text_literal(name)}: {template(text)}," for name, text in texts.items()]


def presented(draft: Draft) -> str:
    """The member of a dictionary of headers that carries the access token."""
    header, scheme = draft["token_header"], draft["token_scheme"]
    usual = header.lower() == "authorization"
    return f"{text_literal(header)}: " + (f'f"{scheme} {{access_token}}"' if usual else "access_token")


def revocation(draft: Draft) -> list[str]:
    """The body of `revoke`, but for its docstring: the request, and what is made of its answer."""
    member, indent = draft["revoke_fields"]["access_token"], " " * 4
    fields = [f"{indent}{text_literal(member)}: access_token,"] if member else []
    fields += [f'{indent}"token_type_hint": "access_token",'] if member == "token" else []
    fields += members(draft["revoke_params"], indent)
    url = "REVOKE_URL"
    lines = ["fields: dict[str, str] = {", *fields, "}"] if fields else []
    if "{client_id}" in draft["revoke_url"]:
        lines.append('url = REVOKE_URL.replace("{client_id}", quote(os.environ[CLIENT_ID], safe=""))')
        url = "url"
    own, arguments = _authenticated(draft, has_fields=bool(fields))
    return [
        *lines,
        *own,
        f"response = await _send({text_literal(draft['revoke_method'])}, {url}{arguments})",
        "response.raise_for_status()",
        "members = _json(response)",
        'return not (isinstance(members, dict) and members.get("error"))',
    ]


def _authenticated(draft: Draft, *, has_fields: bool) -> tuple[list[str], str]:
    """How a revocation is authenticated: lines before the request, and its further arguments."""
    lines, body = [], BODIES[draft["revoke_encoding"]]
    headers = members(draft["revoke_headers"], " " * 4)
    method = draft["revoke_auth"]
    if method == "bearer":
        headers.insert(0, f"    {presented(draft)},")
    arguments = f", {body}=fields" if has_fields else ""
    if method == "client":
        lines.append(f"request = _as_client({'fields' if has_fields else '{}'})")
        if draft["revoke_encoding"] != draft["token_encoding"]:
            lines.append(f'request["{body}"] = request.pop("{BODIES[draft["token_encoding"]]}")')
        arguments = ", **request"
    elif method == "basic":
        lines.append("basic = httpx.BasicAuth(os.environ[CLIENT_ID], os.environ[CLIENT_SECRET])")
        arguments += ", auth=basic"
    if headers:
        lines += ["headers = {", *headers, "}"]
        arguments = f", headers=headers{arguments}"
    return lines, arguments
