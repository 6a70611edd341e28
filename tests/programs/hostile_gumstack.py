"""The same misbehaviours met by a provider file as people write one for Gumstack, whatever it makes of an answer."""

from __future__ import annotations

from functools import partial
from itertools import cycle

from gumauth.testing import Fault
from tests.client.gumstack_world import REFRESHES
from tests.programs.hostile_scene import WITHIN
from tests.programs.hostile_trials import (
    Trial,
    alive_after_revoke,
    dead_at_refresh,
    nameless,
    refused_at_connect,
    refused_at_refresh,
)
from tests.programs.hostile_words import DEAD_WORDS, OTHER_WORDS, WAITS, json_of, text_of, waits

PASSING = {
    "captive portal": Fault.captive_portal(),
    "portal with 511": Fault.content(b"<html>Sign in", status=511, content_type="text/html"),
    "503": Fault.status(503),
    "HTML with 502": Fault.content(b"<html>Bad gateway", status=502, content_type="text/html"),
    "429 with Retry-After": Fault.status(429, retry_after=7),
    "temporarily_unavailable with 200": json_of({"error": "temporarily_unavailable"}, 200),
    "reset": Fault.reset(),
}
REFUSED = {
    "invalid_client": (json_of({"error": "invalid_client", "error_description": "No such app"}, 401), "No such app"),
    "an error with 200": (json_of({"error": "e42", "error_description": "No such app"}, 200), "No such app"),
    "a text": (text_of("No such app", 403), "No such app"),
    "nothing with 400": (Fault.content(b"", status=400), "without saying why"),
    "nothing": (Fault.content(b""), "answered with nothing"),
    "a web page with 404": (Fault.content(b"<html>", status=404, content_type="text/html"), "status 404"),
}
UNSAID = {
    "403": json_of({"detail": "No scope for profiles"}, 403),
    "an error with 200": json_of({"error": "no_profile"}, 200),
    "captive portal": Fault.captive_portal(),
}
UNREVOKED = {"503": (Fault.status(503), 5), "invalid_client": (Fault.error("invalid_client", status=401), 1)}

QUICK = ("token_revoked with 200, and the file indexes", "captive portal, and the file gets")


def trials() -> list[Trial]:
    """Every one; each answer is met by a file that makes something else of it."""
    kinds = cycle(REFRESHES)
    return [
        *(
            _trial("F15", "token", name, partial(dead_at_refresh, fault), file)
            for (name, fault), file in zip(DEAD_WORDS.items(), kinds, strict=False)
        ),
        *(
            _trial("F15", "refresh", f"words {name}", partial(refused_at_refresh, fault, status), file)
            for (name, (fault, status)), file in zip(OTHER_WORDS.items(), kinds, strict=False)
        ),
        *(
            _trial("R7", "refresh", name, partial(refused_at_refresh, fault, 5), file)
            for name, fault in PASSING.items()
            for file in ("indexes", "gets", "raises what it likes")
        ),
        *(
            _trial("F10", "connect", name, partial(refused_at_connect, fault, 1, says), "indexes")
            for name, (fault, says) in REFUSED.items()
        ),
        *(
            _trial("F16", "token", f"seven seconds by {name}", partial(waits, fault), "gets")
            for name, fault in WAITS.items()
        ),
        *(_trial("F10", "nickname", name, partial(nameless, fault, WITHIN), "gets") for name, fault in UNSAID.items()),
        *(
            _trial("R7", "disconnect", name, partial(alive_after_revoke, fault, status), "gets")
            for name, (fault, status) in UNREVOKED.items()
        ),
    ]


def _trial(line: str, kind: str, name: str, play: partial[None], file: str) -> Trial:
    """A trial with a file whose `refresh` does so."""
    named = f"{name}, and the file {file}"
    return Trial(line=line, kind=f"Gumstack {kind}", name=named, play=play, gumstack=file, quick=named in QUICK)
