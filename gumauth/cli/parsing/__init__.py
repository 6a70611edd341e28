"""From the words of a command line to values: two parsers, one table.

table (parameters)              every command, argument, option and help text, once
fast_parser, typer_app          the two parsers; why there are two, and what holds them together: fast_parser
execute                         runs a command with the values of either parser
mistakes (other_programs)       the error for a command line that neither parser takes
help, man                       the help texts, and the manual page
completion, completion_scripts  the words that a shell offers, and the shells' scripts

It imports terminal/ and topics/; `main` uses it, and `commands/` the values.
"""
