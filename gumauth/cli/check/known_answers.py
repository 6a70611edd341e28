"""The answers of a service that is described by facts: what it tells, and where, stands in them."""

from __future__ import annotations

from gumauth.cli.check.answers import Answers, place_of
from gumauth.cli.check.shapes.shape import Node, put
from gumauth.oauth2.facts import Facts


def heed_facts(answers: Answers, provider: object) -> None:
    """Shape answers as the facts of a provider say; nothing where it has none.

    Args:
        answers: Changed.
        provider: An object, or its class.
    """
    if not isinstance(provider, Facts):
        return
    answers.tokens_path, answers.refresh_tokens = provider.tokens_path, provider.expects_refresh_token
    if "bearer" not in provider.token_types and provider.token_types:
        answers.token_type = provider.token_types[0]
    for path in provider.token_extras:
        put(answers.token, path)
    if provider.upgrade_url is not None:
        answers.places[place_of(provider.upgrade_url)] = Node()
        for name in ("access_token", "token_type", "expires_in"):
            answers.place(provider.upgrade_url).member(name)
    names = [each for path in provider.nickname_paths for each in ([path] if isinstance(path, str) else path)]
    _tell(answers, provider.nickname_url, names)
    _tell(answers, provider.identity_url or provider.nickname_url, provider.identity_paths)
    if provider.nickname_url is None:
        answers.untold = "has no address to ask; the account is kept without a name"


def _tell(answers: Answers, url: str | None, paths: list[str] | tuple[str, ...]) -> None:
    if url is None:
        return
    node = answers.places.setdefault(place_of(url), Node())
    for path in paths:
        put(node, path)
