"""`gumauth run`: a command with tokens in its environment.

references   which variables get tokens, and of which accounts
tokens       all of these tokens, before anything is started
environment  the environment of the command
become       this process runs the command from now on

For `NAME@=`, a process is left behind that keeps files fresh while the command runs:

start_keeper           the files, and the start of that process
keeper                 what it does: renew the files, remove them with the end of the command
files, schedule        the folder of the files; when a token is renewed
end_of_process         waiting for the end of the command
"""
