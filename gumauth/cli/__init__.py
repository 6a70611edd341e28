"""The command line: one command, one file, and everything that is printed."""
