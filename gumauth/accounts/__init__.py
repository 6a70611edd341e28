"""Connected accounts with their records: a keeper finds, reads, locks, writes and repairs them.

account, record      one account's file and one record, as values and as JSON; pure
references           which names there are, which are free, which account a name means; pure
interface            what every keeper of accounts does; all that the rules in `client/` know
list                 the folder of account files
records, rescue      two entries in a store for each account, and the file for the answer to a refresh
lock, locked         the lock of one account, and the account while its lock is held
repair, local        repair after damage or interruption; and all of this as the keeper of this machine
choice               which keeper has the accounts
shared/, postgresql/ the keeper of accounts that machines share, and the engine that it stands on

It imports the platform, the errors, the interface and the sealing of the stores, and the token types of `oauth2`.
"""
