"""httpx without its command line, which it imports along wherever Rich and Click are installed, as they are here.

The command line is more than a third of what importing httpx takes, and nobody calls it in these processes.
"""

from __future__ import annotations

import sys

__all__ = ["httpx"]

COMMAND_LINE = "httpx._main"

if "httpx" in sys.modules:
    import httpx
else:
    # So its import fails, as it does where Rich is not installed; httpx goes on without it then.
    sys.modules[COMMAND_LINE] = None  # type: ignore[assignment]
    try:
        import httpx
    finally:
        del sys.modules[COMMAND_LINE]
