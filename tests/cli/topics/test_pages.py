"""`gumauth help TOPIC`: pages that a terminal shows, and a pipe passes on as they are."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import get_win_folder_from_env_vars

from gumauth.cli.parsing.help import usage
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.topics.pages import TOPICS, blocks, cells, read, rendered, summary
from gumauth.handout.recipes.mail import SERVICES
from gumauth.handout.recipes.table import RECIPES
from gumauth.oauth2.facts import Facts
from gumauth.store.selection import BACKENDS
from gumauth.testing import AuthorizationServer
from tests.cli.id_tokens import id_token
from tests.cli.program import NOW, Ended, Screen, inside, keep
from tests.reading import PAGES
from tests.reading import TOPICS as FOLDER

PAGE = """\
# A page: of few forms

Some words of a paragraph
that goes on, **and weighs** much.

- An item with `code` in it
  and a second line.
- Another item.

```console
$ a command **that** stays, however long it is
```

| name | meaning |
|---|---|
| `one` | what one means |
"""


def marked(text: str) -> str:
    return f"<{text}>"


def test_a_page_is_laid_out_for_the_width_of_a_terminal() -> None:
    assert rendered(PAGE, 30, marked) == (
        "<A page: of few forms>\n"
        "\n"
        "Some words of a paragraph that\n"
        "goes on, <and weighs> much.\n"
        "\n"
        "  - An item with `code` in it\n"
        "    and a second line.\n"
        "  - Another item.\n"
        "\n"
        "    $ a command **that** stays, however long it is\n"
        "\n"
        "  `one`  what one means"
    )


def test_a_wide_first_column_stands_above_the_second() -> None:
    assert rendered(
        "| left | right |\n|---|---|\n| a long name of a thing | what it is |\n| b | c |\n", 40, marked
    ) == ("  a long name of a thing\n      what it is\n  b\n      c")


@pytest.mark.parametrize("name", SERVICES)
def test_the_command_that_connects_an_account_for_mail_stands_on_one_page_whole(name: str) -> None:
    scopes = " ".join(f"--scope {scope}" for scope in SERVICES[name].scopes)
    assert f"\ngumauth connect {name} --as mail {scopes}\n" in read("programs")
    assert not [scope for scope in SERVICES[name].scopes if scope in read("scripts")]


def test_a_command_stays_on_one_line() -> None:
    assert rendered("A line that ends behind `gumauth list --json` if it can.\n", 30, marked) == (
        "A line that ends behind\n`gumauth list --json` if it\ncan."
    )


def test_help_lists_every_page_of_the_folder() -> None:
    assert sorted(TOPICS) == sorted(file.stem for file in FOLDER.glob("*.md"))
    assert not set(TOPICS) & set(COMMANDS)


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_is_shown_in_lines_that_fit_and_piped_as_it_is(environ: dict[str, str], name: str) -> None:
    assert inside(environ, "help", name) == Ended(0, read(name), "")
    shown = inside({**environ, "NO_COLOR": "1"}, "help", name, stream=Screen).out
    code = {line for kind, block in blocks(read(name)) if kind == "code" for line in block.splitlines()}
    long = [line for line in shown.splitlines() if len(line) > 80 and line.strip() not in {c.strip() for c in code}]
    assert not long
    assert not re.search(r"^(#|```|\|)", shown, re.MULTILINE)


def test_the_list_of_topics_says_what_each_is_about(environ: dict[str, str]) -> None:
    listed = inside(environ, "help").out
    for name in TOPICS:
        assert re.search(rf"^  {name} +{re.escape(summary(name))}\.$", listed, re.MULTILINE)


@pytest.mark.parametrize(("typed", "meant"), [("secruity", "security"), ("acounts", "accounts"), ("storag", "storage")])
def test_a_misspelled_topic_is_suggested(environ: dict[str, str], typed: str, meant: str) -> None:
    assert inside(environ, "help", typed) == Ended(
        2,
        "",
        f"error: There is no help on '{typed}'.\n"
        f"hint:  Did you mean `gumauth help {meant}`? `gumauth help` lists the commands and topics.\n",
    )


def test_every_help_that_a_page_speaks_of_is_there() -> None:
    spoken = {word for page in PAGES.values() for word in re.findall(r"gumauth help ([a-z-]+)", page)}
    assert len(spoken) >= 6
    assert spoken <= {*TOPICS, *COMMANDS}


def table(topic: str, start: str) -> list[list[str]]:
    """What stands between backticks in the first column of a table of a topic, row by row."""
    (found,) = (block for kind, block in blocks(read(topic)) if kind == "table" and block.startswith(f"| {start}"))
    return [re.findall(r"`([^`]+)`", cells(row)[0]) for row in found.splitlines()[2:]]


def test_the_table_of_commands_is_that_of_the_program() -> None:
    assert [row[0] for row in table("accounts", "command")] == [
        usage(command)
        .replace("[OPTIONS] ", "")
        .removesuffix(" [OPTIONS]")
        .removesuffix(" [-]")
        .replace("[ALIAS]", "ALIAS")
        for command in COMMANDS.values()
    ]


def test_the_attributes_that_the_page_names_are_facts() -> None:
    named = [name for row in table("own-provider", "attribute") for name in row]
    assert len(named) >= 10
    assert set(named) <= set(Facts.__annotations__)


def test_every_topic_is_named_in_the_readme() -> None:
    linked = re.findall(r"\(gumauth/cli/topics/([a-z-]+)\.md\)", PAGES["README.md"])
    assert set(linked) == set(TOPICS)


def test_the_keyrings_that_can_be_chosen_by_hand_are_known() -> None:
    chosen = {name for page in PAGES.values() for name in re.findall(r"GUMAUTH_KEYRING=([\w.]+)", page)}
    assert len(chosen) == 2
    assert chosen <= set(BACKENDS.values())


def test_the_members_of_json_are_those_that_the_page_lists(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", id_token=id_token())
    (account,) = json.loads(inside(environ, "list", "--json").out)["accounts"]
    assert sorted(account) == sorted(itertools.chain(*table("scripts", "member of an account")))
    token = json.loads(inside(environ, "token", "acme", "--json", clock=lambda: NOW).out)
    assert sorted(token) == sorted(["schema_version", *itertools.chain(*table("scripts", "member of a token"))])
    inside(environ, "connect", "gong", "--key", "api_key", stdin="a-value")
    key = json.loads(inside(environ, "token", "gong", "--json").out)
    assert sorted(key) == sorted(["schema_version", *itertools.chain(*table("scripts", "member of a key"))])
    of_person = json.loads(inside(environ, "token", "acme", "--id-token", "--json", clock=lambda: NOW).out)
    assert sorted(of_person) == sorted(["schema_version", *itertools.chain(*table("scripts", "member of an id_token"))])


def test_the_members_of_a_link_are_those_that_the_page_lists(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    link = json.loads(inside(environ, "link", "curl", "acme", "--json").out)
    assert sorted(link) == sorted(["schema_version", *itertools.chain(*table("scripts", "member of a link"))])


def test_the_members_of_what_an_address_tells_are_those_that_the_page_lists(
    authorization_server: AuthorizationServer, environ: dict[str, str]
) -> None:
    found = json.loads(inside(environ, "providers", authorization_server.resource_url, "--json").out)["provider"]
    assert sorted(found) == sorted(itertools.chain(*table("scripts", "member of what is found")))


def test_the_options_for_addresses_are_those_of_connect() -> None:
    named = [name.partition(" ")[0] for row in table("address", "option") for name in row]
    assert len(named) >= 8
    assert set(named) <= set(COMMANDS["connect"].options)


def test_the_folders_of_the_systems_are_those_of_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As stand-ins answer here for macOS and Windows; all pages say the same."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", r"%LOCALAPPDATA%")
    folders = [kind("gumauth", appauthor=False).user_data_dir.replace("/home/ada", "~") for kind in (Unix, MacOS)]
    folders.append(get_win_folder_from_env_vars("CSIDL_LOCAL_APPDATA") + r"\gumauth")
    for page in (PAGES["README.md"], PAGES["storage.md"]):
        assert all(f"`{folder}`" in page for folder in folders)


def test_the_programs_and_their_places_are_those_of_the_recipes() -> None:
    (found,) = (block for kind, block in blocks(read("programs")) if kind == "table")
    assert [cells(row) for row in found.splitlines()[2:]] == [
        (f"`gumauth link {recipe.program} ACCOUNT`", recipe.place) for recipe in RECIPES.values()
    ]


def test_the_readme_is_for_five_minutes() -> None:
    """A sixth of it is the table of programs, of which a reader needs one line."""
    assert len(PAGES["README.md"].split()) <= 1320
