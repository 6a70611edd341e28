"""Refreshing an account, from the decision to the stored answer.

expiry     how much life a token has, and whether it is to be refreshed; pure
refresh    when an account is refreshed, by which process, and what a failure comes to; where callers enter
failures   failed refreshes, noted so that no provider is asked again and again
refused    a token that a service has refused is made due, for who asks again
request    the provider is asked, and the answer is kept; imports all that is heavy
ahead      a good token that is nearly due is refreshed by a process that is left behind

It imports `accounts.interface` and the modules of `client/`; `token`, `connect/` and the Python API use it.
"""
