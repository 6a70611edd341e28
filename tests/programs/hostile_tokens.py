"""Token responses as services write them: ends in every form, scopes as a list, forms; and what cannot be believed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from gumauth.testing import Fault
from gumauth.testing.messages import Response
from tests.programs.hostile_scene import WITHIN, Scene
from tests.programs.hostile_trials import Trial
from tests.programs.playing import check_done


def with_end(**members: Callable[[float], object]) -> Fault:
    """The right answer with these members worked out from the present in place of `expires_in`."""

    def change(answer: Response) -> Response:
        fields = {name: value for name, value in json.loads(answer.body).items() if name != "expires_in"}
        now = time.time()
        return replace(answer, body=json.dumps(fields | {name: of(now) for name, of in members.items()}).encode())

    return Fault(f"an end by {', '.join(members)}", change)


def form_of(change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> Fault:
    """The right answer as a form, with its members changed."""
    form = Fault.form_encoded()

    def changed(answer: Response) -> Response:
        members = change({name: str(value) for name, value in json.loads(answer.body).items()})
        return form.change(replace(answer, body=json.dumps(members).encode()))

    return Fault("a changed form", changed)


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


HOUR = 3600
ENDS = {
    "expires_at as a number": with_end(expires_at=lambda now: int(now) + HOUR),
    "expires_at as text": with_end(expires_at=lambda now: str(int(now) + HOUR)),
    "expires_at in milliseconds": with_end(expires_at=lambda now: int(now * 1000) + HOUR * 1000),
    "expires_at in ISO 8601": with_end(expires_at=lambda now: iso(now + HOUR)),
    "expires_at in ISO 8601 with fractions": with_end(
        expires_at=lambda now: datetime.fromtimestamp(now + HOUR, UTC).isoformat()
    ),
    "expires as a time": with_end(expires=lambda now: int(now) + HOUR),
    "expires as a life": with_end(expires=lambda _: HOUR),
    "an earlier end beside a life": with_end(expires_at=lambda now: int(now) + HOUR, expires_in=lambda _: 9 * HOUR),
    "a shorter life beside an end": with_end(expires_at=lambda now: int(now) + 9 * HOUR, expires_in=lambda _: HOUR),
    "a form with a life": form_of(lambda fields: {**fields, "expires_in": "3600"}),
}
"""Each says that the token ends in an hour."""

UNKNOWN = {
    "expires_in as an instant": with_end(expires_in=lambda now: int(now) + HOUR),
    "expires_in of ten years": with_end(expires_in=lambda _: 10 * 365 * 86400),
    "expires_at long past": with_end(expires_at=lambda _: 1_000_000_000),
    "expires_at as words": with_end(expires_at=lambda _: "tomorrow"),
    "expires_at as a list": with_end(expires_at=lambda _: [1]),
}
"""Nobody can tell when the token ends, which is said."""

SCOPES = {
    "a list": Fault.fields(scope=["read", "write"]),
    "commas": Fault.fields(scope="read,write"),
    "a list with other things": Fault.fields(scope=["read", None, {"x": 1}, "write"]),
    "a form": form_of(lambda fields: {**fields, "scope": "read write"}),
}
"""Each grants `read` and `write`."""


def connect_eve(fault: Fault, scene: Scene) -> str:
    """What is said at eve's connect with such an answer, whose token must be good."""
    scene.server.misbehave("token", fault)
    said = scene.connect("eve@example.com")
    check_done(said, WITHIN)
    assert scene.server.is_active(scene.run("token", "acme/eve@example.com").out.strip()), "the token is not good"
    return said.err


def ends_in_an_hour(fault: Fault, scene: Scene) -> None:
    connect_eve(fault, scene)
    scene.server.misbehave("refresh", fault)
    check_done(scene.run("refresh", "acme/ada@example.com"), WITHIN)
    for account in scene.accounts():
        left = datetime.fromisoformat(account["expires_at"]).timestamp() - time.time()
        assert HOUR - 120 < left < HOUR + 60, account["expires_at"]


def ends_nobody_knows_when(fault: Fault, scene: Scene) -> None:
    assert "unknown" in connect_eve(fault, scene), "that the end is unknown is not said"
    eve = next(account for account in scene.accounts() if account["nickname"] == "eve@example.com")
    assert eve["expires_at"] is None


def grants(fault: Fault, scene: Scene) -> None:
    connect_eve(fault, scene)
    eve = next(account for account in scene.accounts() if account["nickname"] == "eve@example.com")
    assert eve["scopes"] == ["read", "write"]
    scene.server.misbehave("refresh", fault)
    scene.works()


def trials() -> list[Trial]:
    """Every one."""
    found = []
    for name, fault in ENDS.items():
        quick = name == "expires_at in ISO 8601"
        found.append(Trial(line="F14", kind="connect", name=name, play=partial(ends_in_an_hour, fault), quick=quick))
    for name, fault in UNKNOWN.items():
        quick, play = name == "expires_in as an instant", partial(ends_nobody_knows_when, fault)
        found.append(Trial(line="F14", kind="connect", name=name, play=play, quick=quick))
    for name, fault in SCOPES.items():
        found.append(Trial(line="F9", kind="connect", name=f"scopes as {name}", play=partial(grants, fault)))
    return found
