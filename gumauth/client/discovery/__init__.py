"""Services that are connected by their address: found, remembered beside the accounts, and made into providers.

find           an address → the service behind it, by the rules of what is remembered already
services       the files in which discovered services are remembered
resolve        a service → a resolved provider, as for any other provider
service_client the client of a service: prepared, a client metadata document, or registered
retries        what a connect does once more: without `resource`, or with another client
renewal        metadata that is read again when it is old or an endpoint refuses
own_loop       a coroutine's result for callers that may or may not run in an event loop
"""
