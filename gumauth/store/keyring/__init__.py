"""Any keyring through the `keyring` library, whose backends may hang or do anything: so they run in another process.

store      the store, which starts the process, waits for the person, and ends what hangs
child      the process as its parent sees it
worker     the process itself; here alone the library is imported
It imports `store/` beside it; secret_service/ uses it for what a conversation cannot do.
"""
