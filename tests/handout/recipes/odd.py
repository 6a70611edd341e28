"""Facts of a recipe that every spelling has to quote."""

from __future__ import annotations

from gumauth.handout.recipes.recipe import Wanted

GUMAUTH = '/opt/my tools/it\'s "é" $HOME `a` \\b/gumauth'

ODD = Wanted(
    gumauth=(GUMAUTH,),
    account="acme/ada's, o@example.com",
    provider="acme",
    name="acme-work",
    user="ada@example.com",
    url="https://mcp.example.com/mcp?a=b&c='",
    named=True,
    hosts=("https://git.example.com",),
)

PLAIN = Wanted(
    gumauth=("/opt/gumauth",), account="acme", provider="acme", name="acme", url="https://mcp.example.com/mcp"
)

TOKEN = [GUMAUTH, "token", ODD.account]
BRIDGE = [GUMAUTH, "mcp", ODD.account, "--url", ODD.url]
