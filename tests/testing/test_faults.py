"""Every fault reaches the network as its name says."""

from __future__ import annotations

import gzip
import http.client
import json
import math
import threading
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from gumauth.testing import Fault
from gumauth.testing.faults import DEAD, REFUSED, TOLERATED, TRANSIENT
from tests.testing.clients import REDIRECT, App, sent_back


def raw(app: App, *, timeout: float = 10) -> tuple[int, dict[str, str], bytes]:
    """The answer to a right code, byte for byte."""
    form = {"grant_type": "authorization_code", "code": app.server.code_from(app.url()), "redirect_uri": REDIRECT}
    body = urlencode({**form, "client_id": "app", "code_verifier": app.verifier})
    port = int(app.server.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", "/token", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_fault_is_used_once_and_then_the_server_behaves(app: App) -> None:
    app.server.misbehave("token", Fault.status(503, retry_after=7))
    status, headers, _ = raw(app)
    assert (status, headers["retry-after"]) == (503, "7")
    assert raw(app)[0] == 200


def test_faults_queue_up_and_one_without_end_comes_last(app: App) -> None:
    app.server.misbehave("token", Fault.status(500), times=None)
    app.server.misbehave("token", Fault.status(429), times=2)
    assert [raw(app)[0] for _ in range(4)] == [429, 429, 500, 500]
    app.server.behave()
    assert raw(app)[0] == 200


def test_a_fault_at_refresh_leaves_the_code_exchange_alone(app: App) -> None:
    app.server.misbehave("refresh", Fault.error("invalid_grant", status=403, description="dead"))
    token = app.tokens()["refresh_token"]
    assert app.refresh(token) == (403, {"error": "invalid_grant", "error_description": "dead"})
    assert app.server.is_active(token)
    assert app.refresh(token)[0] == 200
    faults = [(event.kind, event.reason) for event in app.server.log if event.outcome == "fault"]
    assert faults == [("refresh", "invalid_grant with 403")]


def test_faults_at_the_other_places(app: App) -> None:
    app.server.misbehave("userinfo", Fault.fields(email=None))
    app.server.misbehave("revoke", Fault.status(503))
    fields = app.tokens()
    assert app.whoami(fields["access_token"])[1]["email"] is None
    assert app.revoke(fields["refresh_token"]) == 503
    assert app.server.is_active(fields["refresh_token"])


def test_a_redirect_back_can_carry_another_state_or_none(app: App) -> None:
    app.server.misbehave("authorize", Fault.params(state="forged"))
    app.server.misbehave("authorize", Fault.params(state=None, iss="https://other.invalid"))
    assert sent_back(app.server.follow(app.url()))["state"] == "forged"
    back = sent_back(app.server.follow(app.url()))
    assert "state" not in back
    assert back["iss"] == "https://other.invalid"


def test_the_redirect_fault_changes_nothing_where_there_is_no_redirect(app: App) -> None:
    app.server.misbehave("token", Fault.params(state="forged"))
    assert raw(app)[0] == 200


def test_a_redirect_from_the_token_endpoint(app: App) -> None:
    app.server.misbehave("token", Fault.redirect("https://elsewhere.invalid/"))
    status, headers, _ = raw(app)
    assert (status, headers["location"]) == (307, "https://elsewhere.invalid/")


def received(app: App, fault: Fault) -> Any:
    app.server.misbehave("token", fault)
    return json.loads(raw(app)[2])


def test_members_can_be_changed_and_left_out(app: App) -> None:
    assert received(app, Fault.fields(expires_in="3600"))["expires_in"] == "3600"
    assert math.isnan(received(app, Fault.fields(expires_in=float("nan")))["expires_in"])
    assert "refresh_token" not in received(app, Fault.without("refresh_token"))
    assert received(app, Fault.fewer_scopes("read", "me", separator=","))["scope"] == "read,me"


def test_an_answer_can_be_a_form(app: App) -> None:
    app.server.misbehave("token", Fault.form_encoded())
    _, headers, body = raw(app)
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert app.server.is_active(dict(parse_qsl(body.decode()))["access_token"])


def test_an_answer_can_begin_with_a_byte_order_mark(app: App) -> None:
    app.server.misbehave("token", Fault.byte_order_mark())
    assert raw(app)[2].startswith(b"\xef\xbb\xbf{")


def test_a_huge_answer_and_a_bomb(app: App) -> None:
    app.server.misbehave("token", Fault.huge(5_000_000))
    assert len(raw(app)[2]) > 5_000_000
    app.server.misbehave("token", Fault.bomb(5_000_000))
    _, headers, body = raw(app)
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 20_000
    assert len(gzip.decompress(body)) > 5_000_000


def test_a_slow_answer_is_the_right_one_in_the_end(app: App) -> None:
    app.server.misbehave("token", Fault.slow(0.2))
    began = time.monotonic()
    assert raw(app)[0] == 200
    assert time.monotonic() - began >= 0.2


def test_a_dripping_answer_outlasts_every_single_read(app: App) -> None:
    app.server.misbehave("token", Fault.dripping(0.002))
    began = time.monotonic()
    body = raw(app, timeout=1)[2]
    assert app.server.is_active(json.loads(body)["access_token"])
    assert time.monotonic() - began >= 0.002 * len(body)


def test_a_reset_loses_the_answer_and_with_done_the_code_too(app: App) -> None:
    app.server.misbehave("token", Fault.reset())
    with pytest.raises(ConnectionResetError):
        raw(app)
    assert app.server.families == []
    app.server.misbehave("token", Fault.reset(done=True))
    with pytest.raises(ConnectionResetError):
        raw(app)
    assert len(app.server.families) == 1


def test_a_cut_answer_is_shorter_than_it_says(app: App) -> None:
    for fault in (Fault.cut(), Fault.cut(done=False)):
        app.server.misbehave("token", fault)
        with pytest.raises(http.client.IncompleteRead):
            raw(app)
    assert len(app.server.families) == 1


def test_a_hanging_answer_ends_with_the_server(app: App) -> None:
    app.server.misbehave("token", Fault.hang(), times=None)
    with pytest.raises(TimeoutError):
        raw(app, timeout=0.1)
    outcome: list[type[BaseException]] = []

    def wait() -> None:
        try:
            raw(app, timeout=30)
        except OSError as error:
            outcome.append(type(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    while app.server.count("token", "fault") < 2:
        time.sleep(0.005)
    app.server.close()
    waiting.join(10)
    assert outcome == [ConnectionResetError]


def test_a_dripping_answer_ends_with_the_server(app: App) -> None:
    app.server.misbehave("token", Fault.dripping(60))
    with pytest.raises(TimeoutError):
        raw(app, timeout=0.1)
    began = time.monotonic()
    app.server.close()
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("name", TOLERATED)
def test_what_must_be_understood_is_a_success_with_a_token(app: App, name: str) -> None:
    app.server.misbehave("token", TOLERATED[name])
    status, _, body = raw(app)
    assert status == 200
    assert b"access_token" in body


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in ("huge", "compressed bomb")])
def test_what_must_be_refused_gives_no_token_of_the_servers(app: App, name: str) -> None:
    app.server.misbehave("token", REFUSED[name])
    try:
        token = json.loads(raw(app)[2])["access_token"]
    except (ValueError, KeyError, TypeError):
        return
    assert name == "an unknown token_type" or not app.server.is_active(token)


@pytest.mark.parametrize("name", TRANSIENT)
def test_what_goes_by_itself_leaves_the_refresh_token_good(app: App, name: str) -> None:
    token = app.tokens()["refresh_token"]
    app.server.misbehave("refresh", TRANSIENT[name])
    try:
        status = app.refresh(token)[0]
    except (ConnectionResetError, http.client.IncompleteRead, json.JSONDecodeError):
        status = 0
    assert status in (0, 408, 425, 429, 500, 502, 503, 504)
    assert app.refresh(token)[0] == 200


@pytest.mark.parametrize("name", DEAD)
def test_a_dead_grant_is_told_by_its_error_with_any_status(app: App, name: str) -> None:
    app.server.misbehave("refresh", DEAD[name])
    assert app.refresh("x") == (int(name.rpartition(" ")[2]), {"error": "invalid_grant"})
