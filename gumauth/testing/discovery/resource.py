"""A protected resource of the server: where it is, what it says about itself, which scopes it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from gumauth.testing.discovery.challenge import Form

WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Resource:
    """A protected resource, as an MCP server is one; every attribute may be set at any time.

    Args:
        origin: The server's origin, without a slash at its end.
        path: Begins with a slash; empty for the root.

    Source: RFC 9728.
    """

    def __init__(self, origin: str, path: str = "/mcp") -> None:
        self._origin = origin
        self.path: str = path
        """Where it is; empty for the root."""
        self.place: Literal["path", "root", "elsewhere", "none"] = "path"
        """Where its metadata are: by its path, at the root, at a URL that only the challenge names, or nowhere."""
        self.scopes_required: tuple[str, ...] = ("read",)
        """The scopes that a token must have for every request."""
        self.method_scopes: dict[str, tuple[str, ...]] = {}
        """Further scopes by JSON-RPC method, such as `{"tools/call": ("write",)}`."""
        self.open_methods: tuple[str, ...] = ()
        """JSON-RPC methods that are answered without a token, such as "initialize"."""
        self.challenge: Form = "quoted"
        """The form of the `WWW-Authenticate` header; "missing" for none."""
        self.challenge_metadata: bool | str = True
        """Whether the challenge names the metadata document; a text is a URL that it names in its place."""
        self.challenge_scope: bool = True
        """Whether the challenge names the scopes that are needed."""
        self.overrides: dict[str, object] = {}
        """Members of the metadata document in place of the usual ones; None is sent as null.

        A token has to be issued for `overrides["resource"]`, where that is a text.
        """
        self.without: tuple[str, ...] = ()
        """Members that the metadata document lacks."""

    @property
    def url(self) -> str:
        """The address that a person gives to a client."""
        return self._origin + self.path

    @property
    def identifier(self) -> str:
        """The member `resource` of its metadata: the resource that tokens have to be issued for."""
        said = self.overrides.get("resource")
        return said if isinstance(said, str) else self.url

    @property
    def metadata_url(self) -> str:
        """Where the metadata document is; with the place "none", where it would be."""
        own = urlsplit(self.url).path.rstrip("/")
        paths = {"root": WELL_KNOWN, "elsewhere": f"/metadata{own}/resource.json"}
        return self._origin + paths.get(self.place, WELL_KNOWN + own)

    def is_at(self, path: str) -> bool:
        """Whether a request's path is that of this resource."""
        return path == (self.path or "/")

    def document(self, issuers: list[str]) -> dict[str, object]:
        """The metadata document.

        Args:
            issuers: The authorization servers that issue tokens for it.

        Source: RFC 9728 §2.
        """
        members: dict[str, object] = {
            "resource": self.url,
            "authorization_servers": issuers,
            "scopes_supported": ["read", "write"],
            "bearer_methods_supported": ["header"],
            "resource_name": "The strict resource",
            **self.overrides,
        }
        return {name: value for name, value in members.items() if name not in self.without}
