"""The D-Bus session bus, as much of it as keeping secrets needs, without a library.

addresses        where the session bus is, and whose
message          messages as bytes; pure
connection       bytes to and from a bus, with a deadline
conversation     calls of methods, their answers, and signals
secret_items     items of the Secret Service, found and read
kwallet          the person's wallet, opened; its entries
It imports the platform, the errors and the kinds of failure.
"""
