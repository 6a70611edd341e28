"""Requests to providers, also with httpx, and the errors of provider files' own HTTP clients.

transport              a request → a response, bounded in time and size
request, body          what is sent, pure; what comes back, decoded and bounded
direct, connection     the usual way, without httpx
client, through_httpx  httpx's client, and what goes through it: proxies, unusual URLs
environment            the settings of the environment, from certificates and proxies, which are checked
destination            the hosts that a token may be sent to, pure
errors, no_answer      errors of httpx and other libraries → errors of gumauth; our own
foreign                the requests and responses behind such errors
listeners              who hears of what the clients of provider files, and gumauth's own, send and get
"""
