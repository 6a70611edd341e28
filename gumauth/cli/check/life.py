"""The ordinary life of an account: consent, code, tokens, nickname, an hour later a refresh, and the end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from gumauth.cli.check import authorization_url, blame, ending
from gumauth.cli.check.finding import Finding
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.cli.check.telling import raised, shown
from gumauth.testing import PageRefused

HOUR = 3600.0

HAND_ON = {
    "refresh_token": 'refresh_token=data.get("refresh_token")',
    "expires_in": 'expires_in=data.get("expires_in")',
}
"""How a member of the answer is handed on."""

TRADES = {
    "exchange": "trades a code for tokens",
    "refresh": "trades a refresh token for tokens",
    "rotation": "trades the next refresh token an hour later",
}
"""What a method has done, by the case."""


class Life:
    """One life, and what it has shown.

    Args:
        stage: Where the file is played.

    Attributes:
        connects: Whether a code was traded for tokens.
        refreshes: Whether a refresh token was.
        nickname: Of the person; None where none was told.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.connects = self.refreshes = False
        self.nickname: str | None = None

    def play(self) -> Iterator[Finding]:
        """The findings, in the order of the life; what fails ends it."""
        stage, state = self._stage, secrets.token_urlsafe(24)
        url = stage.get_url(state)
        yield from authorization_url.judged(stage, url, state)
        wrong = authorization_url.wrong(url, state)
        if url.error is not None or not isinstance(url.result, str):
            return
        try:
            back = stage.service.consent(url.result)
        except PageRefused as refusal:
            yield _broken(
                url, "get_url", f"builds a request that a strict page refuses: {refusal}", "Nobody can connect."
            )
            return
        tokens = stage.call("exchange", back["code"], REDIRECT_URI)
        yield from self._exchanged(tokens)
        access, _ = members(tokens)
        if access is None:
            return
        self.connects = True
        yield from authorization_url.escaped(stage, wrong)  # now: one object serves one connection, the latest
        yield from self._named(stage.call("get_nickname", access))
        yield from self._refreshed()
        yield from ending.revoked(stage)

    def _exchanged(self, tokens: Outcome) -> Iterator[Finding]:
        yield from self._of_tokens(tokens, "exchange", "Nobody can connect.")
        if members(tokens)[0] is None:
            return
        yield from _of_secret(self._stage, tokens)
        gave = self._stage.service.latest
        kept = {name: getattr(tokens.result, name, None) for name in HAND_ON}
        dropped = [name for name in HAND_ON if name in gave and kept[name] in (None, "")]
        if "refresh_token" in dropped:
            yield _dropped(tokens, dropped)
        elif dropped:
            yield Finding(
                level="surprises",
                case="expires-in-dropped",
                method="exchange",
                service="says how long the token lives",
                file="does not hand it on",
                means="Nobody knows when the token ends, until the service refuses it.",
                line=blame.place(blame.returning(tokens)),
                mend=f"Hand it on: TokenResponse(..., {HAND_ON['expires_in']}).",
            )

    def _of_tokens(self, tokens: Outcome, case: str, means: str) -> Iterator[Finding]:
        if tokens.error is not None or tokens.is_endless:
            yield raised(self._stage, tokens, case=case, level="breaks", means=means)
        elif members(tokens)[0] is None:
            yield _broken(tokens, case, f"returns {shown(tokens.result)}", means)
        else:
            yield Finding(level="fine", case=case, method=tokens.method, file=TRADES[case])

    def _named(self, nickname: Outcome) -> Iterator[Finding]:
        if nickname.error is None and isinstance(nickname.result, str) and nickname.result.strip():
            self.nickname = nickname.result
            yield Finding(level="fine", case="nickname", method="get_nickname", file="tells whose account it is")
        elif nickname.error is not None or nickname.is_endless:
            yield raised(self._stage, nickname, case="nickname", level="breaks", means="The account has no name.")
        else:
            yield _broken(nickname, "nickname", f"gives {shown(nickname.result)}", "The account has no name.")

    def _refreshed(self) -> Iterator[Finding]:
        """The refreshes of two hours; the second one needs the refresh token that came with the first."""
        stage, given = self._stage, self._stage.service.latest.get("refresh_token")
        for case in ("refresh", "rotation"):
            if given is None:
                return
            stage.clock.move(HOUR)
            tokens = stage.call("refresh", given)
            if isinstance(tokens.error, NotImplementedError):
                yield Finding(level="fine", case="refresh", method="refresh", file="says that tokens do not end")
                return
            yield from self._of_tokens(tokens, case, "When a token ends, its user has to connect again.")
            access, refresh = members(tokens)
            if access is None:
                return
            self.refreshes = True
            rotated = stage.service.latest.get("refresh_token")
            if rotated is not None and rotated != (refresh or given):
                yield _not_rotated(tokens)
                return
            given = refresh or given


def members(tokens: Outcome) -> tuple[str | None, str | None]:
    """The access token and the refresh token of a good result; None for what is none."""
    found = (getattr(tokens.result, name, None) for name in ("access_token", "refresh_token"))
    access, refresh = (each if isinstance(each, str) and each else None for each in found)
    return access, refresh


def _of_secret(stage: Stage, tokens: Outcome) -> Iterator[Finding]:
    """The finding for a client secret that stands in the file."""
    sent = stage.service.app.secret
    if sent and sent not in stage.variables.secrets and sent not in stage.variables.read.values():
        yield Finding(
            level="surprises",
            case="environment",
            method="exchange",
            file="sends a client secret that is not from the environment",
            means="Whoever reads the file has it.",
            line=blame.place(blame.sending(tokens)),
            mend=f'Read it: os.environ["{stage.resolved.name.upper()}_CLIENT_SECRET"].',
        )


def _dropped(tokens: Outcome, dropped: list[str]) -> Finding:
    also = ("expires-in-dropped",) if "expires_in" in dropped else ()
    return Finding(
        level="surprises",
        case="refresh-token-dropped",
        method="exchange",
        service="gave a refresh token",
        file=f"throws it away{', and how long the token lives' if also else ''}",
        means="When the token ends, its user has to connect again.",
        line=blame.place(blame.returning(tokens)),
        mend=f"Hand on what came: TokenResponse(..., {', '.join(HAND_ON[name] for name in dropped)}).",
        also=also,
    )


def _not_rotated(tokens: Outcome) -> Finding:
    return Finding(
        level="breaks",
        case="rotation",
        method="refresh",
        service="gave a new refresh token and ended the old one",
        file="does not hand the new one on",
        means="The next refresh fails, and its user has to connect again.",
        line=blame.place(blame.returning(tokens)),
        mend=f"Hand it on: TokenResponse(..., {HAND_ON['refresh_token']}).",
        also=("refresh-token-dropped",),
    )


def _broken(outcome: Outcome, case: str, file: str, means: str) -> Finding:
    return Finding(level="breaks", case=case, method=outcome.method, file=file, means=means, line=outcome.line)
