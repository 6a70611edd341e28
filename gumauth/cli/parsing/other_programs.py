"""Commands and options of other programs, and the commands and options of gumauth that do the same."""

from __future__ import annotations

COMMANDS = {
    **dict.fromkeys(("login", "signin", "sign-in", "auth", "authorize", "add"), "connect PROVIDER"),
    **dict.fromkeys(("logout", "signout", "sign-out", "remove", "rm", "delete", "del"), "disconnect ACCOUNT"),
    **dict.fromkeys(("status", "whoami", "ls", "accounts", "show", "info"), "list"),
    **dict.fromkeys(("switch", "use", "select", "set-default"), "default ACCOUNT"),
    **dict.fromkeys(("get", "print", "cat", "get-token", "access-token"), "token ACCOUNT"),
    **dict.fromkeys(("renew",), "refresh [ACCOUNT]"),
    **dict.fromkeys(("mv", "name", "alias"), "rename ACCOUNT ALIAS"),
    **dict.fromkeys(("migrate", "transfer", "share"), "move ACCOUNT"),
    **dict.fromkeys(("config", "configure", "register", "credentials"), "setup PROVIDER"),
    "diagnose": "doctor",
    **dict.fromkeys(("services", "provider"), "providers"),
    **dict.fromkeys(("docs", "doc", "man", "manual", "topics", "usage"), "help"),
    **dict.fromkeys(("completions",), "completion SHELL"),
    "version": "--version",
}
"""A word in place of a command → the command line of gumauth."""

OPTIONS = {
    **dict.fromkeys(("-V", "-v", "--ver"), "--version"),
    **dict.fromkeys(("-j", "--output", "-o", "--format"), "--json"),
    **dict.fromkeys(("--name", "--alias", "--account", "--nickname"), "--as"),
    **dict.fromkeys(("--scopes", "-s"), "--scope"),
    **dict.fromkeys(("--no-open", "--headless", "--no-launch-browser"), "--no-browser"),
    **dict.fromkeys(("--force", "-f", "--overwrite"), "--replace"),
    **dict.fromkeys(("-p",), "--port"),
    **dict.fromkeys(("--id",), "--client-id"),
    **dict.fromkeys(("--env", "--dotenv"), "--env-file"),
}
"""An option → the option of gumauth."""
