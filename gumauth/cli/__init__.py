"""The command line: all that is printed, asked and opened. One command is one file of commands/.

main → parsing/          one run: which command, with which values, and where every error ends
commands/                what each command does; what several commands share lies beside it: provider_argument,
                         own_place, setup_instructions, setup_questions, revoke_and_disconnect, json_objects,
                         env_file, traced; gumstack_answers, for the servers of `gumauth run --gumstack`
terminal/, browser/      the person's terminal, and the browser that is opened
authoring/               the files that `gumauth new` writes
check/                   plays a provider file, for `gumauth check`
topics/                  the pages of `gumauth help`

It may import all other folders. Imports inside functions are for start-up time: commands that programs call, such as
`gumauth token`, import only what they need, and no large module of the standard library (tests/cli/test_imports.py).
"""
