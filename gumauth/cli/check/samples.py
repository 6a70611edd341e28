"""Sample answers of the real service, which a person gives with --answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from gumauth.errors import UsageError
from gumauth.platform.text import one_line

LARGEST = 1 << 20
"""Bytes of a sample."""


def samples(given: Iterable[str]) -> list[tuple[str, Any]]:
    """The JSON of each sample, with the part of an address at which it is given; "" for every address.

    Args:
        given: "FILE" or "PART=FILE".

    Raises:
        UsageError: A file cannot be read, or holds no JSON.
    """
    return [_sample(each) for each in given]


def _sample(given: str) -> tuple[str, Any]:
    part, _, path = ("", "", given) if os.path.exists(given) else given.rpartition("=")
    try:
        with open(path, "rb") as file:
            return part, json.loads(file.read(LARGEST))
    except OSError as error:
        raise UsageError(
            f"The sample {one_line(path, 300)} cannot be read: {error.strerror}.",
            hint="--answer takes a file with JSON, or PART=FILE.",
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(
            f"{one_line(path, 300)} holds no JSON.",
            hint="Save what the service answers to the request for the account's nickname, without a token in it.",
        ) from None
