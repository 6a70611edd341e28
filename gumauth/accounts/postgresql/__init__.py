"""PostgreSQL as the engine of a shared store. The driver is imported here alone.

address         the address of a database: no password in it, and TLS beyond this machine. Pure
service_file    what libpq's service file says of a database
refusals        what an error of the database means, in words of ours. Pure
connection      one connection, with deadlines of our own
engine          each operation as one call of a function of the schema
observation     what `gumauth doctor` says of the database and of the way to it
migrations      makes the schema or brings it up to date
administration  the engine as its administrator uses it: schema, grants, first keys
schema/         numbered files of SQL, and the grants for the roles
"""
