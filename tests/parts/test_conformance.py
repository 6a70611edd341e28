"""The conformance suite of MCP, which nobody here wrote, judges gumauth as a client."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.need import need, node, node_modules

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
    need(programs=(node(),), packages=(SUITE,))
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


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_suite_is_content_with_gumauth(scenario: str, tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m tests.parts.conformance_client"
    words = ("client", "--command", command, "--scenario", f"auth/{scenario}", "--timeout", "120000")
    judged = suite(*words, TMPDIR=str(tmp_path))
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "OVERALL: PASSED" in judged.stderr
    if scenario == "resource-mismatch":  # not content with any client that stops: it is this that stops it
        assert "https://evil.example.com/mcp" in judged.stderr


def test_every_scenario_about_authorization_is_judged_but_the_named_two() -> None:
    listed = [line.split()[1] for line in suite("list", "--client").stdout.splitlines() if " auth/" in line]
    assert sorted(listed) == sorted(f"auth/{scenario}" for scenario in SCENARIOS + LEFT_OUT)


def test_the_suites_servers_listen_on_loopback_only() -> None:
    need(programs=(node(),))
    script = "const s = require('node:http').createServer().listen(0); console.log(s.address().address); s.close();"
    done = subprocess.run(
        [node(), *LOOPBACK_ONLY, "--eval", script], text=True, capture_output=True, timeout=30, check=True
    )
    assert done.stdout == "127.0.0.1\n"
