"""Libraries that read variables for a file: dotenv and pydantic-settings.

What a `.env` file says of hosts and scopes is used; ids and secrets in it are not. It is for a process of its own: what
is replaced here is not put back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, MutableMapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gumauth.cli.check.values import is_identifier, is_secret

MOST = 200
"""Files of a folder that are looked into."""


def lead(folder: str, environ: MutableMapping[str, str]) -> None:
    """Let these libraries find made-up values, where files of a folder use them.

    Args:
        folder: Of the file, with a slash at its end.
        environ: The person's variables; those of a `.env` file that are no secrets come in.
    """
    used = _mentioned(folder, ("dotenv", "pydantic_settings"))
    if used and find_spec("dotenv"):
        _lead_dotenv(import_module("dotenv.main").DotEnv, environ)
    if "pydantic_settings" in used and find_spec("pydantic_settings"):
        _lead_settings(import_module("pydantic_settings").EnvSettingsSource)


def _mentioned(folder: str, words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in sorted(Path(folder).glob("**/*.py"))[:MOST] if os.path.isdir(folder) else ():
        try:
            text = path.read_text(errors="replace")
        except OSError:
            continue
        found |= {word for word in words if word in text}
    return found


def _lead_dotenv(dotenv: Any, environ: MutableMapping[str, str]) -> None:
    read = dotenv.dict

    def values(self: Any) -> dict[str, str | None]:
        """What the file says, with made-up ids and secrets."""
        return {name: os.environ.get(name) if _is_hidden(name) else value for name, value in read(self).items()}

    def load(self: Any) -> bool:
        """Hand on what is no secret as if the person had set it; the rest is made up when it is read."""
        found = {name: value for name, value in read(self).items() if value is not None and not _is_hidden(name)}
        environ.update({name: value for name, value in found.items() if self.override or name not in environ})
        return bool(read(self))

    dotenv.dict, dotenv.set_as_environment_variables = values, load


def _lead_settings(source: Any) -> None:
    begin = source.__init__

    def began(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        self.env_vars = {**self.env_vars, **_given(self)}

    source.__init__ = began


def _given(source: Any) -> dict[str, str]:
    """The variables of a settings class that nothing sets, by the names that the library looks for."""
    given: dict[str, str] = {}
    for name, field in source.settings_cls.model_fields.items():
        for _, variable, *_ in source._extract_field_info(field, name):  # noqa: SLF001 - the one place of these names
            shown = variable.upper()
            wanted = field.is_required() or _is_hidden(shown)
            value = (os.environ[shown] if field.is_required() else os.environ.get(shown)) if wanted else None
            if variable not in source.env_vars and value is not None:
                given[variable] = value
    return given


def _is_hidden(name: str) -> bool:
    return is_identifier(name) or is_secret(name)
