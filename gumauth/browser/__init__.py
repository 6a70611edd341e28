"""The browser: which one, what it is given to open, how it is started, and what to do where it is elsewhere."""

from __future__ import annotations

from gumauth.browser.choice import Choice, choose, where_nobody_looks
from gumauth.browser.forward import ssh_forward
from gumauth.browser.launch import open_url

__all__ = ["Choice", "choose", "open_url", "ssh_forward", "where_nobody_looks"]
