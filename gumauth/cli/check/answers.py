"""What the service answers beyond the standard: the shapes that a file reads out of answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PERSON = "ada@example.com"


@dataclass
class Answers:
    """The bodies of the service's good answers.

    Args:
        userinfo: What an endpoint answers that tells whose a token is.
        token: Members beside the standard ones of a token response.
    """

    userinfo: Any = field(
        default_factory=lambda: {"email": PERSON, "sub": "1815", "id": "1815", "name": "Ada Lovelace"}
    )
    token: dict[str, Any] = field(default_factory=dict)
