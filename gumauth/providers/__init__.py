"""The services that gumauth knows: one file of facts each, named as the service is in commands."""
