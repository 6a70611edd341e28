"""Values that calls need beside the token, such as an instance's URL or a company's id. Pure.

Source: Salesforce's `instance_url` in the token response, Intuit's `realmId` in the callback, Pipedrive's `api_domain`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gumauth.oauth2.response import at
from gumauth.oauth2.traits import Traits

LONGEST = 2000
"""Characters of a value."""


def found(answer: object, paths: Iterable[str]) -> dict[str, str]:
    """The values at dotted paths of decoded JSON, by path; paths without a value are left out."""
    return kept({path: at(answer, path) for path in paths})


def kept(values: object, secrets: Collection[str] = ()) -> dict[str, str]:
    """The values of a mapping that can be kept and printed, by name: short printable texts and whole numbers.

    Args:
        values: As the provider sent them.
        secrets: The code and the tokens, which are left out whatever the facts name.
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
    """A sentence that names the values that did not come; empty where all did."""
    missing = [name for name in (*traits.callback_extras, *traits.token_extras) if name not in extras]
    return [f"{shown} did not give {', '.join(missing)}, which calls need beside the token."] if missing else []
