"""SHA-256 for names of files, entries and accounts, by Python's own module in C.

`hashlib` imports OpenSSL, which takes a fifth of the time in which an interpreter starts.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256
    except ImportError:  # pragma: no cover - a Python that was built without
        from hashlib import sha256

__all__ = ["sha256"]
