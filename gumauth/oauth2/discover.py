"""Asks an address what service it is: the thin part of discovery, which sends; `discovery/` decides. Promises D1 to D3.

A place that answers with a 4xx, a page or something else that is no metadata is passed over. A place that cannot be
reached or answers with a 5xx is passed over too, but where no other place knows more, the error says to try again.

Source: RFC 9728 §3 and §5, RFC 8414 §3, OpenID Connect Discovery §4; the MCP authorization specification.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gumauth.errors import DiscoveryError, GumauthError, NetworkError, Temporary, TokenEndpointError
from gumauth.oauth2 import mcp
from gumauth.oauth2.discovery import addresses, documents
from gumauth.oauth2.discovery.challenge import Bearer, bearer
from gumauth.oauth2.discovery.documents import ResourceMetadata, ServerMetadata
from gumauth.oauth2.error_meaning import is_passing
from gumauth.oauth2.http import transport
from gumauth.oauth2.response import Response
from gumauth.platform.text import one_line, shell_word

T = TypeVar("T")

REDIRECTS = 3
"""Redirects that are followed, within one origin."""

DEADLINE = 30.0
"""Seconds for one request of discovery."""

UNAUTHORIZED = 401


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an address told.

    Args:
        url: The address; where it redirects within its origin, the address that answers.
        resource: The metadata of the protected resource; None where there is none.
        has_resource: Whether the address is a protected resource, also without metadata, and not an issuer.
        server: The metadata of the authorization server.
        challenged: The scopes of the challenge; None where it names none.
        notices: What the person should know, in sentences.
    """

    url: str
    resource: ResourceMetadata | None
    has_resource: bool
    server: ServerMetadata
    challenged: tuple[str, ...] | None = None
    notices: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Places:
    """The places that were asked so far without finding anything."""

    later: GumauthError | None = None
    odd: list[str] = field(default_factory=list)

    def pass_over(self, url: str, error: GumauthError | str) -> None:
        """Note why a place told nothing."""
        if isinstance(error, Temporary):
            self.later = self.later or error
        else:
            self.odd.append(f"{one_line(url, 200)}: {error.message if isinstance(error, GumauthError) else error}")


async def discover(url: str, *, issuer: str | None = None) -> Found:
    """What an address tells of its service.

    Args:
        url: As `addresses.read_address` gives it.
        issuer: The issuer that the person names; None for the one that the address names.

    Raises:
        DiscoveryError: The address tells nothing, or something that may not be believed.
        Temporary: It cannot be reached, or cannot answer now.
    """
    url, probe = await _probe(url)
    challenge = bearer(probe.challenges)
    if challenge is not None and challenge.needs_proof:
        raise DiscoveryError(
            f"{one_line(url, 300)} takes only tokens that are bound to a key (DPoP).",
            hint="gumauth does not do that yet.",
        )
    places = _Places()
    resource = await _resource(url, challenge, places)
    challenged = challenge.scopes if challenge else None
    if resource is not None and (issuer or resource.authorization_servers):
        server = await _server(issuer or resource.authorization_servers[0], asked_from=url)
        notices = _about_choice(resource, issuer)
        return Found(
            url=url, resource=resource, has_resource=True, server=server, challenged=challenged, notices=notices
        )
    if issuer is not None:
        server = await _server(issuer, asked_from=url)
        is_resource = not addresses.same_issuer(url, server.issuer)
        return Found(url=url, resource=resource, has_resource=is_resource, server=server, challenged=challenged)
    named = challenge.metadata_urls[:1] if challenge is not None and resource is None else ()
    found = await _without_resource(url, probe, places, named, is_resource=bool(resource or challenge))
    return replace(found, resource=resource, challenged=challenged)


async def server_of(issuer: str) -> ServerMetadata:
    """The metadata of a known issuer, read again.

    Raises:
        DiscoveryError: There is none, or it may not be believed.
        Temporary: It cannot be reached, or cannot answer now.
    """
    return await _server(issuer, asked_from=issuer)


async def _probe(url: str) -> tuple[str, Response]:
    """The address that answers, and its answer to a request without a token. Promise M12."""
    start = url
    for _ in range(REDIRECTS + 1):
        try:
            answer = await transport.send(mcp.initialize(url), deadline=DEADLINE)
        except TokenEndpointError:  # larger than any answer to this, or compressed: whatever it is, it has told nothing
            return url, Response(status=200)
        if not 300 <= answer.status < 400 or not answer.location:
            return url, answer
        target = addresses.may_follow(url, answer.location)
        if target is None:
            raise DiscoveryError(
                f"{one_line(start, 300)} redirects to {one_line(answer.location, 300)}, which is another origin.",
                hint="If that is the address that you mean, connect it in place of this one.",
            )
        url = target
    raise DiscoveryError(
        f"{one_line(start, 300)} redirects more than {REDIRECTS} times.", hint="Connect the address at which it ends."
    )


async def _resource(url: str, challenge: Bearer | None, places: _Places) -> ResourceMetadata | None:
    """The metadata of the resource; None where there is none. Promises M3, M5, M7, M13."""
    named = [each for each in (challenge.metadata_urls if challenge else ()) if addresses.may_lead_to(url, each)]
    candidates = dict.fromkeys([*named, *addresses.resource_candidates(url)])
    for place in candidates:
        found = await _document(place, documents.read_resource, places)
        if found is None:
            continue
        if not addresses.covers(found.resource, url):
            raise DiscoveryError(
                f"{one_line(url, 300)} says that it is {one_line(found.resource, 300)}, which is another resource.",
                hint="If that is the address that you mean, connect it; else the server's metadata has to be mended.",
            )
        return found
    return None


async def _without_resource(
    url: str, probe: Response, places: _Places, named: tuple[str, ...], *, is_resource: bool
) -> Found:
    """The address as an issuer; or as a resource without metadata, whose server is at its origin. Promises M7, M11."""
    origin = addresses.origin(url)
    is_protected = is_resource or probe.status == UNAUTHORIZED or (probe.ok and "json" in probe.content_type)
    wrong: DiscoveryError | None = None
    for issuer in dict.fromkeys([url, origin]):
        try:
            guessed = issuer == origin and is_protected
            server = await _server_at(issuer, asked_from=url, places=places, is_guess=guessed)
        except DiscoveryError as error:
            wrong = wrong or error
            continue
        if server is None:
            continue
        is_issuer = addresses.same_issuer(url, server.issuer) and not is_resource
        if is_issuer or is_protected:
            notices = tuple(_gone_told(url, each) for each in named)
            return Found(url=url, resource=None, has_resource=not is_issuer, server=server, notices=notices)
        raise DiscoveryError(
            f"{one_line(url, 300)} is no protected resource: it asks for no token.",
            hint=f"{one_line(server.issuer, 300)} is an issuer; `gumauth connect {shell_word(server.issuer)}`"
            " connects that.",
        )
    if unusable := wrong or places.later:
        raise unusable
    return _without_server(url, probe, named, is_protected=is_resource or probe.status == UNAUTHORIZED)


def _without_server(url: str, probe: Response, named: tuple[str, ...], *, is_protected: bool) -> Found:
    """The address as an old server has it, which publishes no metadata; raises for anything else."""
    origin = addresses.origin(url)
    if named:
        raise DiscoveryError(
            _gone_told(url, named[0]),
            hint="The server's metadata has to be mended. `--issuer URL` names the issuer all the same.",
        )
    if not is_protected:
        raise _nothing(url, probe)
    return Found(url=url, resource=None, has_resource=True, server=_guessed(origin), notices=(_guess_told(origin),))


def _gone_told(url: str, named: str) -> str:
    return f"{one_line(url, 300)} names {one_line(named, 300)} as its metadata, and none can be used there."


def _guessed(origin: str) -> ServerMetadata:
    """The endpoints of a server without metadata. Source: MCP, revision 2025-03-26."""
    return documents.read_server(
        {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/authorize",
            "token_endpoint": f"{origin}/token",
            "registration_endpoint": f"{origin}/register",
        }
    )


def _guess_told(origin: str) -> str:
    return f"{origin} publishes no metadata; its endpoints are guessed as old MCP servers have them."


def _nothing(url: str, probe: Response) -> DiscoveryError:
    shown = one_line(url, 300)
    if 200 <= probe.status < 300:
        return DiscoveryError(
            f"{shown} answers without a sign-in, and publishes no metadata: it needs no account, or is a web page.",
            hint="Give the address of the MCP server or issuer itself, as its documentation has it.",
        )
    return DiscoveryError(
        f"{shown} does not tell how to connect it: it publishes no metadata (it answered with status {probe.status}).",
        hint="Look the address up in the service's documentation; or describe the service in a provider file"
        " (`gumauth help own-provider`).",
    )


async def _server(issuer: str, *, asked_from: str) -> ServerMetadata:
    """The metadata of a named issuer; that there is none is an error. Promise M11."""
    places = _Places()
    if not addresses.may_lead_to(asked_from, issuer):
        raise DiscoveryError(
            f"{one_line(asked_from, 300)} names the issuer {one_line(issuer, 300)}, which is not believed:"
            f" {addresses.fault(asked_from, issuer)}.",
            hint="The server's metadata has to be mended.",
        )
    found = await _server_at(issuer, asked_from=asked_from, places=places)
    if found is not None:
        return found
    if places.later is not None:
        raise places.later
    raise DiscoveryError(
        f"The issuer {one_line(issuer, 300)} publishes no metadata that can be used"
        + (f" ({one_line(places.odd[0], 300)})." if places.odd else "."),
        hint="Try again later; if it stays so, tell the service. `--issuer URL` names another issuer.",
    )


async def _server_at(issuer: str, *, asked_from: str, places: _Places, is_guess: bool = False) -> ServerMetadata | None:
    """The metadata of an issuer, from the first place that has it; None where no place has. Promises D2, M8 to M10.

    Nobody has named an issuer that is a guess: its origin may then publish another one of the same origin, as an old
    MCP server's does. Source: MCP, revision 2025-03-26.
    """
    wrong: DiscoveryError | None = None
    for place in addresses.issuer_candidates(issuer):
        found = await _document(place, documents.read_server, places)
        if found is None:
            continue
        is_own = is_guess and _is_at(issuer, found.issuer)
        if not (is_own or addresses.same_issuer(issuer, found.issuer)):
            wrong = wrong or DiscoveryError(
                f"{one_line(place, 300)} is the metadata of {one_line(found.issuer, 300)}, not of"
                f" {one_line(issuer, 300)}.",
                hint=f"If that is the issuer that you mean, say so: `--issuer {shell_word(found.issuer)}`.",
            )
            continue
        if faults := documents.wrong_endpoints(found, asked_from):
            raise DiscoveryError(
                f"The metadata of {one_line(issuer, 300)} may not be believed: {'; '.join(faults)}.",
                hint="Nothing secret is sent there; the server's metadata has to be mended.",
            )
        return found
    if wrong is not None:
        raise wrong
    return None


def _is_at(origin: str, issuer: str) -> bool:
    try:
        return addresses.origin(issuer) == origin
    except ValueError:
        return False


async def _document(url: str, read: Callable[[object], T], places: _Places) -> T | None:
    """The document at a URL; None where there is none. Promises D1, D3, M1."""
    start = url
    for _ in range(REDIRECTS + 1):
        try:
            request = transport.Request(method="GET", url=url, headers={"Accept": "application/json"})
            answer = await transport.send(request, deadline=DEADLINE)
        except (NetworkError, TokenEndpointError) as error:
            places.pass_over(start, error)
            return None
        if 300 <= answer.status < 400 and answer.location:
            target = addresses.may_follow(url, answer.location)
            if target is None:
                return None
            url = target
            continue
        return _read(start, answer, read, places)
    return None


def _read(url: str, answer: Response, read: Callable[[object], T], places: _Places) -> T | None:
    if is_passing(answer.status):
        host = one_line(url, 300)
        places.pass_over(url, Temporary(f"{host} answers with status {answer.status}.", hint="Try again."))
        return None
    if not answer.ok:
        return None
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    try:
        return read(data)
    except ValueError as error:
        places.pass_over(url, str(error))
        return None


def _about_choice(resource: ResourceMetadata, issuer: str | None) -> tuple[str, ...]:
    """A sentence where there are several issuers, or where the person names one that the resource does not."""
    named: Iterable[str] = resource.authorization_servers
    if issuer is not None and issuer not in named:
        return (f"The resource does not name {one_line(issuer, 300)} as its issuer; it is used because you named it.",)
    others = [one_line(each, 200) for each in resource.authorization_servers[1:6]]
    if issuer is None and others:
        return (
            f"The resource has several issuers, and the first is used; --issuer names another: {', '.join(others)}.",
        )
    return ()
