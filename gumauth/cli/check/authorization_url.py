"""What is found of the URL that `get_url` builds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from gumauth.cli.check import blame
from gumauth.cli.check.finding import Finding
from gumauth.cli.check.lines import Step
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.service import as_standard
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.cli.check.telling import raised

STRANGE_URI = f"{REDIRECT_URI}?for=a%2Fb&of=c"
"""A redirect URI with characters that a query has to escape."""

STRANGE_STATE = "eyJhIjoxfQ==+/%2B&b"
"""A state as the standard allows it, with characters that a query has to escape. Source: RFC 6749 appendix A.5."""

NEEDED = ("client_id", "redirect_uri", "response_type", "state")


def judged(stage: Stage, url: Outcome, state: str) -> Iterator[Finding]:
    """The findings.

    Args:
        stage: Where the file is played.
        url: What `get_url` has made of usual values.
        state: The state that it was given.
    """
    if url.error is not None or not isinstance(url.result, str):
        yield raised(stage, url, case="get_url", level="breaks", means="Nobody can connect.")
        return
    query, changed = members(url.result), wrong(url, state)
    for name in changed:
        yield _of_member(url, name, "changes" if query.get(name) else "leaves out")
    yield from _of_scheme(url)
    if not changed:
        yield Finding(level="fine", case="get_url", method="get_url", file="builds a request that a strict page takes")
    if "code_challenge" not in query:
        yield Finding(
            level="fine",
            case="pkce",
            method="get_url",
            file="uses no PKCE; the interface has no place for the verifier, so this is no fault",
        )


def wrong(url: Outcome, state: str) -> list[str]:
    """The parameters that a URL lacks or changes."""
    if not isinstance(url.result, str):
        return []
    return _wrong(members(url.result), {"state": state, "redirect_uri": REDIRECT_URI})


def escaped(stage: Stage, but: Collection[str]) -> Iterator[Finding]:
    """The findings of a redirect URI and a state that have to be escaped.

    Args:
        stage: Where the file is played.
        but: Parameters that are wrong in any case.
    """
    url = stage.get_url(STRANGE_STATE, STRANGE_URI)
    if isinstance(url.result, str):
        found = _wrong(members(url.result), {"state": STRANGE_STATE, "redirect_uri": STRANGE_URI})
        yield from _of_escaping(url, [name for name in found if name not in but])


def members(url: str) -> dict[str, str]:
    """The parameters of a URL."""
    return as_standard(dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)))


def _wrong(query: Mapping[str, str], given: Mapping[str, str]) -> list[str]:
    return [name for name in NEEDED if not query.get(name) or query[name] != given.get(name, query[name])]


def _of_member(url: Outcome, name: str, did: str) -> Finding:
    means = "The consent page refuses it."
    if name == "state":
        means = "Whoever comes back is not known, and nobody can connect."
    return Finding(
        level="breaks",
        case="state" if name == "state" else "get_url",
        method="get_url",
        file=f"{did} `{name}`",
        means=means,
        line=blame.place(_building(url, name)),
        mend=MENDS[name],
    )


MENDS = {
    "client_id": 'Put `"client_id": os.environ[…]` into the query.',
    "redirect_uri": 'Put `"redirect_uri": redirect_uri` into the query, as it was given.',
    "response_type": 'Put `"response_type": "code"` into the query.',
    "state": 'Put `"state": state` into the query, as it was given.',
}


def _building(url: Outcome, name: str) -> Step | None:
    """The line that names a parameter, or the one that returns."""
    named = [step for step in url.steps if name in step.text]
    return next(iter([*named[-1:], *url.steps[-1:]]), None)


def _of_scheme(url: Outcome) -> Iterator[Finding]:
    target = urlsplit(url.result)
    if target.scheme == "http" and target.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield Finding(
            level="breaks",
            case="get_url",
            method="get_url",
            file="sends the person over plain http",
            means="Whoever is on the way reads the code.",
            line=blame.place(_building(url, "http://")),
            mend="Write https:// (RFC 6749 §3.1).",
        )


def _of_escaping(strange_url: Outcome, wrong: list[str]) -> Iterator[Finding]:
    if not wrong:
        yield Finding(level="fine", case="redirect-uri-escaping", method="get_url", file="escapes what it is given")
        return
    text = strange_url.result
    is_raw = any(given in text for given in (STRANGE_URI, STRANGE_STATE))
    names = " and ".join(f"`{name}`" for name in wrong)
    yield Finding(
        level="surprises",
        case="redirect-uri-escaping" if "redirect_uri" in wrong else "special-characters",
        method="get_url",
        file=f"{'puts' if is_raw else 'escapes'} {names} {'into the URL without escaping' if is_raw else 'wrongly'}",
        means="One with `&`, `+` or `%` in it arrives as another, and nobody can connect with it.",
        line=blame.place(_building(strange_url, wrong[0])),
        mend="Build the query with urllib.parse.urlencode({...}), and escape nothing before.",
        also=("special-characters",) if "redirect_uri" in wrong and "state" in wrong else (),
    )
