"""The authorization request that is sent to the service first, and named by a reference in the URL. Pure. RFC 9126."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from urllib.parse import parse_qsl, urlsplit

from gumauth.errors import ProviderCodeError, TokenEndpointError
from gumauth.oauth2.error_response import error_of, is_error_response, undecided
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.response import Response
from gumauth.oauth2.traits import traits_of

LONGEST = 2048
"""Characters of a reference, which goes into a URL."""


def parameters_of(url: str) -> dict[str, str]:
    """The parameters of an authorization request's URL, for the body of a request. Source: RFC 9126 §2.1.

    Raises:
        ProviderCodeError: A parameter stands in the URL twice. Source: RFC 6749 §3.1.
    """
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise ProviderCodeError(
            f"The provider sets `{twice[0]}` twice in its authorization URL.",
            hint="Set it once, in authorize_params or authorize_url in the provider's file.",
        )
    return dict(pairs)


def reference_in(response: Response, facts: Facts, *, speaker: str, secrets: Collection[str] = ()) -> str:
    """The `request_uri` that stands for the request from now on, for a minute or so and one use.

    Args:
        response: Of the endpoint that takes pushed requests.
        facts: For the service's own words in errors.
        speaker: The endpoint, to begin a sentence with.
        secrets: What was sent and no error may repeat.

    Raises:
        Temporary: The server is in trouble.
        TokenEndpointError: An error response, as at the token endpoint, or no reference that a URL can hold.

    Source: RFC 9126 §2.2 and §2.3.
    """
    if is_error_response(response):
        error = error_of(response, speaker=speaker, secrets=secrets, traits=traits_of(facts))
        raise undecided(error, may_be_dead=False)
    reference = response.fields().get("request_uri")
    if isinstance(reference, str) and 0 < len(reference) <= LONGEST and _is_plain(reference):
        return reference
    raise TokenEndpointError(f"{speaker} took the request and gave no `request_uri` for it that a URL can hold.")


def _is_plain(reference: str) -> bool:
    return reference.isascii() and reference.isprintable() and " " not in reference
