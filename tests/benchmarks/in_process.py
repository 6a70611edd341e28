"""What a Python program pays that asks for tokens itself."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.benchmarks.figures import Figure, Finding
from tests.benchmarks.scene import PROVIDER, Scene

CACHED = f"""
import json, statistics, time, timeit, gumauth
names = {{"get_token": gumauth.get_token}}
gumauth.get_token("{PROVIDER}")
took = timeit.repeat('get_token("{PROVIDER}")', timer=time.process_time, globals=names, number=10_000, repeat=24)
print(json.dumps([statistics.median(took) / 10_000]))
"""

AUTH = f"""
import json, statistics, time, gumauth, httpx

def client(**options):
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(204)), **options)

def seconds(client):
    began = time.process_time()
    for _ in range(200):
        client.get("https://api.example.com/")
    return (time.process_time() - began) / 200

fresh = gumauth.Auth("{PROVIDER}", hosts="api.example.com")
with client(auth=fresh) as ours, client(headers={{"Authorization": "Bearer token"}}) as plain:
    pairs = [(seconds(ours), seconds(plain)) for _ in range(50)][2:]
print(json.dumps([statistics.median(each) for each in zip(*pairs)]))
"""


class InProcess:
    """Rows that are measured within one Python process, in time on a processor: nothing in it waits.

    Args:
        scene: What it runs in.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def cached(self) -> Finding:
        """A token that was asked for before."""
        (took,) = self._run(CACHED)
        return Finding([Figure("a call", took * 1e6, 0.5, "µs")])

    def auth(self) -> Finding:
        """A request of an httpx client with `gumauth.Auth`, beside one with a fixed header."""
        ours, plain = self._run(AUTH)
        return Finding(
            [Figure("beyond a static header", (ours - plain) * 1e6, 3, "µs")], {"Auth": ours, "header": plain}
        )

    def _run(self, program: str) -> list[float]:
        done = subprocess.run(
            [sys.executable, "-c", program], env=self.scene.environ, stdout=subprocess.PIPE, text=True, check=True
        )
        seconds: list[float] = json.loads(done.stdout)
        return seconds
