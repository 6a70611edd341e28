"""A service as its row describes it, before the strict server of gumauth, which has the state of grants.

What the row does not name is refused: another host, path, parameter, client authentication, encoding or header.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from gumauth.testing import AuthorizationServer, Client
from gumauth.testing.messages import Request, Response, json_response
from gumauth.testing.person import consent
from tests.providers.row import ACCESS, REFRESH, TOKENS, Row
from tests.providers.standin_answers import filled, holds
from tests.providers.standin_requests import (
    TYPES,
    Wrong,
    challenge_of,
    check_basic,
    check_headers,
    members_of,
    nothing_left,
    place_of,
    same,
    split,
    take,
)

CLIENT_ID = "app"
FOR_EVER = 10 * 365 * 86400.0
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
HINT = "token_type_hint"
OTHER = {"access_token": "refresh_token", "refresh_token": "access_token", ACCESS: REFRESH, REFRESH: ACCESS}
"""The other kind of token."""
MEMBERS = {"grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "device_code"}
"""Of token requests, beside the client's and the row's."""


class Standin:
    """Answers for the hosts of one row.

    Args:
        row: What the service's documentation says.
        clock: Seconds since 1970.
        secret: Of its client.
    """

    def __init__(self, row: Row, clock: Callable[[], float], secret: str) -> None:
        self.row, self._clock, self._secret = row, clock, secret
        self.server = AuthorizationServer(
            clock=clock,
            access_lifetime=row.life or FOR_EVER,
            rotate=holds(row.refreshed, REFRESH),
            one_grant=row.revoked is not None and not holds(dict(row.revoked), REFRESH),
        )
        self.server.device.first_poll_waits = False
        self.server.device.overrides = {"verification_uri": f"https://{urlsplit(row.consent).netloc}/device"}
        self.server.device.complete = False
        self.wrong: list[str] = []
        """What came and is not as the row says."""
        self.issued: dict[str, str] = {}
        """The tokens that were given out, and for each what stands for it in a row."""
        self._traded: dict[str, str] = {}  # the access tokens of codes, and the refresh tokens with them
        self.has_secret = row.auth != "none"
        self._register()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.close()

    def make_client(self, *, has_secret: bool) -> None:
        """Let the client have a secret or none from now on."""
        self.has_secret = has_secret
        self._register()

    def _register(self, *redirect_uris: str) -> None:
        secret, pkce = self._secret if self.has_secret else None, self.row.challenge is not None
        self.server.register(Client(CLIENT_ID, secret, redirect_uris=redirect_uris, pkce_required=pkce))

    @property
    def routes(self) -> dict[tuple[str, tuple[str, str, Any]], Callable[[Request], Response]]:
        """What answers a method and a URL."""
        row = self.row
        urls = {("POST", row.token_url): self._token, ("POST", row.refresh_url or row.token_url): self._token}
        if row.device:
            urls[("POST", row.device[0])] = self._device
        if row.revoke:
            urls[(row.revoke[0], row.revoke[1].replace("{client_id}", CLIENT_ID))] = self._revoke
        if row.upgrade:
            urls[("GET", row.upgrade[0])] = self._upgrade
        if row.nickname:
            urls[(row.nickname_method, row.nickname)] = lambda request: self._whose(request, row.answer)
        if row.identity:
            url, answer = row.identity
            urls[("GET", url)] = lambda request: self._whose(request, answer)
        return {(method, place_of(url)): answer for (method, url), answer in urls.items()}

    @property
    def hosts(self) -> set[str]:
        """The hosts that are answered for."""
        return {place[0] for _, place in self.routes}

    def answer(self, request: Request) -> Response:
        """What the service answers to a request of the client."""
        url = f"https://{request.headers['host']}{request.target}"
        try:
            route = self._route(request.method, url)
            if route is None:
                raise Wrong(f"{request.method} {url.partition('?')[0]} is not in the row")
            return route(request)
        except Wrong as wrong:
            self.wrong.append(str(wrong))
            return json_response({"error": "invalid_request", "error_description": str(wrong)}, status=400)

    def _route(self, method: str, url: str) -> Callable[[Request], Response] | None:
        bare = url.partition("?")[0]
        reads_query = self.row.upgrade is not None and (method, bare) == ("GET", self.row.upgrade[0])
        return self.routes.get((method, place_of(bare if reads_query else url)))

    def follow(self, url: str) -> str:
        """Play the person who opens an authorization URL and allows access; gives the URL that follows.

        Raises:
            Wrong: The URL is not what the row says.
        """
        row, parts = self.row, urlsplit(url)
        same("consent", f"{parts.scheme}://{parts.netloc}{parts.path}", row.consent)
        sent = dict(parse_qsl(parts.query, keep_blank_values=True))
        standard = {name: sent.pop(name, "") for name in ("redirect_uri", "response_type", "state")}
        take(sent, {row.client_id: CLIENT_ID, **row.extra})
        same("scope", sent.pop(row.scope_param, ""), row.scope)
        same("redirect URI", _without_port(standard["redirect_uri"]), _without_port(row.redirect))
        self._register(standard["redirect_uri"])
        standard |= {"client_id": CLIENT_ID, "scope": row.scope, **challenge_of(sent, row.challenge)}
        nothing_left(sent)
        missing = {name: value for name, value in row.extras.items() if _at(row.tokens, name) is None}
        self.server.callback_extras = missing
        ours = f"{self.server.authorize_url}?{urlencode(standard)}"
        return consent(ours, approve=True, login="", send=self._open)

    def _open(self, method: str, url: str, form: Any) -> tuple[int, dict[str, str], str]:
        answer = self.server.answer(
            Request(
                method=method,
                target=urlsplit(url)._replace(scheme="", netloc="").geturl(),
                headers={"content-type": TYPES["form"]},
                body=urlencode(form or {}).encode(),
            )
        )
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body.decode()

    def _token(self, request: Request) -> Response:
        row, members = self.row, members_of(request, self.row.encoding)
        asked, headers = split(row.asked)
        check_headers(request, headers)
        grant, url = members.get("grant_type"), f"https://{request.headers['host']}{request.path}"
        if grant == "authorization_code":
            take(members, asked)
        elif grant == "refresh_token":
            take(members, split(row.asked_again)[0])
            same("endpoint", place_of(url)[:2], place_of(row.refresh_url or row.token_url)[:2])
        elif grant == DEVICE and row.device_scope != "scope":
            take(members, {row.device_scope: row.scope})
        public = grant == DEVICE and row.device is not None and not row.device[1]
        self._check_client(request, members, public=public)
        same("further members", sorted(set(members) - MEMBERS), [])
        answer = self._strict("/token", members)
        if answer.status != 200:
            return answer
        tokens = json.loads(answer.body)
        if grant == "refresh_token":
            return self._told(row.refreshed, tokens)
        self._traded[tokens["access_token"]] = tokens.get("refresh_token", "")
        return self._told(row.short if row.upgrade else row.tokens, tokens)

    def _upgrade(self, request: Request) -> Response:
        """A token that lives longer, for the one that a code brought: of the same grant, which is refreshed for it."""
        query, wanted = request.query(), dict(self.row.upgrade[1] if self.row.upgrade else {})
        found = self._token_in(query, wanted)
        nothing_left(query)
        same("the token of a code", found in self._traded, True)
        again = self.use_again(self._traded.pop(found))
        return self._told(self.row.tokens, json.loads(again.body))

    def _told(self, template: Any, tokens: dict[str, Any]) -> Response:
        """The tokens as the service writes them."""
        ends = self._clock() + (self.row.life or FOR_EVER)
        said = filled(template, tokens, ends)
        if template is TOKENS and self.row.scope:
            said["scope"] = tokens["scope"]
        kinds = {"access_token": ACCESS, "refresh_token": REFRESH}
        self.issued |= {tokens[name]: text for name, text in kinds.items() if name in tokens and holds(template, text)}
        return json_response(said)

    def _check_client(self, request: Request, members: dict[str, str], *, public: bool = False) -> None:
        """Take the client's authentication out of a body, or check it in the header."""
        if self.row.auth == "basic" and (self.has_secret or self.row.empty_secret) and not public:
            check_basic(request, CLIENT_ID, self._secret if self.has_secret else "")
            take(members, {self.row.client_id: CLIENT_ID} if self.row.id_in_body else {})
            return
        same("authorization header", request.headers.get("authorization"), None)
        take(members, {self.row.client_id: CLIENT_ID})
        given = members.pop("client_secret", None)
        same("client secret", given == (self._secret if self.has_secret and not public else None), True)

    def use_again(self, refresh_token: str) -> Response:
        """What a refresh token brings whom it was stolen from."""
        return self._strict("/token", {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _strict(self, path: str, members: dict[str, str]) -> Response:
        """What the strict server answers, with the client that was checked."""
        secret = {"client_secret": self._secret} if self.has_secret else {}
        body = urlencode({**members, "client_id": CLIENT_ID, **secret}).encode()
        headers = {"content-type": TYPES["form"]}
        return self.server.answer(Request(method="POST", target=path, headers=headers, body=body))

    def _device(self, request: Request) -> Response:
        members, device = members_of(request, "form"), self.row.device
        check_headers(request, split(self.row.asked)[1])
        self._check_client(request, members, public=device is not None and not device[1])
        same("scope", members.pop(self.row.device_scope, ""), self.row.scope)
        nothing_left(members)
        return self._strict("/device", {"scope": self.row.scope})

    def _revoke(self, request: Request) -> Response:
        row, members, found = self.row, members_of(request, self.row.revoke_encoding), ""
        if row.revoke_auth == "bearer":
            found = self._presented(request)
        elif row.revoke_auth == "basic":
            check_basic(request, CLIENT_ID, self._secret)
        elif row.revoke_auth == "client":
            self._check_client(request, members)
        else:
            same("authorization header", request.headers.get("authorization"), None)
        if row.revoked is None or "token" in row.revoked:
            members.pop(HINT, None)
        if row.revoked is None:
            found = members.pop("token", "")  # of either kind, as RFC 7009 has it
        else:
            found = self._token_in(members, row.revoked) or found
        nothing_left(members)
        same("a token that was given out", found in self.issued, True)
        return self._strict("/revoke", {"token": found})

    def _token_in(self, members: dict[str, str], wanted: Mapping[str, str]) -> str:
        """Take the members of a revocation out; gives the token among them.

        It is of the kind that the row says, or of the other kind in the member that is called for that kind.
        """
        found = ""
        for name, text in wanted.items():
            if name not in members and name in OTHER:
                name, text = OTHER[name], OTHER[text]
            value = members.pop(name, "")
            if text in (ACCESS, REFRESH):
                same(f"the kind of token in {name}", self.issued.get(value), text)
                found = value
            elif text == CLIENT_ID and "secret" in name.lower():
                same(name, value == self._secret, True)
            else:
                same(name, value, text)
        return found

    def _presented(self, request: Request) -> str:
        """The token that a request carries as the row says."""
        name, before = self.row.header
        value = request.headers.get(name.lower(), "")
        same(f"beginning of {name}", value.startswith(before), True)
        return value.removeprefix(before)

    def _whose(self, request: Request, answer: dict[str, Any]) -> Response:
        wanted = dict(text.split(": ", 1) for text in self.row.nickname_headers)
        check_headers(request, wanted)
        if self.row.graphql:
            query, names = members_of(request, "json").get("query", ""), self.row.identity_paths
            same("names in the query", [path for path in names if path.rpartition(".")[2] not in query], [])
        if not self.server.is_active(self._presented(request)):
            return json_response({"error": "invalid_token"}, status=401)
        return json_response(answer)


def _without_port(uri: str) -> tuple[str, str | None, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data
