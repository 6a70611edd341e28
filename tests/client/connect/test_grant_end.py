"""What becomes of a grant that could not be kept."""

from __future__ import annotations

import pytest

from gumauth.client.account_match import Login
from gumauth.client.connect.grant_end import end_unkept
from gumauth.client.identity_request import UNASKED
from tests.client.connect.coming import Make
from tests.client.world import World


@pytest.mark.requirement("L3", "P4")
def test_a_grant_that_could_not_be_kept_is_ended_by_a_provider_file_that_has_the_contract_only(
    world: World, make: Make
) -> None:
    ended = world.folder / "ended"
    world.file.write_text(
        "from mcp.gumstack import AuthProvider\n\n\n"
        "class Plain(AuthProvider):\n"
        '    name = "acme"\n\n'
        '    def get_url(self, redirect_uri, state):\n        return ""\n\n'
        "    async def exchange(self, code, redirect_uri):\n        raise NotImplementedError\n\n"
        "    async def refresh(self, refresh_token):\n        raise NotImplementedError\n\n"
        '    async def get_nickname(self, access_token):\n        return ""\n\n'
        "    async def revoke(self, access_token):\n"
        f"        with open({str(ended)!r}, 'a') as file:\n            print(access_token, file=file)\n"
        "        return True\n"
    )
    coming = make()
    coming.save()
    coming.discard()
    coming.pending.login = Login(whose=UNASKED, alias=None, source="", has_refresh_token=True)
    assert end_unkept(coming.pending) == "The new grant was revoked."
    assert ended.read_text().split() == [coming.grant.response.access_token]
