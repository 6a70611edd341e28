"""Provider files that have been run before: running one is running code, so a new or changed one is named first."""

from __future__ import annotations

import hashlib
import os

from gumauth.client.context import Context
from gumauth.platform.files import read_file, write_file
from gumauth.platform.text import one_line
from gumauth.registry import lookup


def announce(context: Context, reference: str, cwd: str) -> None:
    """Say which file a connect is about to run, where it is new or has changed.

    Raises:
        ProviderFileError: The file cannot be read, or others can write it.
    """
    if not lookup.is_path(reference):
        return
    path = os.path.abspath(lookup.full_path(lookup.split_path(reference)[0], cwd))
    now = lookup.fingerprint(path).encode()
    note = os.path.join(context.home.data, "files", hashlib.sha256(path.encode()).hexdigest()[:32])
    before = read_file(note)
    if before == now:
        return
    why = "is new to gumauth" if before is None else "has changed since it last ran"
    context.notify(f"Running the code of {one_line(path, 500)}, which {why}.")
    write_file(note, now)
