"""The pytest plugin gives provider authors the server, and costs nothing where it is not used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent / "provider_kit"


def test_the_example_for_provider_authors_passes_as_it_stands() -> None:
    """Run as somebody else's project would: with the plugin by name and nothing of these tests around it."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "gumauth.testing.plugin"]
    command += ["--rootdir", str(EXAMPLE), "--confcutdir", str(EXAMPLE), "-c", "/dev/null", str(EXAMPLE)]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environ, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_loading_the_plugin_loads_no_server() -> None:
    program = "import sys, gumauth.testing.plugin; print('http.server' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "False\n"
