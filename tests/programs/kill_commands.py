"""A revoke, a first connect or a refresh ahead, killed at a random moment, and what the next commands come to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from threading import Thread

from gumauth.client.refresh import ahead
from gumauth.platform.json import dumps
from gumauth.testing import deliver
from tests.programs.stage import Stage, make_due

ADDRESS = re.compile(rb"(http://127\.0\.0\.1:\S+/authorize\?\S+)")
DEADLINE = 20.0


def kill_revoke_once(scene: Stage, moment: float) -> str:
    """Kill a revoke after so many seconds: no revoked token may be handed out, and it can be run again."""
    scene.connect()
    before = scene.run("token", "acme").stdout.strip()
    process = scene.start("revoke", "acme")
    time.sleep(moment)  # the random moment itself, not a wait for something
    killed = _killed(process)
    after = scene.run("token", "acme")
    if after.returncode == 0:
        if not scene.server.is_active(after.stdout.strip()):
            return "WRONG: a revoked token was handed out"
        state = "good token"
    elif after.returncode == 3:
        state = "rightly refused" if not scene.server.is_active(before) else "refused until it is run again"
    else:
        return f"WRONG: {after.returncode} {after.stderr.strip()}"
    again = scene.run("revoke", "acme")
    if again.returncode != 0 or scene.server.is_active(before):
        return f"WRONG: revoke again: {again.returncode} {again.stderr.strip()}"
    return f"revoke {killed}: {state}, then revoked"


def kill_ahead_once(scene: Stage, moment: float) -> str:
    """Kill the process that refreshes ahead after so many seconds: `token` has a good token, and `refresh` works."""
    make_due(scene.environ, "acme", left=300)
    before = scene.server.count("refresh")
    process = begin_ahead(scene)
    time.sleep(moment)  # the random moment itself, not a wait for something
    killed = _killed(process)
    after, again = scene.run("token", "acme"), scene.run("refresh", "acme")
    if after.returncode == 0 and again.returncode == 0:
        return f"ahead {killed}: {'good token' if scene.server.is_active(after.stdout.strip()) else 'BAD TOKEN'}"
    reached = scene.server.count("refresh") > before
    lost = scene.server.count("reuse", "refused") > 0 and reached and again.returncode == 3
    scene.connect()
    return f"ahead {killed}: answer lost, server agrees" if lost else f"WRONG: {after.stderr}{again.stderr.strip()}"


def begin_ahead(scene: Stage) -> subprocess.Popen[str]:
    """The process that refreshes the account ahead, as a child of this one, so that its end is seen."""
    scene.environ["GUMAUTH_AHEAD"] = "0"  # no other is to be left behind
    words, pipe = ahead.command(scene.context.accounts.look_up("acme")), subprocess.PIPE
    process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdin is not None
    process.stdin.write(dumps(scene.environ))
    process.stdin.close()
    return process


def kill_connect_once(scene: Stage, moment: float) -> str:
    """Kill a first connect so many seconds after the person has consented: its grant is used, or nothing is left."""
    scene.run("disconnect", "acme", "--keep-grant")
    exchanged = scene.server.count("exchange")
    process, person = begin_connect(scene)
    time.sleep(moment)  # the random moment itself, not a wait for something
    killed = _killed(process)
    person.join(DEADLINE)
    listed = scene.run("list")
    after = scene.run("token", "acme")
    if after.returncode == 0:
        again = scene.run("refresh", "acme")
        good = scene.server.is_active(after.stdout.strip()) or again.returncode == 0
        return f"connect {killed}: {'good token' if good and again.returncode == 0 else f'BAD TOKEN {again.stderr}'}"
    if after.returncode != 3 or "Traceback" in listed.stderr + after.stderr:
        return f"WRONG: {after.returncode} {after.stderr.strip()}"
    # Nothing was stored: right only where the answer to the code had not come, or died with the process.
    left = scene.run("list", "--json").stdout
    if '"accounts": []' not in left and '"state": "reconnect"' not in left:
        return f"WRONG: {left}"
    if scene.server.count("exchange") > exchanged:
        return f"connect {killed}: the answer to the code was lost with the process, server agrees"
    return f"connect {killed}: the code had not been sent"


def begin_connect(scene: Stage) -> tuple[subprocess.Popen[str], Thread]:
    """A connect whose person has consented just now, and who brings the answer back."""
    before = scene.server.count("code issued")
    process = scene.start("connect", str(scene.world.file), "--no-browser")
    person = Thread(target=_consent, args=(scene, process))
    person.start()
    end = time.monotonic() + DEADLINE
    while scene.server.count("code issued") <= before and time.monotonic() < end:
        time.sleep(0.002)
    return process, person


def _consent(scene: Stage, process: subprocess.Popen[str]) -> None:
    """Go to the address that a connect prints, and bring the answer back, whatever becomes of it."""
    assert process.stderr is not None
    shown = b""
    handle = process.stderr.fileno()
    while (found := ADDRESS.search(shown)) is None or not shown[found.end() :]:
        piece = os.read(handle, 1 << 16)
        if not piece:
            return
        shown += piece
    try:
        deliver(scene.server.follow(found[1].decode()))
    except OSError:
        pass  # it was killed


def _killed(process: subprocess.Popen[str]) -> str:
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return "killed" if process.returncode == -signal.SIGKILL else "ended before"
