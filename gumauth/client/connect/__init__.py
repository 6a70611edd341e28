"""Connecting an account: a grant is obtained, kept and told. `connect` is the whole way, the others are its stations.

connect_request, connect     what the person wants; prepare → obtain → keep → tell → afterwards
client_source, retries       a client that is known only during the connect, and another try where it is refused
flow → authorization_code    how a grant is obtained: the protocol; the browser's flow, with its pure part authorization
client_credentials           the flow of a client that has no person
keys                         a key, for which nobody is asked but the person
device                       the flow of a machine without a browser: a code, and polls until the person has entered it
token_request, interruption  the request that brings tokens, the same in every flow, and Ctrl-C during it
grant, pending_account       what the provider gave, and the account of it: saved, committed, discarded
whose_account, learning      whose the tokens are, and whose the connected accounts are
notices, afterwards          what the person should know and decide, with grant_end and unkept_credentials

It imports the callback, the accounts and the provider's calls; only `authorization_code` knows a listener.
"""
