"""Fixtures that every test may use; importing them starts nothing."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# By import, not by the plugin's name: pytest refuses a plugin twice where gumauth is installed with its entry point.
from gumauth.testing.plugin import authorization_server as authorization_server

# How long one example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

UNMEASURED = ("tests/parts/", "tests/programs/")
"""Folders whose tests are run without coverage; single tests that repeat themselves are marked `no_cover`."""

LONG = (
    "tests/test_installing.py", "tests/cli/check/", "tests/programs/", "tests/parts/test_by_address.py",
    "tests/parts/test_whose_grant.py", "tests/cli/test_questions.py",
)  # fmt: skip
"""Files that take a minute or more: they go first, so that no worker plays one when the others have nothing left."""

pytest_plugins = [
    "tests.promise_plugin",
    "tests.parts.browser",
    "tests.parts.dot",
    "tests.parts.gumstack_servers",
    "tests.parts.mcp_servers",
    "tests.parts.oidc_provider",
    "tests.parts.people",
    "tests.parts.screen",
    "tests.parts.secret_service",
    "tests.parts.keepassxc",
    "tests.parts.kwallet",  # behind the one that it imports
    "tests.parts.shared_store",
    "tests.parts.standin",
]


def pytest_configure() -> None:
    """Take Ctrl-C and a hang-up as usual: what a shell starts in the background ignores them, and so would children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ["GUMAUTH_KEEP_KEY"] = "0"  # no test may leave a key in the kernel's keyring of who runs the tests
    os.environ["GUMAUTH_AHEAD"] = "0"  # nor a process, but those that are about such processes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first, try a test again whose gnome-keyring has ended, and measure no lines in whole lives.

    Where ours is at fault, the keyring ends each time. Lives and storms run, many times and mostly in other processes,
    the lines that the tests beside each module have run; what measures lines doubles the time of all Python code.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    again = pytest.mark.flaky(reruns=2, only_rerun=["Secret Service ended before it answered"])
    for item in items:
        if "session_without_bus" in getattr(item, "fixturenames", ()):
            item.add_marker(again)
        if item.nodeid.startswith(UNMEASURED):
            item.add_marker("no_cover")
