"""The device authorization response: the codes of a connect on a machine without a browser. Pure. Source: RFC 8628."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field

from gumauth.errors import GumauthError, TokenEndpointError
from gumauth.oauth2.error_meaning import is_code
from gumauth.oauth2.error_response import CLIENT_HINT, error_of, is_error_response
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.response import Response
from gumauth.oauth2.token_response import token_fault
from gumauth.oauth2.traits import traits_of
from gumauth.oauth2.urls import safe_url

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
"""Source: RFC 8628 §3.4."""

USUAL_INTERVAL = 5.0
"""Seconds between polls where the service does not say. Source: RFC 8628 §3.2."""

LONGEST_INTERVAL = 300.0
"""Seconds; a code does not live as long as two of a longer interval."""

LONGEST_CODE = 100
"""Characters of a code that a person is to type."""

NOT_ALLOWED = ("unauthorized_client", "device_flow_disabled", "unsupported_grant_type")
"""Error codes of an app that may not use the grant. Source: RFC 6749 §5.2; GitHub."""

NOT_FOUND = 404
"""The status for an unknown client id at GitHub."""


@dataclass(frozen=True, kw_only=True)
class DeviceAuthorization:
    """A device authorization response: what the person is shown, and what the polls need.

    Args:
        device_code: Secret.
        user_code: What the person types, as it came; of use only while this program polls.
        verification_uri: Where the person types it; may be opened in a browser.
        verification_uri_complete: The same with the code in it; None where the service has no such address.
        expires_in: Seconds that the codes live; infinite where the service does not say.
        interval: Seconds between polls.
    """

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    verification_uri_complete: str | None = None
    expires_in: float = math.inf
    interval: float = USUAL_INTERVAL


def parse(response: Response, facts: Facts, *, speaker: str, secrets: Collection[str] = ()) -> DeviceAuthorization:
    """The codes and addresses in a device authorization response. Promise V1.

    Args:
        response: Of the device authorization endpoint.
        facts: The service's own words for errors.
        speaker: The endpoint, to begin a sentence with: "GitHub's device endpoint".
        secrets: Those that were sent, which an error does not repeat.

    Raises:
        Temporary: The server is in trouble, or a captive portal answered.
        TokenEndpointError: An error response, or no device authorization response.

    Source: RFC 8628 §3.2; Google writes `verification_url`.
    """
    fields = response.fields()
    if is_error_response(response):
        raise advised(error_of(response, speaker=speaker, secrets=secrets, traits=traits_of(facts)), response)
    fault = token_fault(fields.get("device_code"))
    if fault:
        raise TokenEndpointError(f"{speaker} gave no device code: it is {fault}.")
    complete = fields.get("verification_uri_complete") or fields.get("verification_url_complete")
    return DeviceAuthorization(
        device_code=fields["device_code"],
        user_code=_user_code(fields.get("user_code"), speaker),
        verification_uri=_address(fields.get("verification_uri") or fields.get("verification_url"), facts, speaker),
        verification_uri_complete=_address_or_none(complete, facts),
        expires_in=_number(fields.get("expires_in")) or math.inf,
        interval=interval_of(fields.get("interval")) or USUAL_INTERVAL,
    )


def advised(error: GumauthError, response: Response) -> GumauthError:
    """The error, with the setting of the app that it is probably about in its hint."""
    if isinstance(error, TokenEndpointError) and is_code(error.error, NOT_ALLOWED):
        error.hint = "Allow the device flow in the app's settings at the provider."
    elif isinstance(error, TokenEndpointError) and response.status == NOT_FOUND:
        error.hint = CLIENT_HINT
    return error


def _user_code(value: object, speaker: str) -> str:
    code = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(code, str) or not code.strip() or not code.isprintable() or len(code) > LONGEST_CODE:
        raise TokenEndpointError(f"{speaker} gave no code that a person could type.")
    return code


def _address(value: object, facts: Facts, speaker: str) -> str:
    if not isinstance(value, str) or not value:
        raise TokenEndpointError(f"{speaker} gave no address at which to enter the code.")
    try:
        return _opened(value, facts)
    except GumauthError as error:
        raise TokenEndpointError(f"{speaker} gave no good address for the code. {error.message}") from error


def _address_or_none(value: object, facts: Facts) -> str | None:
    try:
        return _opened(value, facts) if isinstance(value, str) and value else None
    except GumauthError:
        return None


def _opened(value: str, facts: Facts) -> str:
    """An address for a browser: from a public service none in a private network, where it could change something."""
    from gumauth.oauth2.discovery.addresses import fault

    url = safe_url(value)
    reason = fault(facts.device_url, url) if facts.device_url else None
    if reason is not None:
        raise TokenEndpointError(f"The provider's URL is not opened: it {reason}.")
    return url


def interval_of(value: object) -> float | None:
    """Seconds between polls; None for a value that cannot be meant."""
    seconds = _number(value)
    return seconds if seconds is not None and 1 <= seconds <= LONGEST_INTERVAL else None


def _number(value: object) -> float | None:
    """A positive number, also where it is sent as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < math.inf else None
