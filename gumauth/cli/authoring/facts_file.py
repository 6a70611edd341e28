"""The text of a provider file that is a class of facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gumauth.cli.authoring.draft import Draft, is_plain_url
from gumauth.cli.authoring.literals import INDENT, assignment, docstring
from gumauth.oauth2.facts import Facts

FIRST = (
    "name", "title", "kind", "docs_url", "register_url", "register_note", "register_redirect", "mcp_url",
    "token_variables", "authorize_url", "token_url", "former_token_urls", "device_url", "device_token_url",
    "device_scope_param", "device_public", "par_url", "refresh_url",
)  # fmt: skip
"""The facts that stand first, in the order of gumauth's own files; the others follow in the order of `Facts`."""

LAST = ("unverified",)

UNKNOWN_NAME = "# nickname_url: an address that says, for an access token, whose account it is"


def facts_file(draft: Draft) -> str:
    """The text of the file."""
    facts = {"name": draft.name, **{name: draft.facts[name] for name in _ordered(draft.facts)}}
    body = [line for name, value in facts.items() for line in _fact(name, value)]
    if draft["nickname_url"] is None:
        body.append(f"{INDENT}{UNKNOWN_NAME}")
    lines = [
        f'"""{_sentence(draft)}"""',
        "",
        "from __future__ import annotations",
        "",
        *_imports(facts),
        "",
        "",
        f"class {draft.class_name}(OAuth2Provider):",
        *docstring(_sentence(draft), sources(draft), INDENT),
        "",
        *body,
    ]
    return "\n".join([*lines, ""])


def _imports(facts: Mapping[str, Any]) -> list[str]:
    annotations = {_annotation(value) for value in facts.values()}
    lines = []
    if annotations - {""}:
        lines.append("from collections.abc import Mapping")
    if "Mapping[str, Any]" in annotations:
        lines.append("from typing import Any")
    return [*lines, *([""] if lines else []), "from gumauth import OAuth2Provider"]


def _ordered(facts: Mapping[str, Any]) -> list[str]:
    middle = [name for name in Facts.__annotations__ if name not in (*FIRST, *LAST)]
    return [name for name in (*FIRST, *middle, *LAST) if name in facts]


def _fact(name: str, value: Any) -> list[str]:
    return assignment(name, value, indent=INDENT, annotation=_annotation(value))


def _annotation(value: Any) -> str:
    """The type of a mapping, without which a reader could take the fact for one that may be changed."""
    if not isinstance(value, Mapping):
        return ""
    return f"Mapping[str, {'str' if all(isinstance(each, str) for each in value.values()) else 'Any'}]"


def _sentence(draft: Draft) -> str:
    return draft.shown if draft.shown.endswith((".", "!", "?")) else f"{draft.shown}."


def sources(draft: Draft) -> list[str]:
    """The lines of a docstring that name the pages with the facts; empty where there are none."""
    pages = [page for page in draft.pages if is_plain_url(page)]
    if not pages:
        return []
    first, *others = (f"{page}{'.' if at == len(pages) else ','}" for at, page in enumerate(pages, 1))
    return [f"Source: {first}", *others]
