"""The conformance suite of MCP, which nobody here wrote, judges gumauth as a client."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.parts.need import need, node, node_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.node

ROOT = Path(__file__).parents[2]
LOOPBACK_ONLY = ["--require", str(Path(__file__).with_name("loopback_only.cjs"))]
SUITE = "@modelcontextprotocol/conformance"

# Without the two that need identity assertions and signed ones, which gumauth does not have.
SCENARIOS = [
    "metadata-default",
    "metadata-var1",
    "metadata-var2",
    "metadata-var3",
    "basic-cimd",
    "scope-from-www-authenticate",
    "scope-from-scopes-supported",
    "scope-omitted-when-undefined",
    "scope-step-up",
    "scope-retry-limit",
    "token-endpoint-auth-basic",
    "token-endpoint-auth-post",
    "token-endpoint-auth-none",
    "pre-registration",
    "2025-03-26-oauth-metadata-backcompat",
    "2025-03-26-oauth-endpoint-fallback",
    "resource-mismatch",
    "offline-access-scope",
    "offline-access-not-supported",
    "client-credentials-basic",
]
LEFT_OUT = ["client-credentials-jwt", "cross-app-access-complete-flow"]


def suite(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    program = node_modules() / SUITE / "dist" / "index.js"
    return subprocess.run(
        [node(), *LOOPBACK_ONLY, str(program), *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        text=True,
        capture_output=True,
        timeout=150,
        check=False,
    )


@pytest.fixture(scope="module")
def judged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """Each scenario that is asked for, as it is judged; two at a time, since each waits for its processes."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function) and item.path == request.path]
    scenarios = [str(item.callspec.params["scenario"]) for item in items if "scenario" in item.fixturenames]
    with ThreadPoolExecutor(2) as judges:
        try:
            yield {each: judges.submit(judge, each, tmp_path_factory.mktemp("conformance")) for each in scenarios}
        finally:
            judges.shutdown(cancel_futures=True)


def judge(scenario: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = f"{shlex.quote(sys.executable)} -m tests.parts.conformance_client"
    words = ("client", "--command", command, "--scenario", f"auth/{scenario}", "--timeout", "120000")
    return suite(*words, TMPDIR=str(folder))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_suite_is_content_with_gumauth(
    judged: dict[str, Future[subprocess.CompletedProcess[str]]], scenario: str
) -> None:
    need(programs=(node(),), packages=(SUITE,))
    said = judged[scenario].result()
    assert said.returncode == 0, said.stdout + said.stderr
    assert "OVERALL: PASSED" in said.stderr
    if scenario == "resource-mismatch":  # the suite is content with any client that stops: it is this that stops it
        assert "https://evil.example.com/mcp" in said.stderr


def test_every_scenario_about_authorization_is_judged_but_the_named_two() -> None:
    need(programs=(node(),), packages=(SUITE,))
    listed = [line.split()[1] for line in suite("list", "--client").stdout.splitlines() if " auth/" in line]
    assert sorted(listed) == sorted(f"auth/{scenario}" for scenario in SCENARIOS + LEFT_OUT)


def test_the_suites_servers_listen_on_loopback_only() -> None:
    need(programs=(node(),))
    script = "const s = require('node:http').createServer().listen(0); console.log(s.address().address); s.close();"
    done = subprocess.run(
        [node(), *LOOPBACK_ONLY, "--eval", script], text=True, capture_output=True, timeout=30, check=True
    )
    assert done.stdout == "127.0.0.1\n"
