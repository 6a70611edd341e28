"""The loopback callback: where the provider sends the browser back to, and what of it is believed.

sockets      the redirect URI and the port behind it     RFC 8252 §7.3
connection   bytes → a request, against the clock
crowd        which connections make room, pure
request      bytes → a request, pure                      RFC 9112
judgement    a request → the provider's answer, pure      RFC 6749 §4.1.2, RFC 9207
paste        what a person pastes → a request, pure
presence     who holds the port: another connect, or another program
ignored      why a request does not count
replies      what is sent back
listener     holds it all together
"""

from __future__ import annotations

from gumauth.callback.listener import Listener
from gumauth.callback.sockets import Redirect
from gumauth.callback.validation import Answer, Expected

__all__ = ["Answer", "Expected", "Listener", "Redirect"]
