"""What foreign code is warned of is kept to itself, and says no secret where it is wanted."""

from __future__ import annotations

import warnings

import pytest

from gumauth.registry.foreign_code.warnings import unsaid

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
        with unsaid():
            warnings.warn(f"An odd token: {TOKEN}", kind, stacklevel=1)
    assert shown == said
