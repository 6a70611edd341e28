"""Finds out what a file reads of answers, before its life is judged: by watching, then by trying with real bytes.

Each round plays a method twice: once with recording objects in place of decoded JSON, and once with nothing replaced,
on an answer of the shape that was seen. What still fails then is mended by what the exception says, and after that by
other guesses, one at a time.
"""

from __future__ import annotations

import contextlib
import copy
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from gumauth.cli.check.answers import Answers, plain
from gumauth.cli.check.known_answers import heed_facts
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.shapes.decoding import Decoding
from gumauth.cli.check.shapes.evidence import Evidence
from gumauth.cli.check.shapes.guesses import guesses
from gumauth.cli.check.shapes.shape import Node, TooDeep
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.testing import PageRefused

ROUNDS = 14
LONGEST = 30.0
"""Seconds after which no further round begins."""

UNTOLD = "reads something that could not be found out; give a sample of the service's answer with --answer FILE"

OWN_FAULTS = (NameError, ImportError, NotImplementedError, RecursionError)
"""Exceptions that no answer brings about."""

Level = int
"""How well a method went: 0 badly, 1 with a result, 2 with a result that comes from the answers."""


class Learning:
    """Fills the answers of a stage's service.

    Args:
        stage: Of its own; the file is played a few times on it.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage, self._answers = stage, stage.service.answers
        self._until = time.monotonic() + LONGEST
        self._seen: list[Node] = []
        self._latest: Node | None = None
        self._others: Iterator[Callable[[], None]] | None = None

    def run(self) -> Answers:
        """The answers, with all that could be found out."""
        heed_facts(self._answers, self._stage.provider)
        connected = self._rounds(self._connect, self._brought_tokens)
        access = getattr(connected.result, "access_token", None) if connected is not None else None
        if isinstance(access, str) and self._stage.service.issued(access):
            token = str(access)
            named = self._rounds(lambda: self._stage.call("get_nickname", token), self._named)
            is_shown = any(self._answers.sample(each.url) for each in (named.requests if named else ()))
            if named is not None and self._named(named) == 0 and _is_about_answers(named) and not is_shown:
                self._answers.untold = self._answers.untold or UNTOLD
        self._answers.deliver = plain
        return self._answers

    def _connect(self) -> Outcome | None:
        """From the consent to the tokens; None where the consent does not work."""
        state = secrets.token_urlsafe(24)
        url = self._stage.get_url(state)
        if not isinstance(url.result, str):
            return None
        try:
            code = self._stage.service.consent(url.result).get("code", "")
        except PageRefused:
            return None
        return self._stage.call("exchange", code, REDIRECT_URI)

    def _rounds(self, play: Callable[[], Outcome | None], judge: Callable[[Outcome], Level]) -> Outcome | None:
        """Play a method until it goes well or nothing is left to try; gives the last outcome without watching."""
        best, saved, self._latest, self._others = -1, self._saved(), None, None
        for _ in range(ROUNDS):
            before = self._shown()
            decoding = self._watched(play)
            outcome = self._unwatched(play)
            if outcome is None or not _in_time(outcome) or time.monotonic() > self._until:
                return outcome
            level = judge(outcome)
            if level > best:
                best, saved = level, self._saved()
            if level == 2:
                return outcome
            if not self._goes_on(before, decoding, outcome):
                break
        self._restore(saved)
        return self._unwatched(play)

    def _goes_on(self, before: str, decoding: Decoding, outcome: Outcome) -> bool:
        """Whether the answers are other ones now than in the round that has failed: by what was seen, or by a guess."""
        if self._shown() != before:
            self._others = None
            return True
        self._heed(decoding, outcome)
        if self._shown() != before:
            return True
        if self._others is None:
            self._others = guesses(decoding.watch.touched, decoding.watch.asked, self._answers)
        guess = next(self._others, None)
        if guess is not None:
            guess()
        return guess is not None

    def _watched(self, play: Callable[[], Outcome | None]) -> Decoding:
        """A play with recording objects; afterwards the trees are as they were read."""
        self._seen = []
        with Decoding().watching() as decoding:
            self._answers.deliver = lambda node, value, tokens: decoding.bytes_of(self._read(node), value, tokens)
            outcome = play()
        if outcome is not None:
            self._heed(decoding, outcome)
        for node in self._seen:
            node.settle()
        return decoding

    def _heed(self, decoding: Decoding, outcome: Outcome) -> None:
        evidence = Evidence(decoding.watch.touched, decoding.watch.copied, self._seen, self._latest)
        with contextlib.suppress(TooDeep):
            evidence.heed(outcome.error)
        self._latest = evidence.latest

    def _unwatched(self, play: Callable[[], Outcome | None]) -> Outcome | None:
        self._answers.deliver = lambda node, value, _tokens: plain(self._read(node), value, {})
        self._answers.id_token |= "id_token" in self._answers.token.members
        return play()

    def _read(self, node: Node) -> Node:
        if all(node is not each for each in self._seen):
            self._seen.append(node)
        return node

    def _shown(self) -> str:
        """All trees as text, to see whether one has changed."""
        nodes = [self._answers.token, *self._answers.places.values()]
        constants = [len(each.constants) for node in nodes for each in node.walk()]
        return repr([[node.value({}) for node in nodes], constants, self._answers.form_encoded, self._answers.id_token])

    def _saved(self) -> Any:
        return copy.deepcopy((self._answers.token, self._answers.places, self._answers.form_encoded))

    def _restore(self, saved: Any) -> None:
        self._answers.token, self._answers.places, self._answers.form_encoded = saved

    def _brought_tokens(self, outcome: Outcome) -> Level:
        token = getattr(outcome.result, "access_token", None)
        return 2 if self._stage.service.issued(token) else 0

    def _named(self, outcome: Outcome) -> Level:
        name = outcome.result
        if outcome.error is not None or not isinstance(name, str) or not name.strip():
            return 0
        return 2 if any(text in name for text in self._texts()) else 1

    def _texts(self) -> Iterator[str]:
        """The texts in the answers to the latest call."""
        for node in (each for root in self._seen for each in root.walk() if each.is_leaf and not each.absent):
            if isinstance(text := node.value({}), str) and len(text) > 1:
                yield text


def _in_time(outcome: Outcome) -> bool:
    from gumauth.errors import NetworkError

    return not isinstance(outcome.known, NetworkError) or outcome.error is not None


def _is_about_answers(outcome: Outcome) -> bool:
    """Whether another answer or token could have helped: the file has read one, and has not failed by itself."""
    has_read = bool(outcome.requests) or isinstance(outcome.error, ValueError | IndexError)
    return has_read and not isinstance(outcome.error, OWN_FAULTS)
