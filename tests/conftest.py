"""Fixtures that every test may use; importing them starts nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

# By import, not by the plugin's name: pytest refuses a plugin twice where gumauth is installed with its entry point.
from gumauth.testing.plugin import authorization_server as authorization_server

pytest_plugins = [
    "tests.promise_plugin",
    "tests.parts.browser",
    "tests.parts.dot",
    "tests.parts.mcp_servers",
    "tests.parts.oidc_provider",
    "tests.parts.people",
    "tests.parts.screen",
    "tests.parts.secret_service",
    "tests.parts.keepassxc",
    "tests.parts.kwallet",  # behind the one that it imports
    "tests.parts.standin",
]

MEASURES_CHILDREN = "COVERAGE_PROCESS_CONFIG"
"""The variable by which coverage measures the processes that a test starts."""

UNMEASURED = tuple(
    Path(__file__).parent / name
    for name in (
        *("programs", "parts", "client/test_killed_connects.py", "client/test_killed_names.py"),
        "client/refresh/test_ahead.py",
        *("cli/test_questions.py", "cli/test_endings.py", "cli/test_without_locks.py"),
        *("cli/commands/test_connect_device.py", "cli/parsing/test_completion_scripts.py"),
    )
)
"""Tests that start many processes, some only to kill them. Measuring these takes half as long as running them."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Keep coverage out of the processes of some tests."""
    measures = os.environ.get(MEASURES_CHILDREN)
    if measures is None or not any(item.path.is_relative_to(each) for each in UNMEASURED):
        return (yield)
    del os.environ[MEASURES_CHILDREN]
    try:
        return (yield)
    finally:
        os.environ[MEASURES_CHILDREN] = measures


def pytest_configure() -> None:
    """Take Ctrl-C and a hang-up as usual: what a shell starts in the background ignores them, and so would children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ["GUMAUTH_KEEP_KEY"] = "0"  # no test may leave a key in the kernel's keyring of who runs the tests
    os.environ["GUMAUTH_AHEAD"] = "0"  # nor a process, but those that are about such processes
