"""Errors of httpx and its like, as ours."""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from types import SimpleNamespace
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import httpx
import pytest
import requests

from gumauth.errors import GumauthError, InvalidGrant, NetworkError, Temporary, TokenEndpointError
from gumauth.oauth2.http.errors import translate
from tests.loopback import Loopback


@pytest.mark.requirement("S1", "S2")
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


@pytest.mark.requirement("S1", "S2")
def test_an_error_of_the_network_repeats_no_secret() -> None:
    token = secrets.token_urlsafe()
    error = translate(httpx.ConnectError(f"no way to {token}"), secrets=[token])
    assert isinstance(error, NetworkError)
    assert error.message == "The provider could not be reached: no way to …."


@pytest.mark.requirement("S1", "S2")
def test_an_error_of_the_network_repeats_no_secret_that_its_own_request_has_sent() -> None:
    token = secrets.token_urlsafe()
    request = httpx.Request("POST", "https://api.example.com/token", data={"refresh_token": token})
    error = translate(httpx.ConnectError(f"no way to {token}", request=request))
    assert isinstance(error, NetworkError)
    assert error.message == "api.example.com could not be reached: no way to …."


REQUEST = httpx.Request("POST", "https://api.example.com/token")


@pytest.mark.requirement("R7", "S1", "S2")
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


@pytest.mark.requirement("R7", "S1", "S2")
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


@pytest.mark.requirement("S1", "S2")
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


@pytest.mark.requirement("S1", "S2")
def test_a_request_that_only_asks_loses_nothing() -> None:
    error = httpx.ReadError("reset", request=httpx.Request("GET", "https://api.example.com/me"))
    assert (getattr(translate(error), "hint", None) or "").endswith("Nothing was lost.")


def translated(error: BaseException) -> GumauthError:
    known = translate(error)
    assert known is not None
    return known


def status_error(status: int, content: bytes) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "https://api.example.com/token", data={"refresh_token": "r3fr3sh"})
    response = httpx.Response(status, content=content, request=request, headers={"Retry-After": "9"})
    with pytest.raises(httpx.HTTPStatusError) as caught:
        response.raise_for_status()
    return caught.value


@pytest.mark.requirement("R8", "F10")
def test_the_providers_words_are_found_in_a_files_own_status_error() -> None:
    error = translated(status_error(401, b'{"error": "invalid_grant", "error_description": "r3fr3sh is dead"}'))
    assert isinstance(error, InvalidGrant)
    assert error.message == "api.example.com refused: invalid_grant: … is dead."


@pytest.mark.requirement("R7")
def test_a_files_own_status_error_can_be_temporary() -> None:
    error = translated(status_error(429, b""))
    assert isinstance(error, Temporary)
    assert error.retry_after == 9.0


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("no"),
        httpx.ReadTimeout("no", request=httpx.Request("GET", "https://a/")),
        httpx.RemoteProtocolError("no"),
        ConnectionResetError(),
        TimeoutError(),
        ssl.SSLError("no"),
        socket.gaierror(-2, "no"),
        urllib.error.URLError("no"),
    ],
)
def test_a_files_own_network_trouble_is_a_network_error(error: BaseException) -> None:
    assert isinstance(translated(error), NetworkError)


def test_requests_and_urllib_are_understood_too(server: Loopback) -> None:
    requests = pytest.importorskip("requests")
    server.answer({"error": "invalid_grant"}, status=400)
    with pytest.raises(requests.HTTPError) as by_requests:
        requests.post(server.url, data={}, timeout=5).raise_for_status()
    assert isinstance(translated(by_requests.value), InvalidGrant)
    with pytest.raises(urllib.error.HTTPError) as by_urllib:
        urllib.request.urlopen(server.url, data=b"", timeout=5)
    assert isinstance(translated(by_urllib.value), InvalidGrant)
    with pytest.raises(requests.ConnectionError) as unreached:
        requests.get("http://127.0.0.1:9/?token=s3cret", timeout=5)
    assert isinstance(translated(unreached.value), NetworkError)
    assert "s3cret" not in str(translated(unreached.value))


def test_a_body_that_was_not_read_is_survived(server: Loopback) -> None:
    server.answer({"error": "x"}, status=403)
    with httpx.Client() as client, client.stream("GET", server.url) as response:
        with pytest.raises(httpx.HTTPStatusError) as caught:
            response.raise_for_status()
        assert isinstance(translated(caught.value), TokenEndpointError)


@pytest.mark.parametrize("error", [KeyError("access_token"), ValueError(), FileNotFoundError(), httpx.InvalidURL("x")])
def test_what_is_not_about_the_network_is_left_alone(error: BaseException) -> None:
    assert translate(error) is None


def test_an_error_of_ours_stays_what_it_is() -> None:
    error = TokenEndpointError(secrets.token_urlsafe())
    assert translate(error) is error
