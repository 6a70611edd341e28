"""The browser: which one, what it is given to open, how it is started, and what to do where it is elsewhere."""

from __future__ import annotations

from gumauth.cli.browser.choice import Choice, choose, where_nobody_looks
from gumauth.cli.browser.launch import open_url
from gumauth.cli.browser.ssh_forward import ssh_forward

__all__ = ["Choice", "choose", "open_url", "ssh_forward", "where_nobody_looks"]
