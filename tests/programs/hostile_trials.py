"""What a server or a network does to us, one trial for each misbehaviour and each command that meets it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gumauth.client.identity_request import PATIENCE
from gumauth.platform.frozen import replace
from gumauth.testing import Fault
from gumauth.testing.faults import DEAD, REFUSED, TOLERATED, TRANSIENT
from gumauth.testing.messages import Response
from tests.accounts.directly import records_of
from tests.programs.hostile_scene import WITHIN, Scene
from tests.programs.playing import check_done

SLACK = 6.0
"""Seconds for the program's start and end around a deadline."""

READ, OVERALL = 20.0, 30.0
"""The deadlines for a silent server and for a whole request."""

NAMELESS = ("did not say whose account this is: ", "does not say whose account it is: no ", "returned")
"""One of these is said where an account got no nickname."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One misbehaviour met by one command.

    Args:
        line: The promise that it tests.
        kind: What it is done to.
        name: The misbehaviour.
        play: Plays it; raises AssertionError where something is not as it must be.
        rotate: Whether the server replaces refresh tokens.
        quick: Whether it belongs to the quick selection.
        gumstack: What the `refresh` of a Gumstack file does with an answer, where the provider is such a file.
    """

    line: str
    kind: str
    name: str
    play: Callable[[Scene], None]
    rotate: bool = True
    quick: bool = False
    gumstack: str = ""


def understood_at_connect(fault: Fault, says: str, scene: Scene) -> None:
    scene.server.misbehave("token", fault)
    played = scene.connect("eve@example.com")
    check_done(played, WITHIN)
    assert says in played.err, f"{says!r} is not said: {played.err}"
    token = scene.run("token", "acme/eve@example.com").out.strip()
    assert scene.server.is_active(token), "the printed token is not good"


def understood_at_refresh(fault: Fault, scene: Scene) -> None:
    scene.server.misbehave("refresh", fault)
    scene.works()
    scene.works()


def refused_at_connect(fault: Fault, status: int, says: str, scene: Scene) -> None:
    scene.server.misbehave("token", fault)
    played = scene.connect_fails(status)
    assert says in played.error, f"{says!r} is not said: {played.error}"
    scene.works()
    scene.eve_can_connect()


def refused_at_refresh(fault: Fault, status: int, scene: Scene) -> None:
    """With a token that lives on, with one that is dead, and by order: nothing is stored, and it works afterwards."""
    scene.server.misbehave("refresh", fault, times=None)
    before = scene.tokens()
    scene.fails(status, "refresh", "acme")
    assert scene.tokens() == before, "other tokens are stored"
    scene.expire(left=20)
    scene.let_time_pass()
    played = scene.gives_good_token()
    assert "still good and is used" in played.err, f"no warning: {played.err!r}"
    scene.expire()
    scene.let_time_pass()
    scene.fails(status, "token", "acme")
    scene.server.behave()
    scene.let_time_pass()
    scene.works()


def refused_after_rotation(fault: Fault, status: int, scene: Scene) -> None:
    """The server has replaced the refresh token and told nobody the new one: marked at the next try, which says so."""
    scene.server.misbehave("refresh", fault)
    scene.expire()
    scene.fails(status, "token", "acme")
    scene.let_time_pass()
    scene.fails(3, "refresh", "acme")  # by hand: the refusal is remembered, and the server not asked again by `token`
    assert scene.server.count("reuse", "refused") == 1
    scene.is_marked()


def passing_at_refresh(fault: Fault, scene: Scene) -> None:
    refused_at_refresh(fault, 5, scene)


def passing_in_a_loop(fault: Fault, wait: float, scene: Scene) -> None:
    """The failure is remembered: one request for a loop of commands, also when it says how long."""
    scene.server.misbehave("refresh", fault, times=None)
    scene.expire()
    before = scene.asked("refresh")
    for _ in range(3):
        scene.fails(5, "token", "acme")
    assert scene.asked("refresh") - before == 1, "the server was asked again and again"
    account = scene.stage.context.accounts.look_up("acme")
    assert account.retry_at
    assert wait - 1 <= account.retry_at - (account.failed_at or 0) <= wait + 1
    scene.server.behave()
    scene.let_time_pass()
    scene.gives_good_token()


def retry_after_is_respected_by_order(scene: Scene) -> None:
    scene.server.misbehave("refresh", Fault.status(429, retry_after=3600), times=None)
    scene.fails(5, "refresh", "acme")
    before = scene.asked("refresh")
    # A person's own refresh is not kept waiting for longer than a minute.
    assert re.search(r"Try again in [1-6]\d s", scene.fails(5, "refresh", "acme").err)
    assert scene.asked("refresh") == before
    scene.server.behave()
    scene.let_time_pass()
    scene.works()


def dead_at_refresh(fault: Fault, scene: Scene) -> None:
    scene.server.misbehave("refresh", fault, times=None)
    scene.expire()
    played = scene.fails(3, "token", "acme")
    assert "gumauth connect" in played.err, played.err
    scene.is_marked()


def dead_by_order(fault: Fault, scene: Scene) -> None:
    scene.server.misbehave("refresh", fault, times=None)
    scene.fails(3, "refresh", "acme")
    scene.is_marked()


def dead_but_another_was_first(scene: Scene) -> None:
    """While we asked, somebody without our lock has stored another refresh token: theirs is used."""

    def theirs(_answer: Response) -> Response:
        records = records_of(scene.stage.context)
        account, record = records.settle(scene.stage.context.accounts.look_up("acme"))
        ends = time.time() + 3600
        record = replace(record, refresh_token="theirs", expires_at=ends, obtained_at=ends - 3600)
        account, record = records.put(account, record)
        records.mark(account)
        return refusal.change(_answer)

    refusal = DEAD["invalid_grant with 400"]
    scene.server.misbehave("refresh", Fault("another was first", theirs, done=False))
    access = scene.run("token", "acme").out
    scene.expire()
    played = scene.run("token", "acme")
    check_done(played, WITHIN)
    assert played.out == access
    assert scene.account()["state"] == "ok"


def slow_at_connect(fault: Fault, deadline: float, scene: Scene) -> None:
    scene.server.misbehave("token", fault)
    played = scene.connect_fails(5, deadline + SLACK)
    assert played.seconds > deadline - 1
    scene.works()


def slow_at_refresh(fault: Fault, deadline: float, scene: Scene) -> None:
    scene.server.misbehave("refresh", fault)
    scene.expire()
    assert scene.fails(5, "token", "acme", within=deadline + SLACK).seconds > deadline - 1
    scene.works()


def slow_at_revoke(scene: Scene) -> None:
    scene.server.misbehave("revoke", Fault.hang())
    scene.fails(5, "disconnect", "acme", within=READ + SLACK)
    scene.works()


def slow_but_in_time(scene: Scene) -> None:
    scene.server.misbehave("token", Fault.slow(5))
    scene.server.misbehave("refresh", Fault.slow(5))
    check_done(scene.connect("eve@example.com"), WITHIN)
    scene.works()


def nameless(fault: Fault, within: float, scene: Scene) -> None:
    """Who it is cannot be told: the tokens are kept all the same, and the account is told apart from ada's."""
    scene.server.misbehave("userinfo", fault, times=None)
    played = scene.connect("eve@example.com", "--as", "eve")
    check_done(played, within)
    scene.server.behave()
    assert any(sentence in played.err for sentence in NAMELESS), played.err
    assert scene.server.is_active(scene.run("token", "acme/eve").out.strip())
    scene.works()


def alive_after_revoke(fault: Fault, status: int, scene: Scene) -> None:
    """The grant may be alive, so the record is kept for another try, which ends it."""
    scene.server.misbehave("revoke", fault)
    scene.fails(status, "disconnect", "acme")
    scene.server.behave()
    scene.gives_good_token()
    scene.server.misbehave("revoke", fault)
    scene.fails(status, "revoke", "acme")
    scene.server.behave()
    scene.works()
    token = scene.run("token", "acme").out.strip()
    check_done(scene.run("disconnect", "acme"), WITHIN)
    assert not scene.server.is_active(token)
    assert json.loads(scene.run("list", "--json").out)["accounts"] == []


SAYS = {
    "expires_in NaN": "unknown",
    "expires_in negative": "unknown",
    "expires_in absurd": "unknown",
    "no refresh token": "No refresh token came",
}
WORDS = {
    "an error with status 200": "bad_verification_code: The code is wrong",
    "a redirect": "redirect",
    "huge": "1 MiB",
    "compressed bomb": "1 MiB",
    "an unknown token_type": "mac",
}
STATUS = {"HTML": 5, "an error with status 200": 3}
SIZES = ("huge", "compressed bomb", "a redirect")
MORE_DEAD = {
    "described": Fault.error("invalid_grant", description="\x1b[31mended\u202e by the owner\r\nerror: forged"),
    "bad_refresh_token with 200": Fault.error("bad_refresh_token", status=200),
}
MORE_PASSING = {
    "temporarily_unavailable": Fault.error("temporarily_unavailable"),
    "HTML with 502": Fault.content(b"<html>Bad gateway", status=502, content_type="text/html"),
    "portal with 511": Fault.content(b"<html>Sign in", status=511, content_type="text/html"),
}
UNSAID = {
    "500": Fault.status(500),
    "401": Fault.status(401),
    "HTML": Fault.captive_portal(),
    "a list": Fault.content(b"[]"),
    "empty": Fault.content(b""),
    "no email": Fault.fields(email=None),
    "an object as email": Fault.fields(email={"x": 1}),
    "reset": Fault.reset(),
    "huge": Fault.huge(),
    "escape sequences": Fault.fields(email="\x1b]0;x\x07\x00"),
}
UNREVOKED = {
    "503": (Fault.status(503), 5),
    "429": (Fault.status(429, retry_after=3), 5),
    "reset": (Fault.reset(), 5),
    "captive portal": (Fault.captive_portal(), 5),
    "a redirect": (Fault.redirect("https://elsewhere.invalid/"), 1),
    "invalid_client": (Fault.error("invalid_client", status=401), 1),
    "an error with status 200": (Fault.error("unsupported_token_type", status=200), 1),
    "huge": (Fault.content(b" " * 2**23), 1),
}
QUICK = (
    *("expires_in NaN", "form-encoded", "no access_token", "an error with status 200", "compressed bomb"),
    *("429 with Retry-After", "captive portal", "reset", "invalid_grant with 200", "described"),
)


def trials() -> list[Trial]:
    """Every one."""
    return [*_tolerated(), *_refused(), *_passing(), *_dead(), *_slow(), *_elsewhere()]


def _tolerated() -> list[Trial]:
    found = []
    for name, fault in TOLERATED.items():
        quick = name in QUICK
        at_connect = partial(understood_at_connect, fault, SAYS.get(name, ""))
        at_refresh = partial(understood_at_refresh, fault)
        found += [
            Trial(line="F9", kind="connect", name=name, play=at_connect, quick=quick),
            Trial(line="F9", kind="refresh", name=name, play=at_refresh, rotate=name != "no refresh token"),
        ]
    return found


def _refused() -> list[Trial]:
    found = []
    for name, fault in REFUSED.items():
        line, quick = "F8" if name in SIZES else "F10", name in QUICK
        status, words = STATUS.get(name, 1), WORDS.get(name, "")
        at_connect = partial(refused_at_connect, fault, status, words)
        found.append(Trial(line=line, kind="connect", name=name, play=at_connect, quick=quick))
        if status == 3:
            continue
        at_refresh = partial(refused_at_refresh, fault, status)
        found.append(Trial(line=line, kind="refresh", name=name, play=at_refresh, rotate=False, quick=quick))
        if fault.done:
            rotated = partial(refused_after_rotation, fault, status)
            found.append(Trial(line=line, kind="refresh, rotated", name=name, play=rotated))
    return found


def _passing() -> list[Trial]:
    found = []
    for name, fault in {**TRANSIENT, **MORE_PASSING}.items():
        quick = name in QUICK
        at_connect = partial(refused_at_connect, fault, 5, "")
        found += [
            Trial(line="R7", kind="connect", name=name, play=at_connect),
            Trial(line="R7", kind="refresh", name=name, play=partial(passing_at_refresh, fault), quick=quick),
        ]
    loops = {"503": (Fault.status(503), 30.0), "429 for 90 s": (Fault.status(429, retry_after=90), 90.0)}
    found += [
        Trial(line="R7", kind="loop", name=name, play=partial(passing_in_a_loop, fault, wait), quick=True)
        for name, (fault, wait) in loops.items()
    ]
    return [*found, Trial(line="R7", kind="by order", name="429 for 1 h", play=retry_after_is_respected_by_order)]


def _dead() -> list[Trial]:
    found = [Trial(line="R8", kind="refresh", name="another was first", play=dead_but_another_was_first, quick=True)]
    for name, fault in {**DEAD, **MORE_DEAD}.items():
        at_connect = partial(refused_at_connect, fault, 3, "")
        found += [
            Trial(line="F10", kind="connect", name=name, play=at_connect),
            Trial(line="R8", kind="token", name=name, play=partial(dead_at_refresh, fault), quick=name in QUICK),
            Trial(line="R8", kind="refresh", name=name, play=partial(dead_by_order, fault)),
        ]
    return found


def _slow() -> list[Trial]:
    hang, drip, late = Fault.hang(), Fault.dripping(2), Fault.slow(40)
    return [
        Trial(line="F8", kind="connect", name="silent", play=partial(slow_at_connect, hang, READ)),
        Trial(line="F8", kind="refresh", name="silent", play=partial(slow_at_refresh, hang, READ)),
        Trial(line="F8", kind="connect", name="dripping", play=partial(slow_at_connect, drip, OVERALL), rotate=False),
        Trial(line="F8", kind="refresh", name="dripping", play=partial(slow_at_refresh, drip, OVERALL), rotate=False),
        Trial(line="F8", kind="refresh", name="late", play=partial(slow_at_refresh, late, READ), rotate=False),
        Trial(line="F8", kind="disconnect", name="silent", play=slow_at_revoke),
        Trial(line="F8", kind="connect", name="slow but in time", play=slow_but_in_time),
        Trial(line="F8", kind="nickname", name="silent", play=partial(nameless, hang, READ + PATIENCE + SLACK)),
    ]


def _elsewhere() -> list[Trial]:
    found = [
        Trial(line="F10", kind="nickname", name=name, play=partial(nameless, fault, WITHIN), quick=name == "500")
        for name, fault in UNSAID.items()
    ]
    for name, (fault, status) in UNREVOKED.items():
        play = partial(alive_after_revoke, fault, status)
        found.append(Trial(line="R7", kind="disconnect", name=name, play=play, quick=name == "captive portal"))
    return found
