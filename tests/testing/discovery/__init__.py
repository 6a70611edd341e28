"""A client that has only an address finds out what it needs from the strict server."""
