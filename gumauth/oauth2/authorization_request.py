"""The URL at which a person is asked for consent. Pure. Source: RFC 6749 §4.1.1, RFC 7636 §4.3."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from gumauth.errors import ProviderCodeError

OURS = frozenset(
    {"client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method", "request"}
)
"""What no provider's own parameter may set; with `request` (RFC 9101) all the others could be."""


def build(url: str, ours: Mapping[str, str], extra: Mapping[str, str]) -> str:
    """A URL with the parameters of the flow, the provider's own, and what its query held before.

    Args:
        url: May have a query, which is kept.
        ours: The flow's parameters.
        extra: The provider's own.

    Raises:
        ProviderCodeError: The provider's own, or the URL's, would replace one of the flow's.
    """
    parts = urlsplit(url)
    kept = [*parse_qsl(parts.query, keep_blank_values=True), *extra.items()]
    if clash := sorted(name for name, _ in kept if name in OURS or name in ours):
        raise ProviderCodeError(
            f"The provider may not set `{clash[0]}` in its authorization URL.",
            hint="Take it out of authorize_params and authorize_url in the provider's file.",
        )
    query = urlencode([*kept, *ours.items()], quote_via=quote)
    return urlunsplit(parts._replace(query=query, fragment=""))
