"""The device authorization grant: the person consents on another device, while the client polls (RFC 8628).

- settings: how services differ in it.
- codes: the device and user codes, what became of each, and how fast a client may poll.
- endpoint: where codes are given out, and the page on which the person types theirs.
"""
