"""Everything that needs httpx: requests to providers, and the errors of provider files' own HTTP clients.

transport              a request → a response, bounded in time and size
client                 httpx, and its client as the environment wants it
certificates, proxies  the variables of the environment, checked
destination            the hosts that a token may be sent to, pure
errors                 errors of httpx and other libraries → errors of gumauth
foreign                the requests and responses behind such errors
listeners              who hears of what the clients of provider files, and gumauth's own, send and get
May import every module of oauth2/ but provider; only handout/httpx_auth and handout/bridge import httpx too.
"""
