"""Moving an account: between this machine's own list and a database, or between this machine's stores.

move        which accounts, from where to where, and what became of each
between     the steps between two lists of accounts, which may be interrupted after each
within      the steps between two stores of this machine
needs       what an account needs beside its tokens: client credentials, and what is known of its service
"""
