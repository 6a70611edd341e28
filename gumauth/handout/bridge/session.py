"""A session at an MCP server, as a value, and the header fields of a message in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from gumauth.handout.bridge import headers
from gumauth.handout.bridge.frames import Message


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session.

    Args:
        number: Counts the sessions of one bridge.
        id: That the server gave; None where it keeps none, or before it was opened.
        version: The revision of the protocol that was negotiated.
        post_url: Where messages go in the older transport; None for the server's own address.
    """

    number: int = 0
    id: str | None = field(default=None, repr=False)
    version: str | None = None
    post_url: str | None = None

    def fields(self) -> dict[str, str]:
        """The header fields of every request of the session."""
        return headers.of_session(self.id, self.version)

    def fields_for(self, message: Message, mirrored: headers.Mirrored) -> dict[str, str]:
        """The header fields of a message; of one that names its revision itself, that revision's.

        Args:
            message: Of the client.
            mirrored: What the server's tools want to see in header fields.
        """
        fields = {"Accept": headers.ACCEPT, "Content-Type": "application/json"}
        part = message.only
        if part is not None and part.revision is not None:
            return fields | headers.of_request(part, part.revision, mirrored)
        return fields | self.fields()


def names_revision(message: Message) -> bool:
    """Whether a message belongs to no session, because it names the revision of the protocol itself."""
    return message.only is not None and message.only.revision is not None
