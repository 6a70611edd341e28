"""MCP clients that run a helper for their headers: one JSON object of strings."""

from __future__ import annotations

from gumauth.client.token import one_word
from gumauth.errors import UsageError
from gumauth.handout.programs.asked import Asked
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.record import Record


def answer(asked: Asked) -> str:
    """The headers of a request to the account's MCP server.

    Raises:
        UsageError: An id_token is asked for.
        GumauthError: As `gumauth token`.
    """
    if asked.id_token:
        raise UsageError("No MCP server takes an id_token.", hint="Leave --id-token away.")
    _, record = asked.token()
    return headers(record)


def headers(record: Record) -> str:
    """The JSON object with the Authorization header. Secret.

    Args:
        record: Holds the token.

    Raises:
        GumauthError: No header may hold the token.
    """
    return dumps({"Authorization": f"{one_word(record.scheme)} {one_word(record.access_token)}"})
