"""Login names, and the claims about a person and a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.testing.issued import Login

if TYPE_CHECKING:
    from gumauth.testing.issued import Family
    from gumauth.testing.settings import Settings


def login_name(person: str | None, workspace: str | None) -> str:
    """The text for the login field; empty for the server's `person`. A workspace replaces the person's own."""
    if workspace is None:
        return person or ""
    return f"{(person or '').partition('/')[0]}/{workspace}"


def login_of(typed: str, settings: Settings) -> Login:
    """The login for a typed name: `ada`, `ada@example.com` or `ada@example.com/beta`; settings give the rest."""
    name, _, workspace = typed.partition("/")
    if name and "@" not in name:
        name = f"{name}@example.com"
    return Login(person=name or settings.person, workspace=workspace or settings.workspace)


def claims_of(family: Family, settings: Settings) -> dict[str, str]:
    """The claims about a family's person: `sub`, and `email`, which `nicknames` may replace."""
    return {"sub": _local_part(family), "email": settings.nicknames.get(family.person, family.person)}


def userinfo_of(family: Family, settings: Settings) -> dict[str, object]:
    """The userinfo of a family's person; with the workspace where `send_workspace` is set."""
    fields: dict[str, object] = {**claims_of(family, settings), "name": _local_part(family).title()}
    if settings.send_workspace:
        fields["workspace"] = {"id": f"ws-{family.workspace}", "name": family.workspace}
    return fields


def _local_part(family: Family) -> str:
    return family.person.partition("@")[0]
