"""What somebody who writes a provider has: the provider, and a test with the strict server."""
