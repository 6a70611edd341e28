"""`mcp.gumstack` as a server has it that runs under `gumauth run --gumstack`: this folder is that package there.

auth             AuthProvider and TokenResponse
credentials      get_credentials: of the connected accounts, fresh at every call
host             GumstackHost: registers providers, has their accounts connected, and serves
accounts         whether a provider's account is connected, and its connect on a terminal
config           which values a person enters, by the server's config.yaml
application      what serves an MCP server: FastMCP's application, or one for a `Server`, and a health check
loopback         who may ask: requests that name this machine
process          asking gumauth, in a process of its own

It runs in other people's environments, from Python 3.10 on: the standard library alone, and what a server has anyway.
"""

from __future__ import annotations

from .auth import AuthProvider, TokenResponse
from .credentials import get_credentials
from .host import GumstackHost
from .process import GumstackError

__all__ = ["AuthProvider", "GumstackError", "GumstackHost", "TokenResponse", "get_credentials"]
