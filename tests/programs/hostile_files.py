"""What a provider file does to us: every method, with every habit that breaks the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from gumauth.client.identity_request import PATIENCE
from tests.programs.hostile_scene import WITHIN, Scene
from tests.programs.hostile_trials import SLACK, Trial
from tests.programs.playing import check_done

DEADLINE = 35.0
"""Seconds for one method of a provider."""

CANARY = "xyzzy-plugh"
"""Stands for the secrets that foreign errors carry in their words."""


@dataclass(frozen=True, kw_only=True)
class Habit:
    """One way to break the contract.

    Args:
        body: Of the method, one line.
        says: What the error says of it.
        status: The exit status.
        is_async: Whether the method is `async def`.
        within: Seconds.
    """

    body: str
    says: str
    status: int = 1
    is_async: bool = True
    within: float = WITHIN


ANYWHERE = {
    "raises": Habit(body=f"token = '{CANARY}'; raise ValueError('said ' + token)", says="raised ValueError in line "),
    "asserts": Habit(body=f"secret = '{CANARY}'; assert False, f'no {{secret}}'", says=": no …."),
    "recurses": Habit(body="f = lambda: f(); f()", says="raised RecursionError in line "),
    "exits": Habit(body="import sys; sys.exit(0)", says="raised SystemExit in line "),
    "interrupts": Habit(body="raise KeyboardInterrupt", says="raised KeyboardInterrupt in line "),
    "raises no Exception": Habit(
        body="raise type('Odd', (BaseException,), {})()", says="raised Odd in line ", is_async=True
    ),
    "indexes an error body": Habit(body="{}['access_token']", says="found no `access_token` in the provider's answer"),
    "reads a variable that is not set": Habit(body="import os; os.environ['ODD_SETTING']", says="ODD_SETTING"),
    "times out": Habit(body="raise TimeoutError", says="could not be reached", status=5),
    "breaks its connection": Habit(
        body=f"raise ConnectionResetError('{CANARY}')", says="could not be reached", status=5
    ),
}
AWAITED = {
    "cancels": Habit(body="import asyncio; raise asyncio.CancelledError", says="raised CancelledError in line "),
    "is not async": Habit(body="return None", says="is not `async def`", is_async=False),
    "is a generator": Habit(body="yield 1", says="is not `async def`"),
    "starts a loop": Habit(
        body="import asyncio; asyncio.get_running_loop().run_until_complete(None)", says="raised RuntimeError in line "
    ),
    "raises a group": Habit(
        body="raise BaseExceptionGroup('g', [ValueError()])", says="raised ExceptionGroup in line "
    ),
}
RETURNS = {
    "nothing": Habit(body="return None", says="returned nothing"),
    "a dict": Habit(body=f"return {{'access_token': '{CANARY}'}}", says="returned a dict"),
    "a str": Habit(body=f"return '{CANARY}'", says="returned a str"),
    "a coroutine function": Habit(body="return self.refresh", says="returned a method"),
    "no token": Habit(body="from gumauth import TokenResponse; return TokenResponse(None)", says="is missing"),
    "bytes as token": Habit(body="from gumauth import TokenResponse; return TokenResponse(b'x')", says="not text"),
    "a line end in the token": Habit(
        body=f"from gumauth import TokenResponse; return TokenResponse('{CANARY}\\n')", says="not printable"
    ),
}
HANGS = {
    "waits for ever": Habit(
        body="import asyncio; await asyncio.sleep(600)", says="did not end", status=5, within=DEADLINE + SLACK
    ),
    "blocks for ever": Habit(
        body="import time; time.sleep(600)", says="did not end", status=5, within=DEADLINE + SLACK
    ),
    "refuses to be cancelled": Habit(
        body="exec('import asyncio')\n        while True:\n            try:\n                await asyncio.sleep(600)\n"
        "            except BaseException: pass",
        says="did not end",
        status=5,
        within=DEADLINE + SLACK,
    ),
}
URLS = {
    "None": Habit(body="return None", says="returned NoneType", is_async=False),
    "no state": Habit(body="return 'https://a.example/?redirect_uri=x'", says="without the `state`", is_async=False),
    "javascript": Habit(body="return 'javascript:alert(1)'", says="", is_async=False),
    "a line end": Habit(body="return 'https://a.example/\\nHost: x'", says="", is_async=False),
    "a coroutine": Habit(body="return 'https://a.example/'", says="returned coroutine"),
}
NICKNAMES = {
    "a number": Habit(body="return 5", says="returned int"),
    "a list": Habit(body="return ['ada']", says="returned list"),
}


def method(name: str, habit: Habit) -> str:
    head = "async def" if habit.is_async else "def"
    return f"\n    {head} {name}(self, *arguments):\n        {habit.body}\n"


def check_named(scene: Scene, name: str, habit: Habit) -> None:
    """The last error names the method and the file, where it does not name a variable or the network."""
    said = scene.played[-1].err
    assert habit.says in said, f"{habit.says!r} is not said: {said}"
    assert CANARY not in said, f"a secret in the foreign error's words is printed: {said}"
    for token in scene.tokens():
        assert token is None or token not in said, f"a token is printed: {said}"
    if habit.says[:5] in ("raise", "retur", "is no", "did n", "found"):
        assert f"`{name}`" in said or f"`{name}" in said, f"{name} is not named: {said}"
        assert str(scene.file) in said, f"the file is not named: {said}"


def at_connect(name: str, habit: Habit, scene: Scene) -> None:
    scene.rewrite(method(name, habit))
    scene.connect_fails(habit.status, habit.within)
    scene.played.pop()  # the list
    check_named(scene, name, habit)
    scene.mend()
    scene.works()
    scene.eve_can_connect()


def at_refresh(name: str, habit: Habit, scene: Scene) -> None:
    scene.rewrite(method(name, habit))
    before = scene.tokens()
    scene.expire()
    scene.fails(habit.status, "token", "acme", within=habit.within)
    check_named(scene, name, habit)
    assert scene.tokens() == before
    scene.mend()
    scene.works()


def at_nickname(habit: Habit, scene: Scene) -> None:
    """The tokens are there and are kept."""
    scene.rewrite(method("get_nickname", habit))
    check_done(scene.connect("eve@example.com", "--as", "eve"), habit.within + PATIENCE)  # to be asked again
    assert CANARY not in scene.played[-1].err
    assert habit.says in scene.played[-1].err, scene.played[-1].err
    scene.mend()
    assert scene.server.is_active(scene.run("token", "acme/eve").out.strip())
    scene.works()


def at_disconnect(habit: Habit, scene: Scene) -> None:
    """The grant is not ended, so that nothing is forgotten."""
    scene.rewrite(method("revoke_token", habit))
    for command in ("revoke", "disconnect"):
        scene.fails(habit.status, command, "acme", within=habit.within)
        check_named(scene, "revoke_token", habit)
    scene.works()
    scene.mend()
    check_done(scene.run("disconnect", "acme"), WITHIN)
    assert scene.nicknames() == []


def prints(scene: Scene) -> None:
    """What a provider's code prints does not stand in a result."""
    noisy = "    async def refresh(self, token):\n        print('noise'); return await super().refresh(token)\n"
    scene.rewrite("\n" + noisy)
    scene.expire()
    assert "noise" in scene.gives_good_token().err


def not_implemented(scene: Scene) -> None:
    scene.rewrite(method("refresh", Habit(body="raise NotImplementedError", says="")))
    assert "cannot be refreshed" in scene.fails(1, "refresh", "acme").err
    scene.mend()
    scene.works()


def vanishes(scene: Scene) -> None:
    """The file is away, broken, and back."""
    scene.expire()
    for content in (None, "def", "raise OSError('no')", "import sys; sys.exit(0)", "x = 1"):
        scene.file.unlink()
        if content is not None:
            scene.file.write_text(content)
            scene.file.chmod(0o600)
        assert str(scene.file) in scene.fails(1, "token", "acme").err
        scene.file.touch()
    scene.mend()
    scene.works()


QUICK = ("raises", "raises no Exception", "cancels", "a dict")


def trials() -> list[Trial]:
    """Every one."""
    asked = {**ANYWHERE, **AWAITED, **HANGS}
    return [
        *_trials("__init__", {name: _sync(habit) for name, habit in ANYWHERE.items()}),
        *_trials("get_url", {name: _sync(habit) for name, habit in ANYWHERE.items()} | URLS),
        *_trials("exchange", {**asked, **RETURNS}),
        *_trials("refresh", {**asked, **RETURNS}),
        *_nicknames({**asked, **NICKNAMES}),
        *_ends({**asked, "returns nothing": Habit(body="return None", says="returned NoneType")}),
        Trial(line="P4", kind="refresh", name="prints", play=prints, quick=True),
        Trial(line="P4", kind="refresh", name="is not implemented", play=not_implemented),
        Trial(line="P4", kind="refresh", name="vanishes", play=vanishes),
    ]


def _sync(habit: Habit) -> Habit:
    return Habit(body=habit.body, says=habit.says, status=habit.status, is_async=False, within=habit.within)


def _trials(name: str, habits: Mapping[str, Habit]) -> list[Trial]:
    play = at_refresh if name == "refresh" else at_connect
    quick = () if name == "__init__" else QUICK
    return [
        Trial(line="P4", kind=name, name=habit, play=partial(play, name, how), quick=habit in quick)
        for habit, how in habits.items()
    ]


def _nicknames(habits: Mapping[str, Habit]) -> list[Trial]:
    return [
        Trial(line="P4", kind="get_nickname", name=habit, play=partial(at_nickname, how), quick=habit == "cancels")
        for habit, how in habits.items()
    ]


def _ends(habits: Mapping[str, Habit]) -> list[Trial]:
    return [
        Trial(line="P4", kind="revoke", name=habit, play=partial(at_disconnect, how), quick=habit == "raises")
        for habit, how in habits.items()
    ]
