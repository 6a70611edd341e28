"""Which providers there are, and how a reference to a provider becomes a class.

resolved       a resolved provider: its class, and where the class came from
lookup         a name or a path → a resolved provider
told           what the files of built-in services say for a list, without importing them
variant        the words of a built-in service at a host or tenant of somebody's own, pure
places         host and tenant of somebody's own, in the facts of a class
facts_check    whether the facts of a class can work, pure
files/         runs a provider file, and says what is wrong with the file
foreign_code/  what code that is not gumauth's prints, warns of and raises, without secrets

May import oauth2, accounts (names only), platform, gumstack and errors.
The built-in services are in `gumauth.providers`.
"""
