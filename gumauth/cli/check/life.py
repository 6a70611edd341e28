"""The ordinary life of an account: consent, code, tokens, nickname, an hour later a refresh, and the end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from gumauth.cli.check.finding import Finding
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.cli.check.telling import raised, shown
from gumauth.testing import PageRefused

AWKWARD_URI = f"{REDIRECT_URI}?for=a%2Fb&of=c"
"""A redirect URI with characters that a query has to escape."""

HOUR = 3600.0


def play(stage: Stage) -> Iterator[Finding]:
    """The findings of one life, in its order; what fails ends it."""
    state = secrets.token_urlsafe(24)
    awkward = stage.get_url(state, AWKWARD_URI)  # first: one object serves one connection, the latest
    url = stage.get_url(state)
    yield from _of_url(stage, url, awkward, state)
    if url.error is not None or not isinstance(url.result, str):
        return
    try:
        back = stage.service.consent(url.result)
    except PageRefused as refusal:
        yield _broken(url, "get_url", f"the consent page refuses the request: {refusal}", "Nobody can connect.")
        return
    tokens = stage.call("exchange", back["code"], REDIRECT_URI)
    yield from _of_tokens(tokens, "exchange", stage)
    access, refresh = members(tokens)
    if access is None:
        return
    yield from _of_nickname(stage.call("get_nickname", access))
    yield from _refreshed(stage, refresh)
    yield from _revoked(stage, access)


def members(tokens: Outcome) -> tuple[str | None, str | None]:
    """The access token and the refresh token of a good result; None for what is none."""
    found = (getattr(tokens.result, name, None) for name in ("access_token", "refresh_token"))
    access, refresh = (each if isinstance(each, str) and each else None for each in found)
    return access, refresh


def _of_url(stage: Stage, url: Outcome, awkward: Outcome, state: str) -> Iterator[Finding]:
    if url.error is not None:
        yield raised(stage, url, case="get_url", level="breaks", means="Nobody can connect.")
        return
    if not isinstance(url.result, str):
        yield _broken(url, "get_url", f"returns {type(url.result).__name__}, not a string", "Nobody can connect.")
        return
    query = dict(parse_qsl(urlsplit(url.result).query, keep_blank_values=True))
    missing = [name for name in ("client_id", "redirect_uri", "response_type", "state") if not query.get(name)]
    wrong = [name for name, right in {"state": state, "redirect_uri": REDIRECT_URI}.items() if query.get(name) != right]
    for name in dict.fromkeys([*missing, *wrong]):
        means = (
            "The consent page refuses it." if name != "state" else "Whoever comes back cannot be told from a stranger."
        )
        yield Finding(
            level="breaks",
            case="get_url",
            method="get_url",
            file=f"leaves out or changes `{name}`",
            means=means,
            line=url.line,
            mend=f"Put `{name}` into the query as the standard has it (RFC 6749 §4.1.1).",
        )
    if not missing and not wrong:
        yield Finding(level="fine", case="get_url", method="get_url", file="builds a request that a strict page takes")
    yield from _of_escaping(awkward, query)


def _of_escaping(awkward: Outcome, query: dict[str, str]) -> Iterator[Finding]:
    if awkward.error is None and isinstance(awkward.result, str):
        again = dict(parse_qsl(urlsplit(awkward.result).query, keep_blank_values=True))
        if again.get("redirect_uri") != AWKWARD_URI:
            yield Finding(
                level="surprises",
                case="redirect-uri-escaping",
                method="get_url",
                file="puts `redirect_uri` into the URL as it is, without escaping it",
                means="A redirect URI with `&`, `#` or `+` in it arrives cut, and the service refuses it.",
                line=awkward.line,
                mend="Build the query with urllib.parse.urlencode({...}).",
            )
    if "code_challenge" not in query:
        yield Finding(
            level="fine",
            case="pkce",
            method="get_url",
            file="uses no PKCE; the interface has no place for the verifier, so this is no fault",
        )


def _of_tokens(tokens: Outcome, case: str, stage: Stage) -> Iterator[Finding]:
    if tokens.error is not None:
        if isinstance(tokens.error, NotImplementedError):
            return
        yield raised(stage, tokens, case=case, level="breaks", means="No account comes of it.")
        return
    access, refresh = members(tokens)
    if access is None:
        yield _broken(tokens, case, f"returns {shown(tokens.result)}", "No account comes of it.")
        return
    yield Finding(level="fine", case=case, method=tokens.method, file="trades it for tokens")
    if refresh is None and case == "exchange":
        yield Finding(
            level="surprises",
            case="refresh-token-dropped",
            method="exchange",
            service="gave a refresh token",
            file="throws it away",
            means="When the token ends, its user has to connect again.",
            line=tokens.line,
            mend='Hand it on: TokenResponse(..., refresh_token=data.get("refresh_token")).',
        )


def _of_nickname(nickname: Outcome) -> Iterator[Finding]:
    if nickname.error is None and isinstance(nickname.result, str) and nickname.result.strip():
        yield Finding(level="fine", case="nickname", method="get_nickname", file="tells whose account it is")
        return
    yield _broken(nickname, "nickname", f"gives {shown(nickname.result or nickname.error)}", "The account has no name.")


def _refreshed(stage: Stage, refresh: str | None) -> Iterator[Finding]:
    if refresh is None:
        return
    stage.clock.move(HOUR)
    for case in ("refresh", "rotation"):
        tokens = stage.call("refresh", refresh)
        yield from _of_tokens(tokens, case, stage)
        refresh = members(tokens)[1] or refresh


def _revoked(stage: Stage, access: str) -> Iterator[Finding]:
    if not stage.has("revoke"):
        yield Finding(
            level="fine", case="revoke", method="revoke", file="has no revoke; the grant stays at the service"
        )
        return
    revoked = stage.call("revoke", access)
    if revoked.error is not None:
        yield raised(stage, revoked, case="revoke", level="breaks", means="The grant stays at the service.")
        return
    yield Finding(level="fine", case="revoke", method="revoke", file="ends the grant")


def _broken(outcome: Outcome, case: str, file: str, means: str) -> Finding:
    return Finding(
        level="breaks", case=case, method=outcome.method, file=file, means=means, line=outcome.line, mend=None
    )
