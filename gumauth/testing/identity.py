"""Who consents, and where: login names, and what is said of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.testing.issued import Login

if TYPE_CHECKING:
    from gumauth.testing.issued import Family
    from gumauth.testing.settings import Settings


def login_name(person: str | None, workspace: str | None) -> str:
    """What is typed at the login; None for what the server has for it. A workspace stands in place of the person's."""
    if workspace is None:
        return person or ""
    return f"{(person or '').partition('/')[0]}/{workspace}"


def login_of(typed: str, settings: Settings) -> Login:
    """Who a login name is, as `ada`, `ada@example.com` or `ada@example.com/beta`; what it leaves out is set."""
    name, _, workspace = typed.partition("/")
    if name and "@" not in name:
        name = f"{name}@example.com"
    return Login(person=name or settings.person, workspace=workspace or settings.workspace)


def claims_of(family: Family, settings: Settings) -> dict[str, str]:
    """Who a family's person is: `sub`, and the `email` that is shown for them."""
    return {"sub": _local_part(family), "email": settings.nicknames.get(family.person, family.person)}


def userinfo_of(family: Family, settings: Settings) -> dict[str, object]:
    """What the userinfo endpoint says of a family's person, and of their workspace where there are workspaces."""
    fields: dict[str, object] = {**claims_of(family, settings), "name": _local_part(family).title()}
    if settings.send_workspace:
        fields["workspace"] = {"id": f"ws-{family.workspace}", "name": family.workspace}
    return fields


def _local_part(family: Family) -> str:
    return family.person.partition("@")[0]
