"""Accounts that several machines share, on an engine that keeps rows, lends claims and tells the time.

engine               what an engine must promise: compare and set, a claim with a fence, a clock
keys, sealed         what a machine's key file opens; a record as two sealed values. Pure
session, known_keys  the engine and the keys of one run; keys that were replaced, which are never used again
mirror, cache        this machine's copy of the list, and the access tokens that it keeps
held_claim, marked_claims   a claim: waited for, kept alive, released; told from those of copies of the machine
locked               an account with its lock and its claim, and a refresh's reservation
exclusive            a block that one process is in, of all machines
entries, vouched_notes   client ids and secrets, as a store for secrets; what says where they are sent
replica              the copy brought up to date, and tokens from the store
administered, administration, rekey, key_files   what an administrator does: init, log, rekey, key files
keeper               all of this as one keeper of accounts
examination          what `gumauth doctor` says of the store
"""
