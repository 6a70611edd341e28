"""Stores for secrets: each gets, sets and deletes short texts under keys.

interface, failures              what every store does; what can go wrong with a keyring, as errors
open, selection                  makes the store of a run; which keyring that is
named, split                     a keyring under older names of its entries too; long values in short entries
secret_service/, kwallet         over D-Bus (dbus/), each with the access that bus_access has in common
keyring/                         every other keyring, through the `keyring` library in a process of its own
keyring_lock                     one process at a time at the keyring
encrypted_file/, sealing         files with AES-256-GCM, and the key for them
It imports the platform and the errors; keyring and D-Bus are used in this folder only.
"""
