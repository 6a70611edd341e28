"""The services that gumauth knows: one file of facts each, named as the service is in commands.

github, google, linear: a class with attributes; the docstring of `gumauth.oauth2.facts.Facts` lists them.
May import oauth2 (`OAuth2Provider`) and nothing else.
"""
