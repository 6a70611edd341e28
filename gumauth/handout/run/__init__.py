"""`gumauth run`: a command with tokens in its environment.

references   which variables get tokens, and of which accounts
tokens       all of these tokens, before anything is started
environment  the environment of the command
become       this process runs the command from now on
"""
