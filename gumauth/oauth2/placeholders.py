"""Names in braces in a fact, such as {client_id}: values stand there in a request. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def filled(texts: Mapping[str, str], values: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """The texts with values in place of names in braces. A value is asked for where its name stands in a text.

    Args:
        texts: Of a fact.
        values: For each name, what gives its value; perhaps secret.
    """
    return {name: _filled(text, values) for name, text in texts.items()}


def _filled(text: str, values: Mapping[str, Callable[[], str]]) -> str:
    import re

    def value(found: re.Match[str]) -> str:
        return values[found[1]]() if found[1] in values else found[0]

    return re.sub(r"\{(\w+)\}", value, text) if "{" in text else text
