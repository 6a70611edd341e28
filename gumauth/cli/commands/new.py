"""`gumauth new`: writes a provider file, with tests or a whole package around it, and never over a file."""

from __future__ import annotations

import os

from gumauth.accounts.account import is_name
from gumauth.cli.authoring import files, questions
from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.origins import of_class, of_service
from gumauth.cli.authoring.package import distribution_of
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.discovery.find import look
from gumauth.client.own_places import check_complete
from gumauth.errors import UsageError
from gumauth.platform.files import working_folder
from gumauth.platform.text import one_line, shell_word
from gumauth.registry import lookup
from gumauth.registry.resolved import shown_path
from gumauth.registry.variant import Variant, read_host, read_tenant


def run(arguments: Arguments, terminal: Terminal) -> None:
    """Write the files, and say what was written and what comes next."""
    name = _name(arguments)
    gumstack, whole_package = arguments.flag("gumstack"), arguments.flag("package")
    folder = _folder(arguments.maybe("in"))
    draft = _draft(arguments, terminal, name)
    texts = files.texts(draft, gumstack=gumstack, tests=arguments.flag("test"), whole_package=whole_package)
    paths = files.write(folder, texts)
    notes = [*draft.notes, *([WITHOUT_PKCE] if gumstack and draft["pkce"] else [])]
    if terminal.json:
        provider = {"name": draft.name, "class": draft.class_name, "variables": list(draft.variables)}
        terminal.answer(provider=provider, files=paths, notes=notes)
        return
    for path in paths:
        terminal.done(f"Wrote {shown_path(path)}.")
    for note in notes:
        terminal.say(note)
    for line in _next(draft, paths, whole_package=whole_package):
        terminal.say(line)


WITHOUT_PKCE = (
    "A file for Gumstack sends no PKCE, for which its contract has no room; a service that requires PKCE refuses it."
)


def _name(arguments: Arguments) -> str:
    """The provider's name.

    Raises:
        UsageError: It can be none, or no package can bring a provider of that name.
    """
    name = arguments.text("provider_name")
    if lookup.is_url(name):
        raise UsageError(
            f"{one_line(name, 300)} is an address; the provider needs a name too.",
            hint=f"Write `gumauth new NAME --from {shell_word(name)}`.",
        )
    if not is_name(name) or name.endswith(".py"):
        bare = os.path.basename(name).removesuffix(".py").lower()
        meant = f" Perhaps {bare}?" if is_name(bare) else ""
        raise UsageError(
            f"{one_line(name, 80)!r} cannot name a provider.",
            hint=f"A name has up to 64 small letters, digits, dots, dashes and underscores, such as acme.{meant}",
        )
    if arguments.flag("package") and name in lookup.built_in_names():
        raise UsageError(
            f"{name} is a built-in service, whose name no package can take.",
            hint=f"Give the package's provider another name, such as {name}-own.",
        )
    return name


def _folder(given: str | None) -> str:
    """The folder that the files are written to, from the root.

    Raises:
        UsageError: There is none.
    """
    folder = os.path.join(working_folder(), os.path.expanduser(given or ""))
    if not os.path.isabs(folder) or not os.path.isdir(folder):
        raise UsageError(
            f"There is no folder {one_line(given or '.', 300)}.", hint="Make it, or name another with --in."
        )
    return os.path.normpath(folder)


def _draft(arguments: Arguments, terminal: Terminal, name: str) -> Draft:
    origin = arguments.maybe("from")
    places = {place: arguments.maybe(place) for place in ("host", "tenant")}
    if origin is None and name in lookup.built_in_names():
        raise UsageError(
            f"{name} is a built-in service, which `gumauth connect {name}` connects as it is.",
            hint=f"For a file of your own with its facts, run `gumauth new NAME --from {name}`.",
        )
    if origin is None or lookup.is_url(origin):
        if any(places.values()):
            raise UsageError("--host and --tenant stand beside --from with a built-in service.")
        return _asked(terminal, name) if origin is None else _discovered(terminal, name, origin)
    if lookup.is_path(origin):
        raise UsageError(
            f"{one_line(origin, 300)} is a file, and --from takes an address or the name of a service.",
            hint="Copy the file, and change its `name`.",
        )
    return of_class(name, lookup.find(_reference(arguments, origin, **places), cwd="/").provider_class)


def _reference(arguments: Arguments, origin: str, host: str | None, tenant: str | None) -> str:
    """A built-in service at its usual place, or at the one that is given.

    Raises:
        UsageError: It has no usual place, or none of people's own.
    """
    if origin not in lookup.built_in_names():
        return origin
    facts = lookup.built_in(origin).provider_class
    variant = Variant(
        service=origin,
        host=None if host is None else read_host(host, facts.host_domain),  # type: ignore[attr-defined]
        tenant=None if tenant is None else read_tenant(tenant),
    )
    check_complete(facts, variant, arguments.line())
    return variant.source


def _discovered(terminal: Terminal, name: str, url: str) -> Draft:
    found = look(name, url, now=terminal.clock())
    for notice in found.notices:
        terminal.say(notice)
    return of_service(name, found.service)


def _asked(terminal: Terminal, name: str) -> Draft:
    if not terminal.can_ask:
        raise UsageError(
            f"There is no terminal on which the facts of {name} could be asked for.",
            hint=f"Name where they are: `gumauth new {name} --from https://…`, an issuer or an MCP server, or `--from"
            " github`, a service that is like it.",
        )
    return questions.ask(terminal, name)


def _next(draft: Draft, paths: list[str], *, whole_package: bool) -> list[str]:
    """The commands that come next, in sentences."""
    if whole_package:
        folder = shown_path(paths[0].partition(f"{distribution_of(draft)}{os.sep}")[0] + distribution_of(draft))
        provider = shown_path(next(path for path in paths if path.endswith("__init__.py")))
        show = f"gumauth providers {draft.name}"
        return [f"Next: `gumauth check {provider}`, then `pipx inject gumauth {folder}` and `{show}`."]
    file = shown_path(paths[0])
    tests = [f"Its tests run by `python -m pytest {shown_path(path)}`." for path in paths[1:]]
    return [*tests, f"Next: `gumauth check {file}`, `gumauth setup {file}`, then `gumauth connect {file}`."]
