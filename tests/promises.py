"""The table of promises and the tests that prove them: `python -m tests.promises`.

Without options it runs the marked tests; with `--from FILE` it reads what an earlier run wrote
(`pytest --promises-out FILE`). Exits with 1 if a line has no test, or a failing or skipped one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.promised import PROMISES, STAND_INS

Outcomes = dict[str, dict[str, str]]
"""Line → test → "passed", "failed" or "skipped"."""


def main() -> int:
    """Print the table; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, help="what `pytest --promises-out FILE` has written")
    arguments = parser.parse_args()
    outcomes = json.loads(arguments.source.read_text()) if arguments.source else run()
    unknown = sorted(set(outcomes) - set(PROMISES))
    kept = [show(line, outcomes.get(line, {})) for line in PROMISES]
    if unknown:
        print(f"no such line: {', '.join(unknown)}")
    print(f"\n{sum(kept)} of {len(PROMISES)} promises kept, by {len({t for o in outcomes.values() for t in o})} tests")
    return 0 if all(kept) and not unknown else 1


def run() -> Outcomes:
    """Run every marked test."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "promises.json"
        command = [sys.executable, "-m", "pytest", "-q", "--no-cov", "--promised-only", f"--promises-out={results}"]
        subprocess.run(command, check=False, stdout=sys.stderr)
        outcomes: Outcomes = json.loads(results.read_text())
        return outcomes


def show(line: str, tests: dict[str, str]) -> bool:
    """Print one line of the table; whether its promise is kept."""
    failed = [test for test, outcome in tests.items() if outcome == "failed"]
    skipped = [test for test, outcome in tests.items() if outcome == "skipped"]
    verdict = "no test" if not tests else "FAILED" if failed else "skipped" if skipped else "ok"
    stand_in = f" [{STAND_INS[line]}]" if line in STAND_INS else ""
    print(f"{line:<4} {verdict:<8} {len(tests):>3} tests  {PROMISES[line]}{stand_in}")
    for test in failed + skipped:
        print(f"     {tests[test]}: {test}")
    return verdict == "ok"


if __name__ == "__main__":
    sys.exit(main())
