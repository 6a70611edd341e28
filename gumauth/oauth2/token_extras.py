"""What calls need beside the token, as some services send it: an instance's URL, a company's id. Pure.

Source: Salesforce's `instance_url` in the token response, Intuit's `realmId` in the callback, Pipedrive's `api_domain`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gumauth.oauth2.response import at
from gumauth.oauth2.traits import Traits

LONGEST = 2000
"""Characters of a value."""


def found(answer: object, paths: Iterable[str]) -> dict[str, str]:
    """The values at dotted paths of an answer, by path; those that are not there are left out."""
    return kept({path: at(answer, path) for path in paths})


def kept(values: object, secrets: Collection[str] = ()) -> dict[str, str]:
    """Those of a mapping's values that can be kept and printed: short printable texts and whole numbers, by name.

    Args:
        values: What a provider said.
        secrets: What is never handed out, whatever the facts name: the code, the tokens.
    """
    if not isinstance(values, dict):
        return {}
    words = {name: _word(value) for name, value in values.items() if isinstance(name, str) and name.isprintable()}
    return {name: word for name, word in words.items() if word is not None and word not in secrets}


def _word(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and abs(value) >= 10**LONGEST:
        return None
    text = str(value)
    return text if 0 < len(text) <= LONGEST and text.isprintable() else None


def lacking(traits: Traits, extras: Mapping[str, str], shown: str) -> list[str]:
    """That something which calls need did not come, in a sentence; none where all did."""
    missing = [name for name in (*traits.callback_extras, *traits.token_extras) if name not in extras]
    return [f"{shown} did not give {', '.join(missing)}, which calls need beside the token."] if missing else []
