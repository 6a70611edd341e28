"""How fast gumauth is, beside what else there is: `python -m tests.benchmarks`."""
