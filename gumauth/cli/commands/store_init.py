"""`gumauth store init`: makes a database ready for accounts, and prints the grants for other roles as SQL."""

from __future__ import annotations

from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.shared.administration import Administration, Begun
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def run(_arguments: Arguments, terminal: Terminal, administration: Administration) -> None:
    """Make the database ready; say what was done, and print the SQL for what is left to an administrator."""
    begun = administration.init()
    prepared = begun.prepared
    if terminal.json:
        terminal.answer(
            store=begun.store,
            role=prepared.role,
            version=prepared.version,
            version_before=prepared.before or None,
            made_keys=begun.made_keys,
            key_file=begun.key_file,
            made_key_file=begun.made_file,
            can_refresh=begun.can_refresh,
            missing=list(prepared.missing),
            grants=list(prepared.grants),
        )
        return
    for sentence in _sentences(begun, administration.where):
        terminal.say(sentence)
    for line in _sql(begun):
        terminal.out(line)


def _sentences(begun: Begun, where: str) -> list[str]:
    """What was done, and what there is."""
    before, path = begun.prepared.before, one_line(begun.key_file, 500)
    if begun.made_keys:
        said = [f"The database at {where} is ready for accounts."]
    elif before and before < begun.prepared.version:
        said = [f"The database at {where} was brought up to date."]
    else:
        said = [f"The database at {where} was ready already, and the key in {path} fits."]
    if begun.made_file:
        said.append(
            f"A key was made: {path}. Copy it to the other machines over a safe way, such as scp, and keep a copy where"
            " the database's backups are not: without it, the accounts in the database cannot be opened."
        )
    elif begun.made_keys:
        said.append(f"The key is that in {path}. Each machine needs it, in a file of its own.")
    if not begun.can_refresh:
        said.append("It is the key of a machine that may read tokens, and cannot connect or refresh.")
    if begun.prepared.missing:
        said.append(f"The roles for other users are missing, and {begun.prepared.role} may not make them.")
    return said


def _sql(begun: Begun) -> list[str]:
    """The statements for an administrator."""
    lines = []
    if begun.prepared.missing:
        lines += ["-- As a role that may make roles; then run `gumauth store init` again:", *begun.prepared.missing]
    return [*lines, "-- What a role of yours may do, with its name in place of the last word:", *begun.prepared.grants]
