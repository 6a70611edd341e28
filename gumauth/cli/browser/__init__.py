"""The browser of the person who connects.

choice        which browser would be opened, or why none
launch        starts the browser on a URL
ssh_forward   the command that leads the callback from another machine to this one

It imports the platform and `oauth2.urls`; `commands/connect`, `commands/demo` and `setup_questions` use it.
"""
