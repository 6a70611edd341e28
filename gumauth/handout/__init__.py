"""Hands tokens to programs, by the rules of `gumauth token`.

programs/           `gumauth token --for`: a token in the words of the program that asks
recipes/            `gumauth link`: what to put where, so that a program asks gumauth
python              gumauth.get_token and gumauth.aget_token, cached in the process
httpx_auth          gumauth.Auth, for httpx clients
insufficient_scope  gumauth.InsufficientScope, the warning of Auth about a missing scope

May import client and everything below it; httpx only in `httpx_auth`.
"""
