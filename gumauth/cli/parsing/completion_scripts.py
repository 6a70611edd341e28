"""`python -m gumauth.cli.parsing.completion_scripts [FOLDER]`: writes the completion scripts of bash, zsh and fish.

Without a folder the scripts are written to `completions/`, and the manual page is written too. The scripts hold the
commands and options of the table, and ask `gumauth __complete` for accounts and providers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from gumauth.cli.parsing.parameters import Command, Parameter
from gumauth.cli.parsing.table import COMMANDS

NOTICE = (
    "# Made by `python -m gumauth.cli.parsing.completion_scripts` from the table of commands; changes here are lost."
)
HELP = Parameter(name="--help", help="Show this help and exit.")
VERSION = Parameter(name="--version", help="Show the version and exit.")


def bash() -> str:
    """The script for bash.

    The script splits the line itself, because bash splits words at `@`, which many accounts have. It runs only the
    `gumauth` of PATH, and nothing of the line: the line may begin with assignments, or with a program such as `sudo`.
    """
    commands = " ".join((*COMMANDS, VERSION.name, HELP.name))
    cases = "\n".join(_bash_case(command) for command in COMMANDS.values())
    return f"""\
# bash completion for gumauth
{NOTICE}

_gumauth() {{
    local line=${{COMP_LINE:0:COMP_POINT}} current previous command options= place= values= words
    read -ra words <<<"$line"
    while [[ ${{words[0]-}} == [A-Za-z_]*=* ]]; do words=("${{words[@]:1}}"); done
    local at=0
    while (( at < ${{#words[@]}} )) && [[ ${{words[at]##*/}} != gumauth ]]; do (( ++at )); done
    (( at < ${{#words[@]}} )) && words=("${{words[@]:at}}")
    current=
    [[ $line == *[[:space:]] ]] || {{ current=${{words[-1]}}; unset 'words[-1]'; }}
    previous=${{words[-1]}} command=${{words[1]-}}
    if (( ${{#words[@]}} < 2 )); then
        _gumauth_offer "{commands}"
        return
    fi
    case $command in
{cases}
    esac
    if [[ " $values " == *" $previous "* ]]; then
        [[ $previous == --env-file ]] && _gumauth_files
    elif [[ $current == -* ]]; then
        _gumauth_offer "$options"
    elif [[ $place == providers && $current == [./~]* ]]; then
        _gumauth_files
    elif [[ -n $place ]]; then
        _gumauth_offer "$(command gumauth __complete "$place" "$current" 2>/dev/null)"
    fi
}}

_gumauth_offer() {{
    local broken= word
    [[ $COMP_WORDBREAKS == *@* && $current == *@* ]] && broken=${{current%@*}}
    COMPREPLY=()
    for word in $1; do
        [[ $word == "$current"* ]] && COMPREPLY+=("${{word#"$broken"}}")
    done
}}

_gumauth_files() {{
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}}

complete -F _gumauth gumauth
"""


def _bash_case(command: Command) -> str:
    options = " ".join((*command.options, HELP.name))
    values = " ".join(name for name, option in command.options.items() if option.metavar)
    first, then = _places(command)
    later = f"; (( ${{#words[@]}} > 2 )) && place={then}" if then else ""
    return f'        {command.name}) options="{options}" values="{values}" place={first}{later} ;;'


def _places(command: Command) -> tuple[str, str]:
    """The kinds of words that the command's first and second argument complete, such as "accounts"; "" for none."""
    first, second = (*(argument.completes for argument in command.arguments), "", "")[:2]
    return first, second


def zsh() -> str:
    """The script for zsh, to be put into a folder of `fpath`, or to be sourced behind compinit."""
    commands = "\n".join(f"        {_quoted(f'{c.name}:{_short(c.summary)}')}" for c in COMMANDS.values())
    cases = "\n".join(_zsh_case(command) for command in COMMANDS.values())
    return f"""\
#compdef gumauth
{NOTICE}

_gumauth() {{
    local -a commands
    commands=(
{commands}
    )
    if (( CURRENT == 2 )); then
        if [[ $PREFIX == -* ]]; then
            compadd -- {VERSION.name} {HELP.name}
        else
            _describe -t commands command commands
        fi
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{cases}
    esac
}}

_gumauth_ask() {{
    local -a found
    found=(${{(f)"$(_call_program $1 command gumauth __complete $1 ${{(q)PREFIX}} 2>/dev/null)"}})
    compadd -a found
    [[ $1 == providers && $PREFIX == [./~]* ]] && _files -g '*.py'
    return 0
}}

if [[ ${{funcstack[1]-}} == _gumauth ]]; then
    _gumauth "$@"
else
    compdef _gumauth gumauth
fi
"""


def _zsh_case(command: Command) -> str:
    lines = [_zsh_option(option) for option in (*command.options.values(), HELP)]
    lines += [_quoted(f"{'*' if a.many else ''}:{a.metavar}:{_zsh_values(a)}") for a in command.arguments]
    joined = " \\\n".join(f"                {line}" for line in lines)
    return f"        {command.name})\n            _arguments -s \\\n{joined}\n            ;;"


def _zsh_option(option: Parameter) -> str:
    text = _short(option.help).replace("[", "(").replace("]", ")").replace(":", "\\:")
    value = f":{option.metavar}:{_zsh_values(option)}" if option.metavar else ""
    return _quoted(f"{'*' if option.many else ''}{option.name}[{text}]{value}")


def _zsh_values(parameter: Parameter) -> str:
    if parameter.completes == "files":
        return "_files"
    return (
        f" _gumauth_ask {parameter.completes}" if parameter.completes else " "
    )  # a leading space: zsh then calls the function without options of its own


def fish() -> str:
    """The script for fish."""
    first = "complete -c gumauth -n __fish_use_subcommand"
    lines = [
        "# fish completion for gumauth",
        NOTICE,
        "complete -c gumauth -f",
        f"{first} -l version -d {_quoted(VERSION.help)}",
        f"complete -c gumauth -l help -d {_quoted(HELP.help)}",
        *(f"{first} -a {command.name} -d {_quoted(_short(command.summary))}" for command in COMMANDS.values()),
    ]
    for command in COMMANDS.values():
        lines += [_fish_parameter(command, p) for p in command.parameters if p.is_option or p.completes]
    return "\n".join(lines) + "\n"


def _fish_parameter(command: Command, parameter: Parameter) -> str:
    start = f"complete -c gumauth -n '__fish_seen_subcommand_from {command.name}'"
    if not parameter.is_option:
        if all(_places(command)):  # each argument at its own place
            sign = "-lt" if parameter is command.arguments[0] else "-ge"
            start = f"{start[:-1]}; and test (count (commandline -opc)) {sign} 3'"
        return f"{start} -a '(command gumauth __complete {parameter.completes} (commandline -ct) 2>/dev/null)'" + (
            " -F" if parameter.completes == "providers" else ""
        )
    value = "" if not parameter.metavar else " -r -F" if parameter.completes == "files" else " -x"
    return f"{start} -l {parameter.name[2:]}{value} -d {_quoted(_short(parameter.help))}"


def _short(text: str) -> str:
    """The first sentence of a text, up to a colon or semicolon: a shell shows half a line."""
    for end in (". ", "; ", ": "):
        text = text.partition(end)[0]
    return text.rstrip(".").replace("`", "")


def _quoted(text: str) -> str:
    """A text in single quotes, in the spelling that all three shells read."""
    return "'" + text.replace("'", "'\\''") + "'"


SCRIPTS: dict[str, Callable[[], str]] = {"gumauth.bash": bash, "_gumauth": zsh, "gumauth.fish": fish}


def write(folder: Path) -> None:
    """Write the three scripts into a folder."""
    for name, script in SCRIPTS.items():
        (folder / name).write_text(script(), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        from gumauth.cli.parsing import man

        write(Path("completions"))
        man.write()
