"""Calls the methods of a provider, whose code may be anybody's.

calls            a provider object, its thread, and the deadline of each method
variables        which environment variables the code sees: --env-file, stored credentials
environment      shows them in os.environ to that code alone
last_response    records the last HTTP response to the code's own client
errors           an exception of a method → an error that names the method and its file
failed_response  the provider's response or the network, where that is the cause

May import oauth2, registry, accounts, platform; of client only context and credentials.
"""
