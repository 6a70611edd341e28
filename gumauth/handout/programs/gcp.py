"""Google's authentication libraries, for workload identity federation: an executable-sourced credential."""

from __future__ import annotations

from gumauth.client.context import Context
from gumauth.client.id_token import id_token
from gumauth.errors import GumauthError
from gumauth.handout.programs.asked import Asked
from gumauth.platform.json import dumps

ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"

SERVED = (None, "", ID_TOKEN, "urn:ietf:params:oauth:token-type:jwt")
"""The values of GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE for which an id_token is the answer."""


def answer(asked: Asked) -> str:
    """The credential, with the account's id_token.

    Nothing is said on standard error beside it, and nobody is asked: the libraries read both streams as one. On failure
    the exit status says so, and they show what stands on standard error. The audience that they name is the pool's;
    the pool itself compares the id_token's, which is the client's. The file that they name is theirs to write.

    Raises:
        GumauthError: Another type of token or a revocation is asked for; or as `gumauth token`.

    Source: https://google.aip.dev/auth/4117.
    """
    environ = asked.context.environ
    if environ.get("GOOGLE_EXTERNAL_ACCOUNT_REVOKE") == "1":
        raise GumauthError("gumauth revokes nothing for another program.", hint="Run `gumauth revoke` yourself.")
    if environ.get("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE") not in SERVED:
        raise GumauthError(
            "The credential configuration asks for another type of token than an id_token.",
            hint=f"Write {ID_TOKEN} as its `subject_token_type`.",
        )
    quiet = Context(environ, clock=asked.context.clock)
    found = id_token(quiet, asked.reference, min_valid=asked.min_valid)
    fields = {"version": 1, "success": True, "token_type": ID_TOKEN, "id_token": found.value}
    return dumps({**fields, "expiration_time": int(found.ends)})
