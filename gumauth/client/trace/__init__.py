"""What `--trace` shows, and GUMAUTH_DEBUG=1 beside an error: each request of a method, and its answer, without secrets.

step         a step of a run, such as a method, with who hears of its requests
trace        hears them, and shows or keeps the lines
exchange     a request and its answer as values, from the objects of httpx and requests
lines        the lines for them, and for what a method returned; members has those of bodies; pure
cut          what stands in place of a secret, pure

May import oauth2, platform, and of registry what finds secrets in foreign text.
"""
