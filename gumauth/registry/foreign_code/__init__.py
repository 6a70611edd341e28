"""What code that is not gumauth's prints, warns of and raises: shown to the code's author, without secrets.

output           prints go to standard error; the interpreter's warnings are hidden
raised           an exception in words
hidden_secrets   finds and removes secrets in such words
"""
