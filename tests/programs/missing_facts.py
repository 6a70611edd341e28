"""Take each fact out of a service's file, and say whose life goes on without: `python -m tests.programs.missing_facts`.

Names of services choose among them. A fact that nobody misses is one of another kind (for people, for hosts of an API),
has the usual value in this case, or lacks its counterpart in the row.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gumauth.errors import GumauthError
from gumauth.oauth2.facts import Facts
from gumauth.registry.lookup import built_in
from gumauth.testing import PageRefused
from tests.parts.standin import StandIn
from tests.providers.row import Row
from tests.providers.rows import every_row
from tests.providers.standin_requests import Wrong
from tests.providers.test_lives import beginning, test_a_service_is_connected_used_and_left

OF_ANOTHER_KIND = frozenset(
    {"title", "kind", "host", "host_note", "host_domain", "tenant", "tenant_note", "mcp_url", "token_variables"}
    | {"unverified", "docs_url", "register_url", "register_note", "register_redirect", "api_hosts", "git_hosts"}
    | {"git_username", "separate_grants", "dead_errors", "denied_errors", "redirect_ports", "former_token_urls"}
)
MISSED = (AssertionError, GumauthError, PageRefused, Wrong)


def goes_on(row: Row, internet: StandIn, home: Path) -> bool:
    """Whether a service's life is as it should be."""
    try:
        with beginning(row, internet, home) as life:
            test_a_service_is_connected_used_and_left(life)
    except MISSED:
        internet.refused.clear()
        return False
    return True


def not_missed(row: Row, internet: StandIn, folder: Path) -> Iterator[str]:
    """The facts of a service without which its life goes on."""
    facts = built_in(row.name).provider_class
    assert goes_on(row, internet, folder / row.name), f"{row.name} fails as it is"
    for name, value in [fact for fact in vars(facts).items() if fact[0] in Facts.__annotations__]:
        if name in OF_ANOTHER_KIND or getattr(Facts, name, value) == value:
            continue
        delattr(facts, name)
        try:
            if goes_on(row, internet, folder / f"{row.name}-{name}"):
                yield name
        finally:
            setattr(facts, name, value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", help="all of them, if none is named")
    wanted = parser.parse_args().services
    os.fsync = lambda fd: None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "internet").mkdir(mode=0o700)
        internet = StandIn(folder / "internet")
        for row in every_row():
            if not wanted or row.name in wanted:
                for fact in not_missed(row, internet, folder):
                    print(f"{row.name}: nobody misses {fact}")
        internet.close()


if __name__ == "__main__":
    main()
