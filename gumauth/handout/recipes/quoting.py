"""Words as other programs' configurations spell them. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def shell(words: Sequence[str]) -> str:
    """A command line of `sh`."""
    import shlex

    return shlex.join(words)


def quoted(text: str, special: str = '\\"') -> str:
    """A text in double quotes, with a backslash before each special character: for git, isync and mutt."""
    return '"' + "".join(f"\\{letter}" if letter in special else letter for letter in text) + '"'


def json(value: object) -> str:
    """A value as JSON for a file that people read: indented, in ASCII."""
    from json import dumps

    return dumps(value, indent=2)


def string(text: str) -> str:
    """A text as a string of JSON in ASCII, which YAML reads too, and TOML where `toml` is asked."""
    from gumauth.platform.json import dumps

    return dumps(text)


def toml(text: str) -> str:
    r"""A text as a basic string of TOML.

    JSON writes what is beyond the first 65,536 characters as two surrogates, which TOML refuses; and DEL as it is.

    Source: TOML 1.0, "String".
    """
    return "".join(string(letter)[1:-1] if ord(letter) < 0x7F else f"\\U{ord(letter):08X}" for letter in text).join(
        '""'
    )


def csv(text: str) -> str:
    """A text as one field of a list that is split at commas."""
    return '"' + text.replace('"', '""') + '"' if any(letter in text for letter in ',"\n\r') else text


def spaced(words: Sequence[str]) -> str:
    """Words as rclone splits them: at blanks, where a word in double quotes may hold blanks, and a quote twice.

    Source: rclone.org, "SpaceSepList".
    """
    return " ".join('"' + w.replace('"', '""') + '"' if any(c in w for c in ' "') or not w else w for w in words)
