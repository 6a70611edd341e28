"""Provider files for the server, as a person would write them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class Site(Protocol):
    """An authorization server, this one or another, with its addresses."""

    @property
    def issuer(self) -> str:
        """Its identifier (RFC 9207)."""
        ...

    @property
    def authorize_url(self) -> str:
        """The authorization endpoint."""
        ...

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        ...

    @property
    def revoke_url(self) -> str:
        """The revocation endpoint."""
        ...

    @property
    def userinfo_url(self) -> str:
        """Where JSON with `email` says who consented."""
        ...


def facts(server: Site) -> dict[str, object]:
    """The class attributes of an `OAuth2Provider` for the server: endpoints, issuer, and the nickname's path."""
    return {
        "authorize_url": server.authorize_url,
        "token_url": server.token_url,
        "revoke_url": server.revoke_url,
        "nickname_url": server.userinfo_url,
        "nickname_paths": ("email",),
        "issuer": server.issuer,
    }


def write_provider(server: Site, folder: str | Path, *, name: str = "acme", **attributes: object) -> Path:
    """A provider file for the server, to be given to `gumauth connect`.

    The client that the variables name has to be registered with the server, with the provider's redirect URI: that
    is http://localhost:4862/callback unless `attributes` say otherwise. Without `public_client=True` the client has a
    secret. The server has to run for as long as the file is used.

    Args:
        server: The server that the provider file names.
        folder: Gets the file, as `<name>.py`; only the file's owner can write it.
        name: The provider's name; its client is read from `<NAME>_CLIENT_ID` and `<NAME>_CLIENT_SECRET`.
        attributes: More attributes of the class, or other values for those of `facts`; anything that has a literal.

    Returns:
        The file's path.
    """
    members = {"name": name, **facts(server), **attributes}
    lines = [f"    {attribute} = {value!r}" for attribute, value in members.items()]
    head = ["from gumauth import OAuth2Provider", "", "", "class Provider(OAuth2Provider):"]
    path = Path(folder) / f"{name}.py"
    path.touch(mode=0o600)
    os.chmod(path, 0o600)
    path.write_text("\n".join([*head, *lines, ""]), encoding="utf-8")
    return path
