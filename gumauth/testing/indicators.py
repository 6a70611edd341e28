"""Resource indicators: the resource that a request names, and that its tokens are good for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gumauth.testing.messages import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gumauth.testing.settings import Settings


class Indicators:
    """Reads the parameter `resource` by the server's settings.

    Args:
        settings: Read for every request: `resource_parameter`, `resource_exact`.

    Source: RFC 8707 §2.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: list[Callable[[], Collection[str]]] = []

    def issue_for(self, identifiers: Callable[[], Collection[str]]) -> None:
        """Let `resource_exact` accept these identifiers of resources too."""
        self._known.append(identifiers)

    def of(self, parameters: Mapping[str, str]) -> str | None:
        """The resource that a request names, byte for byte; None where it names none, or where that is ignored.

        Raises:
            OAuthError: `invalid_target`; it is missing, unwanted, no absolute URI, or not one of the server's.
        """
        habit, resource = self._settings.resource_parameter, parameters.get("resource")
        if habit == "ignored":
            return None
        if resource is None:
            if habit == "required":
                raise OAuthError("invalid_target", "there is no resource")
            return None
        if habit == "refused":
            raise OAuthError("invalid_target", "the parameter resource is not supported")
        _check(resource)
        if self._settings.resource_exact and not any(resource in known() for known in self._known):
            raise OAuthError("invalid_target", f"{resource!r} is no resource of this server")
        return resource

    def good(self, issued_for: str | None, resource: str) -> bool:
        """Whether a token that was issued for one resource is good for another; always, without the parameter."""
        return self._settings.resource_parameter in ("ignored", "refused") or issued_for == resource


def named(parameters: Mapping[str, str]) -> dict[str, str]:
    """The resource of a request, whatever becomes of it, as a detail of an event; empty where it names none."""
    return {"resource": parameters["resource"]} if "resource" in parameters else {}


def _check(resource: str) -> None:
    try:
        parts = urlsplit(resource)
    except ValueError:
        raise OAuthError("invalid_target", "the resource is no URI") from None
    if not parts.scheme or not parts.netloc or "#" in resource:
        raise OAuthError("invalid_target", "the resource must be an absolute URI without a fragment")


def same(granted: str | None, asked: str | None) -> str | None:
    """The resource of a request at the token endpoint, which may repeat that of the grant, or say nothing.

    Raises:
        OAuthError: `invalid_target`; it names another.
    """
    if asked is not None and asked != granted:
        raise OAuthError("invalid_target", "the resource is not the one of the authorization request")
    return granted
