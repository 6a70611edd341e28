"""Make the rules wrong in every small way, and see whether a test notices.

`python -m tests.programs.mutate` tries the callback's validation, the refresh rules and the store's order of writes;
`python -m tests.programs.mutate gumauth/callback/validation.py --tests tests/callback` one module with other tests.

A mutant that no test notices is printed and makes the exit status 1, unless a row of `survivors.md` says why it may
live. Everything happens in a copy of the tree. Needs `fork`: Linux or macOS.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.parts.postgresql import running
from tests.parts.shared_store import STARTED
from tests.programs.mutants import mutants
from tests.programs.mutation_bench import Bench

TARGETS = {
    "gumauth/callback/validation.py": ["tests/callback/test_validation.py"],
    "gumauth/callback/http_request.py": ["tests/callback/test_http_request.py"],
    "gumauth/callback/pasted_url.py": ["tests/callback/test_pasted_url.py"],
    "gumauth/oauth2/identity.py": ["tests/oauth2/test_identity.py"],
    "gumauth/oauth2/id_token.py": ["tests/oauth2/test_id_token.py"],
    "gumauth/oauth2/jwt.py": ["tests/oauth2/test_id_token.py"],
    "gumauth/client/id_token.py": ["tests/client/test_id_token.py"],
    "gumauth/accounts/references.py": ["tests/accounts/test_references.py"],
    "gumauth/client/account_match.py": [
        "tests/client/test_account_match.py",
        "tests/client/connect/test_connect.py",
        "tests/client/test_whose_grant.py",
    ],
    "gumauth/client/identity_request.py": ["tests/client/test_identity_request.py"],
    "gumauth/client/refresh/expiry.py": ["tests/client/refresh/test_expiry.py"],
    "gumauth/client/binding.py": ["tests/client/test_binding.py", "tests/client/refresh/test_refresh_accounts.py"],
    "gumauth/client/refresh/refresh.py": [
        "tests/client/refresh/test_refresh.py",
        "tests/client/refresh/test_refresh_accounts.py",
    ],
    "gumauth/client/refresh/failures.py": ["tests/client/refresh/test_failures.py"],
    "gumauth/client/refresh/request.py": [
        "tests/client/refresh/test_request.py",
        "tests/client/refresh/test_refresh_accounts.py",
    ],
    "gumauth/client/revoke_request.py": ["tests/client/test_revoke_request.py"],
    "gumauth/client/revoke.py": ["tests/client/test_revoke.py", "tests/client/test_races.py"],
    "gumauth/accounts/repair.py": [
        "tests/accounts/test_repair.py",
        "tests/client/test_cut_short.py",
        "tests/client/test_races.py",
        "tests/client/test_killed_connects.py",
    ],
    "gumauth/client/connect/grant.py": [
        "tests/client/connect/test_pending_account.py",
        "tests/client/connect/test_connect.py",
    ],
    "gumauth/client/connect/pending_account.py": [
        "tests/client/connect/test_pending_account.py",
        "tests/client/connect/test_connect.py",
        "tests/client/test_cut_short.py",
        "tests/client/test_races.py",
        "tests/client/test_killed_connects.py",
    ],
    "gumauth/accounts/record.py": ["tests/accounts/test_record.py"],
    "gumauth/accounts/records.py": ["tests/accounts/test_records.py", "tests/client/test_races.py"],
    "gumauth/accounts/shared/sealed.py": ["tests/accounts/shared/test_sealed.py"],
    "gumauth/accounts/shared/keys.py": ["tests/accounts/shared/test_keys.py"],
    "gumauth/accounts/shared/entries.py": ["tests/accounts/shared/test_entries.py"],
    "gumauth/accounts/shared/vouched_notes.py": ["tests/accounts/shared/test_vouched_notes.py"],
    "gumauth/accounts/shared/mirror.py": ["tests/accounts/shared/test_mirror.py"],
    "gumauth/accounts/shared/cache.py": ["tests/accounts/shared/test_cache.py"],
    "gumauth/accounts/shared/held_claim.py": ["tests/accounts/shared/test_held_claim.py"],
    "gumauth/accounts/shared/locked.py": [
        "tests/accounts/shared/test_locked.py",
        "tests/accounts/shared/test_killed_holders.py",
    ],
    "gumauth/accounts/shared/exclusive.py": ["tests/accounts/shared/test_exclusive.py"],
    "gumauth/accounts/shared/key_files.py": ["tests/accounts/shared/test_key_files.py"],
    "gumauth/accounts/shared/rekey.py": ["tests/accounts/shared/test_rekey.py"],
    "gumauth/accounts/shared/session.py": [
        "tests/accounts/shared/test_session.py",
        "tests/accounts/shared/test_known_keys.py",
    ],
    "gumauth/accounts/shared/replica.py": [
        "tests/accounts/shared/test_replica.py",
        "tests/accounts/shared/test_copy.py",
        "tests/accounts/shared/test_away.py",
        "tests/accounts/shared/test_set_back.py",
        "tests/accounts/shared/test_sealed.py",
    ],
    "gumauth/accounts/shared/administration.py": ["tests/accounts/shared/test_administration.py"],
    "gumauth/accounts/shared/keeper.py": [
        "tests/accounts/shared/test_keeper.py",
        "tests/accounts/shared/test_copy.py",
        "tests/accounts/shared/test_exclusive.py",
        "tests/accounts/shared/test_examination.py",
    ],
    "gumauth/accounts/shared/known_keys.py": ["tests/accounts/shared/test_known_keys.py"],
    "gumauth/accounts/shared/marked_claims.py": [
        "tests/accounts/shared/test_marked_claims.py",
        "tests/accounts/shared/test_clones.py",
    ],
    "gumauth/accounts/shared/examination.py": ["tests/accounts/shared/test_examination.py"],
    "gumauth/accounts/postgresql/address.py": ["tests/accounts/postgresql/test_address.py"],
    "gumauth/accounts/postgresql/service_file.py": ["tests/accounts/postgresql/test_service_file.py"],
    "gumauth/accounts/postgresql/refusals.py": ["tests/accounts/postgresql/test_refusals.py"],
}
"""Module → the tests that hold it."""


def explained() -> dict[str, str]:
    """Mutant → why no test can notice it, from the table in `survivors.md`."""
    lines = Path(__file__).with_name("survivors.md").read_text().splitlines()
    rows = [line.removeprefix("| `").removesuffix(" |").split("` | ") for line in lines if line.startswith("| `")]
    return {name: why for name, why in rows if why}


@contextmanager
def _database(is_wanted: bool) -> Iterator[tuple[str, ...]]:
    """A PostgreSQL for the tests of all mutants, and the mark of those that need it."""
    if not is_wanted:
        yield ()
        return
    with running("full_page_writes = off") as server, patch.dict(os.environ, {STARTED: str(server.folder)}):
        yield ("postgresql",)


def survivors(
    path: str, tests: list[str], *, only: str, verbose: bool, postgresql: bool = False
) -> tuple[list[str], int]:
    """The mutants of a module that no test notices, and how many were tried."""
    with tempfile.TemporaryDirectory() as folder, _database(postgresql) as marks:
        bench = Bench(Path(folder), path, tests, marks)
        before = bench.warm_up()
        if before.noticed:
            sys.exit(f"{path}: the tests fail before anything is changed, at {before.by}.")
        lived, tried = [], 0
        for mutant in mutants(bench.module.read_text()):
            name = f"{path}: {mutant.name}"
            if only not in name:
                continue
            tried += 1
            outcome = bench.try_out(mutant)
            if not outcome.noticed:
                lived.append(name)
            if verbose or not outcome.noticed or outcome.by == "the time limit":
                by = f"noticed by {outcome.by}" if outcome.noticed else "LIVES"
                print(f"{mutant.line:4} {name}  {by}  {outcome.seconds:.1f} s", flush=True)
        bench.close()
    return lived, tried


def main() -> int:
    """Try the mutants and print what became of them; 1 if one lives that nobody has explained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="a path such as gumauth/client/refresh/expiry.py")
    parser.add_argument("--tests", nargs="+", help="what pytest runs for each of them")
    parser.add_argument("--only", default="", help="only mutants whose name has this in it")
    parser.add_argument("--verbose", action="store_true", help="print every mutant, and the test that noticed it")
    parser.add_argument(
        "--postgresql", action="store_true", help="also with tests that need a database, which is slower"
    )
    options = parser.parse_args()
    known, left = explained(), 0
    for path in options.modules or TARGETS:
        tests = options.tests or TARGETS.get(path) or parser.error(f"say with --tests what tests {path}")
        lived, tried = survivors(path, tests, only=options.only, verbose=options.verbose, postgresql=options.postgresql)
        unknown = [name for name in lived if name not in known]
        left += len(unknown)
        stale = [] if options.only else [name for name in known if name.startswith(f"{path}: ") and name not in lived]
        for name in stale:
            print(f"explained, but it does not live: {name}")
        print(
            f"{path}: {tried} mutants, {tried - len(lived)} noticed, {len(lived) - len(unknown)} explained,"
            f" {len(unknown)} not noticed",
            flush=True,
        )
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
