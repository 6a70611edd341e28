"""The strict server under whatever addresses a file uses: the file's requests are told apart by what they hold."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from gumauth.cli.check.answers import Answers
from gumauth.cli.check.outcome import Endpoint, Seen
from gumauth.oauth2.secret_fields import credentials_in
from gumauth.testing import AuthorizationServer, Client, Fault
from gumauth.testing.messages import Request, Response, json_response
from gumauth.testing.misbehaviour import Misbehaviour, Where
from gumauth.testing.person import consent

FORM = "application/x-www-form-urlencoded"
WELL_KNOWN = "/.well-known/"
HEX_CHALLENGE = re.compile("[0-9a-f]{64}")
FAULTY: dict[Endpoint, Where] = {"token": "token", "refresh": "refresh", "revoke": "revoke", "userinfo": "userinfo"}


@dataclass
class App:
    """The client that the file is, as its requests say."""

    client_id: str = ""
    secret: str | None = field(default=None, repr=False)
    redirect_uri: str = ""
    has_challenge: bool = False


class Service:
    """Answers the requests of one file as a service would that has the file's addresses.

    Args:
        clock: Seconds since 1970.
        secrets: Gives the secrets that the file was given.
        answers: What it answers beyond the standard.
        lifetime: Seconds that its access tokens are good for.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        secrets: Callable[[], Collection[str]],
        *,
        answers: Answers | None = None,
        lifetime: float = 3600,
    ) -> None:
        self._secrets = secrets
        self.server = AuthorizationServer(clock=clock, access_lifetime=lifetime)
        self.answers = answers or Answers()
        self.app = App()
        self.method = ""
        """The contract's method that runs."""
        self.code = ""
        """The latest authorization code."""
        self.latest: dict[str, str] = {}
        """The members of the latest token response that was good before it was spoilt. Secret."""
        self.origins: dict[str, str] = {}
        """For each access token the code or refresh token that it was given for. Secret."""
        self.others: set[str] = set()
        """Access tokens of another person than the usual one. Secret."""
        self._faults = Misbehaviour()
        self._received: list[tuple[float, Seen]] = []
        self._issued: dict[str, dict[str, Any]] = {}  # tokens, and the response that brought each
        self._lock = threading.Lock()

    def close(self) -> None:
        """Stop."""
        self.server.close()

    def misbehave(self, endpoint: Endpoint, fault: Fault, *, times: int | None = 1) -> None:
        """Answer the next requests at an endpoint wrongly, or every request with None."""
        self._faults.add(FAULTY[endpoint], fault, times)

    def behave(self) -> None:
        """Drop the faults that have not happened yet."""
        self._faults.clear()

    def received(self) -> list[tuple[float, Seen]]:
        """The requests since the last call, each with the moment of the monotonic clock at which it came."""
        with self._lock:
            found, self._received = self._received, []
        return found

    def consent(self, url: str, *, approve: bool = True) -> dict[str, str]:
        """Play the person at the consent page; gives the parameters with which the browser comes back.

        Raises:
            PageRefused: The server shows an error page.
        """
        query = as_standard(dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)))
        self.app.client_id = query.get("client_id", "")
        self.app.redirect_uri = query.get("redirect_uri", "")
        self.app.has_challenge = "code_challenge" in query
        self._register()
        self.server.send_id_token, self.server.refresh_tokens = self.answers.id_token, self.answers.refresh_tokens
        query.setdefault("response_type", "code")
        ours = f"{self.server.authorize_url}?{urlencode(query)}"
        back = consent(ours, approve=approve, login="", send=self._open)
        found = {name: values[0] for name, values in parse_qs(urlsplit(back).query, keep_blank_values=True).items()}
        self.code = found.get("code", "")
        return found

    def _open(self, method: str, url: str, form: Mapping[str, str] | None) -> tuple[int, dict[str, str], str]:
        """What the person's browser gets; it needs no connection."""
        target = urlsplit(url)._replace(scheme="", netloc="").geturl()
        body = urlencode(form or {}).encode()
        answer = self.server.answer(Request(method=method, target=target, headers={"content-type": FORM}, body=body))
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body.decode()

    def answer(self, request: Request) -> Response:
        """What the service answers to a request of the file."""
        at, members = time.monotonic(), members_of(request)
        endpoint = self._endpoint(request, members)
        response = self._answer(endpoint, request, members)
        seen = Seen(
            endpoint=endpoint,
            method=request.method,
            url=self._url(request),
            headers=dict(request.headers),
            members=members,
            line=None,
            status=response.status,
        )
        with self._lock:
            self._received.append((at, seen))
        return response

    @staticmethod
    def _url(request: Request) -> str:
        return f"https://{request.headers.get('host', '')}{request.target}"

    def issued(self, token: object) -> bool:
        """Whether it is a token of this server."""
        return isinstance(token, str) and token in self._issued

    def _answer(self, endpoint: Endpoint, request: Request, members: dict[str, str]) -> Response:
        fault = self._faults.next(FAULTY[endpoint]) if endpoint in FAULTY else None
        if fault is not None and not fault.done:
            return fault.change(Response())
        response = self._good(endpoint, request, members)
        return response if fault is None else fault.change(response)

    def _good(self, endpoint: Endpoint, request: Request, members: dict[str, str]) -> Response:
        match endpoint:
            case "token" | "refresh":
                return self._token(request, members)
            case "revoke":
                return self._revoke(request, members)
            case "userinfo":
                return self._userinfo(request, members)
            case _ if WELL_KNOWN in request.target:
                return json_response(metadata_of(f"https://{request.headers.get('host', '')}"))
            case _:
                return json_response({"error": "not_found"}, status=404)

    def _endpoint(self, request: Request, members: Mapping[str, str]) -> Endpoint:
        """What a request is for, by what it holds."""
        values = set(members.values())
        if WELL_KNOWN in request.target:
            return "unknown"
        if members.get("grant_type") == "authorization_code" or (self.code and self.code in values):
            return "token"
        if members.get("grant_type") == "refresh_token":
            return "refresh"
        if self.method in ("revoke", "revoke_token"):
            return "revoke"
        if self._token_in(request, members) is not None or self.method in ("get_nickname", "get_identity"):
            return "userinfo"
        return {"exchange": "token", "refresh": "refresh"}.get(self.method, "unknown")  # type: ignore[return-value]

    def _token(self, request: Request, members: dict[str, str]) -> Response:
        self._learn_client(request, members)
        members.setdefault("grant_type", "authorization_code" if self.method == "exchange" else "refresh_token")
        response = self._strict("/token", members, request.headers.get("authorization"))
        if response.status != 200:
            return response
        tokens = json.loads(response.body)
        self.latest = {name: str(value) for name, value in tokens.items()}
        self.origins[tokens["access_token"]] = members.get("code") or members.get("refresh_token") or ""
        self._issued |= {tokens[kind]: tokens for kind in ("access_token", "refresh_token") if kind in tokens}
        return self.answers.tokens(tokens)

    def _revoke(self, request: Request, members: dict[str, str]) -> Response:
        self._learn_client(request, members)
        token = self._token_in(request, members)
        if token is None:
            return json_response({"error": "invalid_request"}, status=400)
        secret = {"client_secret": self.app.secret} if self.app.secret else {}
        return self._strict("/revoke", {"token": token, "client_id": self.app.client_id, **secret}, None)

    def _userinfo(self, request: Request, members: Mapping[str, str]) -> Response:
        token = self._token_in(request, members)
        if token is None or not self.server.is_active(token):
            return Response(
                status=401,
                headers={"Content-Type": "application/json", "WWW-Authenticate": 'Bearer error="invalid_token"'},
                body=b'{"error":"invalid_token"}',
            )
        client = dict.fromkeys(("aud", "azp", "client_id", "audience"), self.app.client_id)
        answer = self.answers.about(self._url(request), {**self._issued[token], **client})
        return answer if token not in self.others else of_another(answer)

    def _strict(self, path: str, members: Mapping[str, str], authorization: str | None) -> Response:
        headers = {"content-type": FORM} | ({} if authorization is None else {"authorization": authorization})
        body = urlencode(members).encode()
        return self.server.answer(Request(method="POST", target=path, headers=headers, body=body))

    def _learn_client(self, request: Request, members: Mapping[str, str]) -> None:
        """Take the secret that the file sends for the app's, or the one that it was given and has tried to send."""
        if self.app.secret is not None:
            return
        raw = basic_of(request.headers.get("authorization"))
        sent = members.get("client_secret") or (unquote_plus(raw) if raw else None)
        if sent:
            given = (each for each in self._secrets() if each in (sent, raw) or each.startswith(sent[:24]))
            self.app.secret = next(given, sent)
            self._register()

    def _register(self) -> None:
        app = self.app
        self.server.register(
            Client(app.client_id, app.secret, redirect_uris=(app.redirect_uri,), pkce_required=app.has_challenge)
        )

    def _token_in(self, request: Request, members: Mapping[str, str]) -> str | None:
        """An access or refresh token of this server somewhere in a request; None where there is none."""
        query = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
        given = [*members.values(), *(value for _, value in query)]
        given += [word for value in request.headers.values() for word in value.split()]
        return next((each for each in given if each in self._issued), None)


def leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value of JSON with every text and number in it changed."""
    if isinstance(value, dict):
        return {name: leaves(each, change) for name, each in value.items()}
    return [leaves(each, change) for each in value] if isinstance(value, list) else change(value)


def of_another(answer: Response) -> Response:
    """An answer about somebody else."""
    with contextlib.suppress(ValueError):
        return replace(answer, body=json.dumps(leaves(json.loads(answer.body), another)).encode())
    return answer


def another(value: Any) -> Any:
    """What stands in another person's answer in place of a value."""
    if isinstance(value, str):
        return f"another-{value}"
    return value + 1 if isinstance(value, int) and not isinstance(value, bool) else value


def metadata_of(origin: str) -> dict[str, Any]:
    """What a service says of itself. Source: RFC 8414 §2, OpenID Connect Discovery §3."""
    paths = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "revocation": "revoke"}
    endpoints = {f"{name}_endpoint": f"{origin}/{path}" for name, path in paths.items()}
    return {"issuer": origin, **endpoints, "jwks_uri": f"{origin}/jwks", "response_types_supported": ["code"]}


def as_standard(members: dict[str, str]) -> dict[str, str]:
    """Parameters as the standard calls and writes them. Source: TikTok's and Slack's documentation."""
    names = {"client_key": "client_id", "user_scope": "scope"}
    found = {names[name]: value for name, value in members.items() if name in names}
    challenge = members.get("code_challenge", "")
    if HEX_CHALLENGE.fullmatch(challenge):
        hashed = base64.urlsafe_b64encode(bytes.fromhex(challenge)).rstrip(b"=")
        found["code_challenge"] = hashed.decode()
    return {**members, **found}


def members_of(request: Request) -> dict[str, str]:
    """The members of a body, JSON or form, or of the query where there is no body."""
    return as_standard(_members_of(request))


def _members_of(request: Request) -> dict[str, str]:
    text = request.body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, AttributeError):
        return {
            str(name): value if isinstance(value, str) else json.dumps(value)
            for name, value in json.loads(text).items()
        }
    return dict(parse_qsl(text or urlsplit(request.target).query, keep_blank_values=True))


def basic_of(authorization: str | None) -> str | None:
    """The secret of a Basic header, as it stands there; None where there is none."""
    _, *secrets = credentials_in(authorization or "") or [""]
    return secrets[0] if secrets else None
