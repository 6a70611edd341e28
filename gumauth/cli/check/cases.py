"""The misbehaviours that a file is played against, as data: what the service does, and what has to come of it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal

from gumauth.cli.check.outcome import Endpoint
from gumauth.cli.check.service import leaves
from gumauth.cli.check.tokens_changed import with_other, without
from gumauth.testing import Fault
from gumauth.testing.messages import Response

Wants = Literal["tokens", "refusal", "dead", "passing", "no-name"]
"""What has to come of a misbehaviour: tokens all the same; an error; the error of a dead grant; the error of a failure
that passes; no invented name."""

ELSEWHERE = "elsewhere.example"
"""The host to which the service redirects."""

MADE_UP_NUMBER = 12345


@dataclass(frozen=True, kw_only=True)
class Case:
    """One misbehaviour at one endpoint.

    Args:
        id: As in a finding.
        endpoint: Where the service misbehaves.
        service: What it does, in words that follow "The service".
        fault: How.
        wants: What has to come of it.
        status: Of the answer.
        words: What an error that says what happened may repeat of the answer.
        always: Whether the service misbehaves at every request, not only once.
    """

    id: str
    endpoint: Endpoint
    service: str
    fault: Fault
    wants: Wants
    status: int = 200
    words: tuple[str, ...] = ()
    always: bool = False


def _refusal(case: str, endpoint: Endpoint, error: str, *, status: int, wants: Wants = "refusal") -> Case:
    said = "refuses" if wants != "dead" else "ends the grant"
    description = "It is not good any more"
    return Case(
        id=case,
        endpoint=endpoint,
        service="tells an error with status 200" if status == 200 else f"{said} ({status}, {error})",
        fault=Fault.error(error, status=status, description=description),
        wants=wants,
        status=status,
        words=(error, description),
        always=True,
    )


def _passing(case: str, endpoint: Endpoint, said: str, *, status: int, body: bytes, kind: str) -> Case:
    answer = Response(status=status, headers={"Content-Type": kind, "Retry-After": "1"}, body=body)
    fault = Fault(f"status {status}", lambda _: answer, done=False)
    return Case(
        id=case,
        endpoint=endpoint,
        service=f"{said} ({status})",
        fault=fault,
        wants="passing",
        status=status,
        always=True,
    )


def _odd(case: str, endpoint: Endpoint, service: str, fault: Fault, wants: Wants = "tokens") -> Case:
    return Case(id=case, endpoint=endpoint, service=service, fault=fault, wants=wants)


def of_tokens(endpoint: Endpoint) -> tuple[Case, ...]:
    """The cases at the token endpoint, in the order in which they are played.

    Args:
        endpoint: "token" for codes, "refresh" for refresh tokens.
    """
    page = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
    own = _OF_CODES if endpoint == "token" else _OF_REFRESH_TOKENS
    return (
        *own,
        _passing("429", endpoint, "is too busy", status=429, body=b'{"message":"slow down"}', kind="application/json"),
        _passing("503", endpoint, "is down", status=503, body=page, kind="text/html"),
        _odd("html", endpoint, "answers with a web page", Fault.captive_portal(), "refusal"),
        _odd("empty-body", endpoint, "answers with nothing", Fault.content(b""), "refusal"),
        _odd("missing-field", endpoint, "gives no access token", without("access_token"), "refusal"),
        _odd(
            "number-for-string",
            endpoint,
            "gives a number for an access token",
            with_other("access_token", MADE_UP_NUMBER),
            "refusal",
        ),
        _odd("string-for-number", endpoint, 'gives `expires_in` as the text "3600"', with_other("expires_in", "3600")),
        _odd("no-refresh-token", endpoint, "gives no refresh token", without("refresh_token")),
        _odd("token-type-case", endpoint, 'calls the type of the token "bearer"', with_other("token_type", "bearer")),
        _odd("scopes-list", endpoint, "gives the scopes as a list", with_other("scope", ["read", "write"])),
        *_of_any(endpoint),
    )


_OF_CODES = (
    _refusal("error-in-200", "token", "bad_verification_code", status=200),
    _refusal("status-ignored", "token", "invalid_grant", status=400),
    _refusal("denied", "token", "access_denied", status=403),
)
_OF_REFRESH_TOKENS = (
    _refusal("error-in-200", "refresh", "bad_refresh_token", status=200),
    _refusal("dead-grant", "refresh", "invalid_grant", status=401, wants="dead"),
    _refusal("dead-grant-400", "refresh", "invalid_grant", status=400, wants="dead"),
)


def _changed(name: str, change: Any) -> Fault:
    """The right answer, changed as JSON."""
    return Fault(
        name, lambda answer: dataclasses.replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())
    )


def without_leaves(value: Any) -> Any:
    """A value of JSON without its texts and numbers; objects and lists of objects stay."""
    if isinstance(value, dict):
        return {name: without_leaves(each) for name, each in value.items() if isinstance(each, dict | list)}
    return (
        [without_leaves(each) for each in value if isinstance(each, dict | list)] if isinstance(value, list) else value
    )


def of_nicknames() -> tuple[Case, ...]:
    """The cases where a nickname is read, in the order in which they are played."""
    no_leaves = _changed("name null", lambda value: leaves(value, lambda _: None))
    refused = _refusal("nickname-refused", "userinfo", "invalid_token", status=401)
    return (
        _odd("nickname-missing", "userinfo", "tells no name", _changed("no name", without_leaves), "no-name"),
        _odd("nickname-null", "userinfo", "tells null for a name", no_leaves, "no-name"),
        dataclasses.replace(refused, wants="no-name"),
        *_of_any("userinfo"),
    )


def _of_any(endpoint: Endpoint) -> tuple[Case, ...]:
    """The cases at every endpoint; the fault of a slow answer is made while it is played."""
    return _redirect(endpoint), _odd("slow", endpoint, "takes a moment to answer", Fault.slow(0))


def _redirect(endpoint: Endpoint) -> Case:
    """A redirect to another host, which would get the secrets of the request."""
    return Case(
        id="redirect",
        endpoint=endpoint,
        service="redirects to another host (307)",
        fault=Fault.redirect(f"https://{ELSEWHERE}/token"),
        wants="refusal",
        status=307,
    )
