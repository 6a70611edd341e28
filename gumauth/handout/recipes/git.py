"""git: gumauth as its credential helper, for the account's hosts or for one address. Pure.

The empty `helper` comes first: it takes away the helpers that are configured for all hosts, which would keep the token
in their own places, some in plain text, and answer with it when it has ended.

Source: git-scm.com/docs/gitcredentials, git-scm.com/docs/git-config ("CONFIGURATION FILE").
"""

from __future__ import annotations

from gumauth.handout.recipes.quoting import quoted, shell
from gumauth.handout.recipes.recipe import Recipe, Step, Wanted


def _helper(wanted: Wanted) -> str:
    """The helper: a command of `sh`, to which git adds the word of what it asks."""
    return f"!{shell(wanted.token('--for', 'git'))}"


def _text(wanted: Wanted) -> str:
    helper = quoted(_helper(wanted))
    return "\n".join(f"[credential {quoted(url)}]\n\thelper =\n\thelper = {helper}" for url in wanted.hosts)


def _steps(wanted: Wanted) -> tuple[Step, ...]:
    """For each URL, one empty helper in place of all that were there, and ours behind it: twice gives the same."""
    config = ("git", "config", "--global")
    return tuple(
        Step(argv=(*config, *words))
        for url in wanted.hosts
        for words in (
            ("--replace-all", f"credential.{url}.helper", ""),
            ("--add", f"credential.{url}.helper", _helper(wanted)),
        )
    )


def _shows(wanted: Wanted) -> tuple[Step, ...]:
    return tuple(
        Step(argv=("git", "config", "--global", "--get-all", f"credential.{url}.helper"), may_fail=True)
        for url in wanted.hosts
    )


def _then(wanted: Wanted) -> tuple[str, ...]:
    if wanted.named:
        return ()
    return (
        (
            "For the repositories of one organisation only, name its address: "
            f"--url {wanted.hosts[0]}/ORGANISATION. Another account can have the others."
        ),
    )


RECIPES = (
    Recipe(
        program="git",
        title="git over https",
        place="~/.gitconfig",
        needs="git",
        text=_text,
        then=_then,
        steps=_steps,
        shows=_shows,
        environment=("GIT_",),
    ),
)
