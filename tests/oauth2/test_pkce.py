"""Proof Key for Code Exchange."""

from __future__ import annotations

import re

import pytest

from gumauth.oauth2 import pkce


@pytest.mark.requirement("F1")
def test_the_challenge_is_the_one_of_the_specification() -> None:
    """Source: RFC 7636 appendix B."""
    assert (
        pkce.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


@pytest.mark.requirement("F1")
def test_a_verifier_is_32_random_bytes_and_new_every_time() -> None:
    verifiers = {pkce.new_verifier() for _ in range(100)}
    assert len(verifiers) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier) for verifier in verifiers)
