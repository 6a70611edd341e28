"""The rules of connecting, handing out, refreshing and ending accounts. Nothing here prints or prompts.

context                                       one run: environment, clock, folders, accounts, stores
lookup → suggestions, provider_sources        a reference → an account, or an error with what helps
token, id_token → refresh/                    a token that is good now; key_values, of a key
connect/ → account_match, aliases, prompts    a grant is obtained, kept as an account, and told
revoke → revoke_request, move/, other_keeper  a grant is ended; an account is moved to another place
loading, credentials, provider_calls/, trace/ a provider's code, with its credentials, and what it sends
discovery/ → registered_clients, client_registration      services that are connected by their address
own_places                                    services at a host or tenant of one's own
binding, identity_request, scopes, signals    what a request to a provider is checked for, and asked

It imports `accounts` (by its interface), `callback`, `registry`, `oauth2`, `store`, the platform and the errors.
"""
