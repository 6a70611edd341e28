"""The topics of `gumauth help`: pages of Markdown that come with the package, in `topics/`."""

from __future__ import annotations

TOPICS = (
    *("accounts", "scripts", "python"),
    *("own-provider", "gumstack", "testing"),
    *("storage", "variables", "install", "trouble", "security", "proof"),
)
"""In the order in which they are listed. None has the name of a command."""


def read(name: str) -> str:
    """The page of a topic, as it stands.

    Args:
        name: One of `TOPICS`.
    """
    from importlib.resources import files

    return files("gumauth.cli").joinpath("topics", f"{name}.md").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """What a topic is about: its first heading."""
    return read(name).partition("\n")[0].removeprefix("# ")
