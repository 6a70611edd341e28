"""The warnings about foreign code are hidden, and repeat no secret where they are wanted."""

from __future__ import annotations

import warnings

import pytest

from gumauth.registry.foreign_code.output import without_warnings

TOKEN = "Zk3vYb8mQe5rTn1x-Wc7u_Ld9h"


@pytest.mark.requirement("P6", "S1")
@pytest.mark.parametrize(
    ("kind", "debug", "said"),
    [
        (DeprecationWarning, "", []),
        (DeprecationWarning, "1", ["An odd token: …"]),
        (UserWarning, "", ["An odd token: …"]),
    ],
)
def test_a_warning_is_said_where_it_is_wanted_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, kind: type[Warning], debug: str, said: list[str]
) -> None:
    shown: list[str] = []
    monkeypatch.setenv("GUMAUTH_DEBUG", debug)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda message, *_, **__: shown.append(str(message)))
        with without_warnings():
            warnings.warn(f"An odd token: {TOKEN}", kind, stacklevel=1)
    assert shown == said
