"""Which secrets a request holds, and what is said of one that failed."""

from __future__ import annotations

import base64
import json
import secrets
import socket
from collections.abc import Callable
from types import SimpleNamespace
from urllib.error import URLError
from urllib.parse import quote_plus, urlencode
from urllib.request import urlopen

import httpx
import pytest
import requests

from gumauth.errors import NetworkError, TokenEndpointError
from gumauth.oauth2.http.errors import translate
from gumauth.oauth2.sent_secrets import credentials_in, secrets_in

pytestmark = pytest.mark.requirement("S1", "S2")


@pytest.mark.parametrize(
    "name",
    [
        *("access_token", "refresh_token", "token", "accessToken", "id_token_hint", "subject_token", "code"),
        *("client_secret", "clientSecret", "code_verifier", "device_code", "client_assertion", "assertion", "password"),
    ],
)
def test_a_field_is_known_as_secret_by_its_name(name: str) -> None:
    assert secrets_in({name: "x"}) == ["x"]
    assert secrets_in({"auth": {name: "x"}}) == ["x"]


@pytest.mark.parametrize(
    "name", ["grant_type", "token_type_hint", "requested_token_type", "client_assertion_type", "code_challenge_method"]
)
def test_what_says_of_which_kind_a_secret_is_is_none(name: str) -> None:
    assert secrets_in({name: "access_token", "client_id": "x", "redirect_uri": "y", "scope": "z"}) == []


def test_credentials_are_known_as_they_are_sent_and_as_they_are() -> None:
    secret = f"{secrets.token_urlsafe()}/+"
    basic = base64.b64encode(f"app:{quote_plus(secret)}".encode()).decode()
    assert credentials_in(f"Basic {basic}") == [basic, quote_plus(secret), secret]
    assert credentials_in(f"Bearer {secret}") == [secret]
    assert credentials_in("Basic ???") == ["???"]
    assert credentials_in("") == []


@pytest.mark.parametrize("library", ["httpx", "requests"])
@pytest.mark.parametrize("place", ["body", "header"])
def test_an_error_of_a_files_own_request_repeats_nothing_that_was_sent(library: str, place: str) -> None:
    token = secrets.token_urlsafe()
    headers = {"Authorization": f"Bearer {token}"} if place == "header" else {}
    body = urlencode({"refresh_token": token} if place == "body" else {})
    answer = json.dumps({"error": token, "error_description": f"No {token}"}).encode()
    request = httpx.Request("POST", "https://api.example.com/token", content=body, headers=headers)
    response = httpx.Response(400, content=answer, request=request)
    if library == "requests":  # as requests has it: `body` in place of `content`
        foreign = Exception("400")
        vars(foreign)["request"] = SimpleNamespace(url=str(request.url), headers=headers, body=body)
        vars(foreign)["response"] = SimpleNamespace(status_code=400, headers=response.headers, content=answer)
        error = translate(foreign)
    else:
        error = translate(httpx.HTTPStatusError("400", request=request, response=response))
    assert isinstance(error, TokenEndpointError)
    assert (error.message, error.error) == ("api.example.com refused: …: No ….", "…")


def test_an_error_of_the_network_repeats_no_secret() -> None:
    token = secrets.token_urlsafe()
    error = translate(httpx.ConnectError(f"no way to {token}"), secrets=[token])
    assert isinstance(error, NetworkError)
    assert error.message == "The provider could not be reached: no way to …."


REQUEST = httpx.Request("POST", "https://api.example.com/token")


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("no way"),
        httpx.ConnectTimeout("late"),
        httpx.PoolTimeout("late"),
        httpx.ProxyError("407"),
        httpx.LocalProtocolError("header"),
        ConnectionRefusedError(),
        socket.gaierror(),
        URLError(socket.gaierror()),
        requests.exceptions.ConnectTimeout(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nothing_was_lost_where_the_request_was_not_sent(error: Exception) -> None:
    hint = getattr(translate(error), "hint", None) or ""
    assert hint.endswith("then try again. Nothing was lost.")


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError("reset", request=REQUEST),
        httpx.ReadTimeout("late"),
        httpx.WriteError("broken"),
        httpx.RemoteProtocolError("half"),
        ConnectionResetError(),
        TimeoutError(),
        requests.exceptions.ReadTimeout(),
        requests.exceptions.ConnectionError("aborted"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_where_the_request_was_sent_it_may_have_been_carried_out(error: Exception) -> None:
    hint = getattr(translate(error), "hint", None) or ""
    assert hint.endswith("then try again. The request may have been carried out, and its answer lost.")


@pytest.mark.parametrize("library", ["httpx", "requests", "urllib"])
def test_a_port_that_nobody_listens_on_was_sent_nothing(library: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        posts: dict[str, Callable[[], object]] = {
            "httpx": lambda: httpx.post(url),
            "requests": lambda: requests.post(url, timeout=5),
            "urllib": lambda: urlopen(url, data=b"x"),
        }
        with pytest.raises(Exception, match="refused") as caught:
            posts[library]()
    assert (getattr(translate(caught.value), "hint", None) or "").endswith("Nothing was lost.")


def test_a_request_that_only_asks_loses_nothing() -> None:
    error = httpx.ReadError("reset", request=httpx.Request("GET", "https://api.example.com/me"))
    assert (getattr(translate(error), "hint", None) or "").endswith("Nothing was lost.")
