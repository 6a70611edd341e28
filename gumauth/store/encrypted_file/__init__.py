"""Secrets in encrypted files, for machines on which no keyring answers.

store              the store
header             the file that says how the key is made
passphrase         the key from a file, or from a passphrase
kept_key           the key while a session lasts, in the kernel's keyring
kernel_keyring     system calls of that keyring
It imports the platform, the errors and `sealing`.
"""
