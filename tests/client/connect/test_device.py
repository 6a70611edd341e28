"""Connecting by a code that the person enters on another device; time passes only in the pauses between polls."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.client.connect.connect import connect
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.device import DeviceCode
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import (
    CodeExpired,
    Denied,
    GumauthError,
    MissingCredentials,
    ProviderCodeError,
    Temporary,
    TokenEndpointError,
)
from gumauth.platform import clocks
from gumauth.registry.lookup import find
from gumauth.testing import Fault
from tests.client.world import Walker, World
from tests.loopback import Answer, loopback

pytestmark = pytest.mark.requirement("V1")

Happenings = Mapping[float, Callable[[], object]]


class Device:
    """A machine without a browser, and its person.

    Args:
        world: Its server has the device grant.
        happens: What happens so many seconds after the code was shown, once.
    """

    def __init__(self, world: World, happens: Happenings | None = None) -> None:
        self.world, self.person, self._happens = world, Walker(world), dict(happens or {})
        self.begun = world.clock.now
        world.write_provider(device_url=world.server.device_url)

    @property
    def code(self) -> str:
        [(authorization, _, _)] = self.person.codes
        return authorization.user_code

    @property
    def polls(self) -> list[float]:
        """When the server was polled, in seconds after the begin."""
        return [event.at - self.begun for event in self.world.server.log if event.kind in ("token", "poll")]

    def allow(self) -> None:
        self.world.server.approve(self.code, person="ada@example.com")

    def deny(self) -> None:
        self.world.server.deny(self.code)

    def connect(self, **options: object) -> Account:
        """Connect by a code; options are those of the request."""
        clock, sleep = self.world.clock, self._sleep

        class OfThisClock(DeviceCode):
            def __init__(
                self, context: Context, request: ConnectRequest, calls: ProviderCalls, prompts: Prompts, shown: str
            ) -> None:
                super().__init__(context, request, calls, prompts, shown, clock=clock, sleep=sleep)

        request = self.world.request(**options)
        return asyncio.run(connect(self.world.context, request, self.person, OfThisClock)).account

    async def _sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 1
        self.world.clock.move(seconds)
        for due in [due for due in self._happens if due <= self.world.clock.now - self.begun]:
            self._happens.pop(due)()
        await asyncio.sleep(0)


def allowed_at(world: World, seconds: float) -> Device:
    """A device whose person allows access after so many seconds."""
    made = Device(world)
    made._happens[seconds] = made.allow
    return made


def test_the_account_of_who_enters_the_code_is_connected(world: World) -> None:
    connecting = allowed_at(world, 12)
    account = connecting.connect(scopes=("read",))
    assert account == world.account()
    assert (account.nickname, account.requested_scopes, account.state) == ("ada@example.com", ("read",), "ok")
    assert world.server.is_active(world.token().access_token)
    [(shown, title, scopes)] = connecting.person.codes
    assert shown.verification_uri == f"{world.server.url}/activate"
    assert (title, scopes) == ("acme", ("read",))
    assert connecting.polls == [5, 10, 15]


def test_what_is_connected_is_refreshed_like_any_account(world: World) -> None:
    allowed_at(world, 1).connect()
    before = world.token().access_token
    world.clock.move(3600)
    assert world.token().access_token != before
    assert world.server.count("refresh") == 1


def listening() -> set[str]:
    """The inodes of this process's listening sockets."""
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    listens = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    return listens & {os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()}


def test_nothing_listens_and_nothing_is_opened(world: World) -> None:
    seen, before = [], listening()
    connecting = allowed_at(world, 3)
    connecting._happens[2] = lambda: seen.append(listening())
    connecting.connect()
    assert seen == [before]
    assert len(before) == 1, "the server of the test is seen"
    assert connecting.person.urls == []


def test_polls_keep_the_interval_of_the_server(world: World) -> None:
    world.server.device.interval = 8
    connecting = allowed_at(world, 20)
    connecting.connect()
    assert connecting.polls == [8, 16, 24]


def test_without_an_interval_polls_come_every_five_seconds(world: World) -> None:
    world.server.device.interval = None
    connecting = allowed_at(world, 7)
    connecting.connect()
    assert connecting.polls == [5, 10]


def test_after_slow_down_all_later_polls_are_five_seconds_further_apart(world: World) -> None:
    world.server.misbehave("token", Fault.error("slow_down"), times=2)
    connecting = allowed_at(world, 40)
    connecting.connect()
    assert connecting.polls == [5, 15, 30, 45]


def test_lost_connections_do_not_end_the_wait_and_the_pauses_double(world: World) -> None:
    world.server.misbehave("token", Fault.status(503), times=1)
    world.server.misbehave("token", Fault.captive_portal(), times=1)
    world.server.misbehave("token", Fault.reset(), times=1)
    connecting = allowed_at(world, 1)
    assert connecting.connect().nickname == "ada@example.com"
    assert connecting.polls == [5, 15, 35, 75]
    [said] = [sentence for sentence in connecting.person.said if "goes on asking" in sentence]
    assert said == (
        "acme's token endpoint cannot answer now (status 503). The code stays good, and this goes on asking."
    )


@pytest.mark.requirement("Y10")
def test_a_server_in_trouble_may_name_the_pause(world: World) -> None:
    world.server.misbehave("token", Fault.status(429, retry_after=100))
    connecting = allowed_at(world, 1)
    connecting.connect()
    assert connecting.polls == [5, 105]


@pytest.mark.requirement("F15")
def test_a_no_at_the_provider_ends_the_connect_as_denied(world: World) -> None:
    connecting = Device(world)
    connecting._happens[6] = connecting.deny
    with pytest.raises(Denied, match="Access was denied at acme") as caught:
        connecting.connect()
    assert caught.value.exit_code == 4
    assert list(world.new_context().accounts.all()) == []


def test_the_code_ends_by_the_servers_time(world: World) -> None:
    world.server.device.expires_in = 22
    connecting = Device(world)
    with pytest.raises(CodeExpired, match="Nobody allowed access at acme within 22 s") as caught:
        connecting.connect()
    assert connecting.polls == [5, 10, 15, 20]
    assert world.clock.now == connecting.begun + 22
    assert caught.value.hint == f"Run `gumauth connect {world.file}:Provider --device`."
    assert list(world.new_context().accounts.all()) == []


def test_a_server_that_says_that_the_code_has_expired_is_believed(world: World) -> None:
    world.server.misbehave("token", Fault.error("expired_token"))
    connecting = Device(world)
    with pytest.raises(CodeExpired, match="before the code expired"):
        connecting.connect()
    assert connecting.polls == [5]


def test_the_person_has_as_long_as_was_asked_for(world: World) -> None:
    connecting = Device(world)
    with pytest.raises(CodeExpired, match="within 7 s"):
        connecting.connect(timeout=7)
    assert world.clock.now == connecting.begun + 7
    assert connecting.polls == [5]


def test_a_machine_that_was_suspended_asks_as_soon_as_it_wakes(world: World) -> None:
    connecting = Device(world)

    def suspend() -> None:
        world.clock.move(300)
        connecting.allow()

    connecting._happens[6] = suspend
    connecting.connect()
    assert connecting.polls == [5, 306]


def test_a_code_that_expired_while_the_machine_was_suspended_is_not_waited_for(world: World) -> None:
    connecting = Device(world, {6: lambda: world.clock.move(10_000)})
    with pytest.raises(CodeExpired):
        connecting.connect(timeout=1e9)
    assert connecting.polls == [5]


def test_the_clock_counts_suspended_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "clock_gettime", {time.CLOCK_BOOTTIME: 42.0}.__getitem__)
    assert clocks.since_boot() == 42


def test_where_the_system_has_no_such_clock_a_steady_one_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    assert clocks.since_boot() == pytest.approx(time.monotonic(), abs=5)


@pytest.mark.requirement("Y7")
def test_the_account_is_listed_before_the_first_poll_which_may_bring_tokens(world: World) -> None:
    states = []
    connecting = Device(world)

    def look() -> None:
        states.append([account.state for account in world.new_context().accounts.all()])

    connecting._happens |= {4: look, 7: look, 8: connecting.allow}
    connecting.connect()
    assert states == [[], ["connecting"]]


@pytest.mark.requirement("C10")
@pytest.mark.parametrize("second", [2, 8])
def test_ctrl_c_ends_the_wait_at_once_and_leaves_nothing(world: World, second: float) -> None:
    connecting = Device(world, {second: lambda: os.kill(os.getpid(), signal.SIGINT)})
    with pytest.raises(KeyboardInterrupt):
        connecting.connect()
    assert world.clock.now - connecting.begun < second + 2
    assert list(world.new_context().accounts.all()) == []


@pytest.mark.requirement("C10")
def test_ctrl_c_during_a_poll_that_brings_no_tokens_ends_the_wait_too(world: World) -> None:
    connecting = Device(world)
    polled = threading.Event()

    def interrupt(answer: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        polled.set()
        return answer

    fault = Fault.error("authorization_pending")
    world.server.misbehave("token", Fault("interrupted", lambda answer: interrupt(fault.change(answer)), done=False))  # type: ignore[arg-type, return-value]
    with pytest.raises(KeyboardInterrupt):
        connecting.connect()
    assert polled.is_set()
    assert connecting.polls == [5]
    assert list(world.new_context().accounts.all()) == []


@pytest.mark.parametrize(
    ("where", "fault", "kind"),
    [
        ("device", Fault.error("unauthorized_client"), TokenEndpointError),
        ("device", Fault.status(503), Temporary),
        ("device", Fault.content(b"{}"), TokenEndpointError),
        ("token", Fault.error("invalid_client", status=401), TokenEndpointError),
        ("token", Fault.content(b'{"access_token": 7}'), TokenEndpointError),
    ],
)
def test_what_no_poll_can_mend_ends_the_connect(
    world: World, where: str, fault: Fault, kind: type[GumauthError]
) -> None:
    world.server.misbehave(where, fault, times=None)  # type: ignore[arg-type]
    connecting = Device(world)
    with pytest.raises(kind):
        connecting.connect()
    assert len(connecting.polls) <= 1
    assert list(world.new_context().accounts.all()) == []


def test_without_a_client_id_nothing_is_shown_and_nothing_sent(world: World) -> None:
    del world.environ["ACME_CLIENT_ID"]
    connecting = Device(world)
    with pytest.raises(MissingCredentials):
        connecting.connect()
    assert (connecting.person.codes, world.server.log) == ([], [])


def test_where_devices_need_no_secret_none_is_needed_for_the_account(world: World) -> None:
    del world.environ["ACME_CLIENT_SECRET"]
    world.server.register(world.server.clients[0].__class__("phone", redirect_uris=()))
    world.environ["ACME_CLIENT_ID"] = "phone"
    world.attributes |= {"device_public": True, "nickname_url": world.server.userinfo_url}
    connecting = allowed_at(world, 1)
    connecting.connect()
    assert world.token().client_id == "phone"


def test_a_service_without_a_page_for_consent_is_connected_and_refreshed(world: World) -> None:
    world.attributes |= {"authorize_url": None}
    allowed_at(world, 1).connect()
    world.clock.move(3600)
    assert world.server.is_active(world.token().access_token)
    assert world.token().client_id == "acme-app"


FOREIGN = """
from gumauth import AuthProvider, TokenResponse


class Provider(AuthProvider):
    name = "acme"
    device_url = "https://acme.example/device"

    def get_url(self, redirect_uri, state):
        return f"https://acme.example/?client_id=a&redirect_uri={redirect_uri}&state={state}"

    async def exchange(self, code, redirect_uri):
        return TokenResponse(access_token="t")

    async def refresh(self, refresh_token):
        raise NotImplementedError

    async def get_nickname(self, access_token):
        return "ada"
"""


@pytest.mark.requirement("P4")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "needs `authorize_device`, which the class does not have"),
        (
            "    async def authorize_device(self):\n        return {}\n",
            "returned dict instead of a DeviceAuthorization",
        ),
        ("    def authorize_device(self):\n        return {}\n", "is not `async def`"),
    ],
)
def test_a_provider_file_that_only_says_that_it_has_the_grant_is_named(world: World, more: str, said: str) -> None:
    connecting = Device(world)
    world.file.write_text(FOREIGN + more)
    assert find(str(world.file), cwd="/").traits.device_url
    with pytest.raises(ProviderCodeError, match=said):
        connecting.connect()


POLLS = """
    async def authorize_device(self):
        from gumauth.oauth2.device import DeviceAuthorization

        return DeviceAuthorization(device_code="d", user_code="WDJB-MJHT", verification_uri="https://acme.example/device")

    async def exchange_device(self, device_code):
        import httpx

        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post("{url}", data={{"device_code": device_code}})
        answer.raise_for_status()
        return TokenResponse(access_token=answer.json()["access_token"])
"""
"""As a person may write it, with a client of their own."""


@pytest.mark.requirement("P4")
def test_a_provider_file_with_requests_of_its_own_is_polled_by_the_same_rules(world: World) -> None:
    connecting = Device(world)
    with loopback() as server:
        world.file.write_text(FOREIGN + POLLS.format(url=server.url))
        refusals = ({"error": "authorization_pending"}, {"error": "slow_down"}, {"message": "later"})
        server.answers = [
            *(Answer(503 if "message" in data else 400, json.dumps(data).encode()) for data in refusals),
            Answer(200, b'{"access_token": "t0ken"}'),
        ]
        assert connecting.connect().nickname == "ada"
        assert world.clock.now - connecting.begun == 5 + 5 + 10 + 20
        assert [seen.form for seen in server.seen] == [{"device_code": "d"}] * 4
    assert world.token().access_token == "t0ken"


@pytest.mark.requirement("P4")
def test_a_dead_code_of_such_a_file_has_expired_and_without_a_client_id_nothing_is_shown(world: World) -> None:
    connecting = Device(world)
    with loopback() as server:
        server.answer({"error": "invalid_grant"}, status=400)
        world.file.write_text(FOREIGN + POLLS.format(url=server.url))
        with pytest.raises(CodeExpired):
            connecting.connect()
        world.file.write_text(FOREIGN.replace("client_id=a&", "client_id=&") + POLLS.format(url=server.url))
        with pytest.raises(MissingCredentials):
            connecting.connect()
    assert len(connecting.person.codes) == 1
