"""Key files as gumauth makes them: 32 random or derived bytes in a new file that only its owner can read."""

from __future__ import annotations

import os

from gumauth.errors import StoreError
from gumauth.platform.files import make_folder, sync_folder, write_all
from gumauth.platform.text import one_line


def make_key_file(path: str, key: bytes) -> bool:
    """Write a key into a new file, whole from the moment that it has its name; an existing file is left as it is.

    Args:
        path: Of the file; `~` is the home directory. Folders that are missing are made for their owner only.
        key: Secret.

    Returns:
        Whether the file was made; False where there is a file already.

    Raises:
        StoreError: It cannot be written.
        HomeError: Its folder cannot be made.
    """
    path = full_path(path)
    folder = os.path.dirname(path)
    make_folder(folder)
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            write_all(handle, key)
            os.fsync(handle)
            os.link(temporary, path)  # unlike a renaming, it replaces nothing
        except FileExistsError:
            return False
        finally:
            os.close(handle)
            os.unlink(temporary)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(
            f"The key file {one_line(path)} cannot be written: {error.strerror or type(error).__name__}.",
            hint="Name a file in a folder of your own.",
        ) from error
    return True


def is_there(path: str) -> bool:
    """Whether there is a file, or a link, of this name."""
    return os.path.lexists(full_path(path))


def full_path(path: str) -> str:
    """The absolute path of a file that a person has named."""
    return os.path.abspath(os.path.expanduser(path))
