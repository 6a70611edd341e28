"""git: gumauth as its credential helper, for the account's hosts or for one address. Pure.

The empty `helper` comes first: it takes away the helpers that are configured for all hosts, which would keep the token
in their own places, some in plain text, and answer with it when it has ended. It takes away those that stand before it
in the configuration, of narrower addresses too: so the order of the sections counts, and --write puts ours last.

Source: git-scm.com/docs/gitcredentials, git-scm.com/docs/git-config ("CONFIGURATION FILE", "credential.helper").
"""

from __future__ import annotations

from gumauth.handout.recipes.quoting import quoted, shell
from gumauth.handout.recipes.recipe import Listing, Recipe, Step, Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HELPERS = ("git", "config", "--get-regexp", r"^credential\.(.*\.)?helper$")
"""Prints each helper that git knows outside of a repository, in the order in which git asks them."""


def _helper(wanted: Wanted) -> str:
    """The helper: a command of `sh`, to which git adds the word of what it asks."""
    return f"!{shell(wanted.token('--for', 'git'))}"


def _text(wanted: Wanted) -> str:
    helper = quoted(_helper(wanted))
    return "\n".join(f"[credential {quoted(url)}]\n\thelper =\n\thelper = {helper}" for url in wanted.hosts)


def _steps(wanted: Wanted) -> tuple[Step, ...]:
    """For each URL, an empty helper and ours, in place of all that were there, at the end: twice gives the same."""
    config = ("git", "config", "--global")
    return tuple(
        step
        for url in wanted.hosts
        for step in (
            Step(argv=(*config, "--unset-all", f"credential.{url}.helper"), may_fail=True),
            Step(argv=(*config, "--add", f"credential.{url}.helper", "")),
            Step(argv=(*config, "--add", f"credential.{url}.helper", _helper(wanted))),
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


def _notes(wanted: Wanted) -> tuple[str, ...]:
    if wanted.named:
        return ("It stands behind the sections `[credential]` and of the whole host: each takes away those before it.",)
    return ("It stands behind a section `[credential]`, and before those of one organisation only.",)


def _listing(wanted: Wanted) -> Listing:
    return Listing(argv=HELPERS, judge=lambda lines: in_the_way(wanted.hosts, lines))


def in_the_way(hosts: Sequence[str], lines: Sequence[str]) -> tuple[str, ...]:
    """Sentences about helpers that git asks beside ours, and about those that ours takes away.

    Args:
        hosts: The URLs of our helpers.
        lines: What `HELPERS` printed: "credential.URL.helper VALUE", in the order in which git asks.
    """
    helpers = [_helper_of(line) for line in lines]
    sentences: dict[str, None] = {}
    for url in hosts:
        places = [place for place, (pattern, _) in enumerate(helpers) if pattern == url]
        last = places[-1] if places else len(helpers)
        again = {pattern for pattern, _ in helpers[last + 1 :]}
        for pattern, _ in helpers[:last]:
            if pattern.startswith(f"{url}/") and pattern not in again:
                sentences[
                    f"The helper of {pattern} is switched off by that of {url}, which stands behind it: link the"
                    f" account for it again, `gumauth link git ACCOUNT --url {pattern} --write`."
                ] = None
        for pattern, value in helpers[last + 1 :]:
            if pattern == "" or f"{url}/".startswith(f"{pattern.rstrip('/')}/"):
                sentences[_behind(pattern, value, url)] = None
    return tuple(sentences)


def _helper_of(line: str) -> tuple[str, str]:
    """The URL of a helper, and the helper; "" stands for all hosts."""
    name, _, value = line.partition(" ")
    return name.removeprefix("credential.").removesuffix("helper").removesuffix("."), value


def _behind(pattern: str, value: str, url: str) -> str:
    of = f"for {pattern}" if pattern else "for all hosts"
    if not value:
        return f"An empty helper {of} stands behind gumauth's for {url} in git's configuration, and switches it off."
    return (
        f"The helper {value!r} {of} stands behind gumauth's for {url} in git's configuration: git tells it each token,"
        " and it may keep them in plain text."
    )


RECIPES = (
    Recipe(
        program="git",
        title="git over https",
        place="~/.gitconfig",
        needs="git",
        text=_text,
        notes=_notes,
        then=_then,
        steps=_steps,
        shows=_shows,
        listing=_listing,
        environment=("GIT_",),
    ),
)
