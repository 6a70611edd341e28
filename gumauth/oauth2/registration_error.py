"""A refused registration, in words. Pure. Source: RFC 7591 §3.2.2."""

from __future__ import annotations

import re
from dataclasses import replace

from gumauth.errors import GumauthError, RegistrationError, Temporary
from gumauth.oauth2.error_meaning import is_passing
from gumauth.oauth2.error_members import members_of
from gumauth.oauth2.error_response import LONGEST_CODE, error_of
from gumauth.oauth2.response import Response
from gumauth.oauth2.secret_fields import is_secret
from gumauth.platform.text import one_line, without_secrets

HINT = "Register an app of your own there, and enter its client id with `gumauth setup` and the service's name."

CLOSED = (401, 403)
"""Statuses of a registration that is not open to everybody. Source: RFC 7591 §3."""

ALLOWED_ONLY = re.compile(
    r"(?i)(?:allow|white|safe)[ _-]?list|not (?:been )?(?:pre-?)?(?:allowed|approved|authori[sz]ed|permitted)"
    r"|(?:approved|allowed|known|trusted|verified) (?:\w+ )?(?:clients?|partners?|apps?|applications?)|initial.access"
)
"""Words of a server that registers only the clients on a list of its own."""

REDIRECT = re.compile(r"(?i)redirect[ _-]?ur[il]")

QUOTED, LONGEST_TEXT = 160, 4000
"""Characters of a body that an error quotes, and of the part of it that is looked at."""


def refusal(response: Response, *, speaker: str) -> GumauthError:
    """The error that the response to a registration request means. Promises M17, M28, M44.

    Args:
        response: An error response, of any form.
        speaker: What the message calls the server.

    Returns:
        Temporary, or a RegistrationError with the server's own code.
    """
    known = error_of(response, speaker=speaker)
    if not isinstance(known, Temporary) and is_passing(response.status):
        known = error_of(replace(response, body=b""), speaker=speaker)
    if isinstance(known, Temporary):
        return known
    words = _words(response)
    said = f" and said: {words}" if words else ""
    if response.status in CLOSED or ALLOWED_ONLY.search(words):
        message = f"{speaker} registers only clients on its own allow-list; it answered with status {response.status}"
    elif response.ok or 300 <= response.status < 400:
        message = f"{speaker} did not answer with a registration, but with status {response.status}"
    else:
        message = f"{speaker} does not register gumauth; it answered with status {response.status}"
    code = members_of(response).code
    return RegistrationError(f"{message}{said}.", hint=HINT, error=code and one_line(code, LONGEST_CODE))


def is_about_redirects(error: RegistrationError) -> bool:
    """Whether a refusal complains of the redirect URIs, by its code or in its words."""
    return REDIRECT.search(f"{error.error or ''} {error.message}") is not None


def _words(response: Response) -> str:
    """What the server said, as one line: the members of an error, else the text of the body. Promise M17."""
    found = members_of(response)
    said = ": ".join(part for part in (found.code, found.reason) if part)
    if not said:
        body = response.body[:LONGEST_TEXT].decode("utf-8-sig", errors="replace")
        said = re.sub(r"<(?:style|script)\b[^<]*|<[^<>]*(?:>|$)", " ", body)
    data = response.fields()  # of a client that is there already, some servers send the secrets with the refusal
    secrets = [value for name, value in data.items() if isinstance(value, str) and value and is_secret(name)]
    return one_line(without_secrets(said, secrets), QUOTED).rstrip(".")
