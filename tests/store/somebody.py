"""The run that a store serves in a test: with somebody who reads and answers, or with nobody."""

from __future__ import annotations

from collections.abc import Mapping

from gumauth.client.context import Context


def run_of(environ: Mapping[str, str], said: list[str] | None) -> Context:
    """A run with somebody who is told what goes into `said`; with nobody where that is None."""
    ask = None if said is None else lambda _words: ""
    notify = (lambda _sentence: None) if said is None else said.append
    return Context(environ, notify=notify, ask=ask)
