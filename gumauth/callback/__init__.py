"""The loopback redirect URI: listens there, validates what comes, and shows the page that ends a connect.

sockets → port_lock (presence)   the redirect URI, and whose turn it is at its port       RFC 8252 §7.3
certificate                      of a callback over https, made on the spot             RFC 5280
connection (crowd)               bytes → a request, against the clock, among many others
tls_connection                   the same through TLS                                    RFC 8446
http_request, pasted_url         bytes, or a pasted address → a request; pure             RFC 9112
validation → rejections          a request → the provider's answer, or why not; pure      RFC 6749 §4.1.2, RFC 9207
http_responses, pages            what is sent back
listener                         all of them together, from bind to close

It imports the platform and the errors; `client/connect` uses it.
"""

from __future__ import annotations

from gumauth.callback.listener import Listener
from gumauth.callback.sockets import Redirect
from gumauth.callback.validation import Answer, Expected

__all__ = ["Answer", "Expected", "Listener", "Redirect"]
