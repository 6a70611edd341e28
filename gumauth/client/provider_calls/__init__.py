"""Calls the methods of a provider, whose code may be anybody's.

calls            a provider object, its thread, and the deadline of each method
variables        which environment variables the code sees: --env-file, stored credentials
environment      shows them in os.environ to that code alone
last_response    records the last HTTP response to the code's own client
method_call      one call of a method, and the errors that name the method and its file
failures         an exception of a method → the error of the provider, of the network, or of the file

May import oauth2, registry, accounts, platform; of client only context and credentials.
"""
