"""Hands tokens to programs, by the rules of `gumauth token`.

programs/           `gumauth token --for`: a token in the words of the program that asks
bridge/             `gumauth mcp`: a remote MCP server on standard input and output
recipes/, run/      `gumauth link`: what to put where; `gumauth run`: a command with tokens in its environment
python              gumauth.get_token and gumauth.aget_token, cached in the process
access_token        gumauth.get_access_token: the same with the token's end, for other libraries
gumstack            the credentials of Gumstack servers, for `gumauth run --gumstack` and `gumauth.gumstack`
destinations        where an adapter may send a token
httpx_auth          gumauth.Auth, for httpx clients
requests_auth       gumauth.RequestsAuth, for the library requests
insufficient_scope  gumauth.InsufficientScope, the warning of both about a missing scope

May import client and everything below it; httpx only in `httpx_auth` and `bridge/`, requests only in `requests_auth`.
"""
