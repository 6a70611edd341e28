"""The strict server's device authorization grant."""
