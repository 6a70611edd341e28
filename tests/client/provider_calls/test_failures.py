"""Errors of provider files name the method and the file, and repeat no secret."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import httpx
import pytest

from gumauth.client.provider_calls import failures
from gumauth.client.provider_calls.method_call import MethodCall
from gumauth.errors import GumauthError, MissingCredentials, NetworkError, TokenEndpointError
from gumauth.oauth2 import OAuth2Provider
from gumauth.registry.resolved import ResolvedProvider

if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method

SECRET = "Zk3vYb8mQe5rTn1x/Wc7u+Ld9h=="


def found(name: str = "acme") -> ResolvedProvider:
    return ResolvedProvider(
        provider_class=OAuth2Provider, source="/home/a/acme.py:Acme", name=name, origin="/home/a/acme.py"
    )


def translated(found: ResolvedProvider, method: Method, error: BaseException, secrets: Collection[str]) -> GumauthError:
    return failures.translated(MethodCall(resolved=found, method=method, secrets=secrets), error)


def status_error() -> httpx.HTTPStatusError:
    request = httpx.Request("POST", f"https://acme.example/?t={SECRET}", content=b"not a form")
    body = {"error": "invalid_request", "error_description": f"{SECRET} is old"}
    return httpx.HTTPStatusError(SECRET, request=request, response=httpx.Response(400, json=body, request=request))


@pytest.mark.requirement("S1", "P4")
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError(SECRET), "`refresh` of acme (/home/a/acme.py:Acme) raised ValueError: …."),
        (
            KeyError(f"{SECRET} {'x' * 90}"),
            "`refresh` of acme (/home/a/acme.py:Acme) found no `… " + "x" * 77 + "…` in the provider's answer.",
        ),
        (TokenEndpointError(f"no {SECRET} here"), "no … here"),
        (status_error(), "acme.example refused: invalid_request: … is old."),
        (
            httpx.LocalProtocolError(f"Illegal header value b'Bearer {SECRET[:20]}"),
            "The provider could not be reached: LocalProtocolError.",
        ),
    ],
)
def test_no_secret_that_a_method_was_given_is_in_the_error(error: Exception, message: str) -> None:
    got = translated(found(), "refresh", error, {SECRET})
    assert got.message == str(got) == message


def test_a_missing_variable_is_named_with_what_can_be_done() -> None:
    own = translated(found(), "exchange", KeyError("ACME_CLIENT_ID"), {SECRET})
    assert isinstance(own, MissingCredentials)
    assert "gumauth setup /home/a/acme.py:Acme" in (own.hint or "")
    other = translated(found(), "exchange", KeyError("ACME_REGION"), {SECRET})
    assert isinstance(other, MissingCredentials)
    assert "ACME_REGION" in other.message


@pytest.mark.requirement("P4")
def test_a_fact_that_a_class_does_not_tell_is_named() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = OAuth2Provider().authorize_url
    error = translated(found(), "get_url", caught.value, ())
    assert (
        error.message
        == "`get_url` of acme (/home/a/acme.py:Acme) needs `authorize_url`, which the class does not have."
    )
    elsewhere = AttributeError("x", name="x", obj="text")
    assert translated(found(), "get_url", elsewhere, ()).message.endswith("raised AttributeError: x.")


@pytest.mark.requirement("P4")
def test_the_line_of_the_providers_own_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "acme.py"
    scope: dict[str, object] = {}
    exec(compile("\n\ndef fail():\n    int('x')\n", str(file), "exec"), scope)
    with pytest.raises(ValueError, match="invalid literal") as caught:
        scope["fail"]()  # type: ignore[operator]
    mine = ResolvedProvider(provider_class=OAuth2Provider, source=f"{file}:Acme", name="acme", origin=str(file))
    error = translated(mine, "refresh", caught.value, ())
    assert error.message.endswith("raised ValueError in line 4: invalid literal for int() with base 10: 'x'.")


NEW = "qT7xK2mWv9Lr4Zs8Yb3N"
PLAIN = "correcthorsebatterystaple"


def by_a_key() -> None:
    answer: dict[str, str] = {}
    answer[NEW]


def by_an_attribute() -> None:
    getattr(OAuth2Provider(), NEW)


def by_an_error_of_ours() -> None:
    raise TokenEndpointError(f"What is {NEW}?", hint=f"Look at {NEW}.", error=NEW)


def by_an_error_of_ours_and_a_name() -> None:
    data = {"access_token": PLAIN}
    raise TokenEndpointError(f"What is {list(data.items())}?", hint=f"Look at {PLAIN}.", error=PLAIN)


def by_a_list() -> None:
    tokens = [PLAIN]
    raise ValueError(tokens)


def by_bytes() -> None:
    token = PLAIN.encode()
    raise ValueError(token)


def by_a_header() -> None:
    headers = {"Authorization": f"Bearer {PLAIN}"}
    raise ValueError(headers)


def behind_its_scheme() -> None:
    raise ValueError(f"sent Bearer {PLAIN}")


def behind_its_name() -> None:
    raise ValueError(f'{{"access_token": "{PLAIN}"}}')


@pytest.mark.requirement("S1", "P6")
@pytest.mark.parametrize(
    "function",
    [
        by_a_key,
        by_an_attribute,
        by_an_error_of_ours,
        by_an_error_of_ours_and_a_name,
        by_a_list,
        by_bytes,
        by_a_header,
        behind_its_scheme,
        behind_its_name,
    ],
)
def test_no_secret_that_a_method_has_got_is_in_the_error(function: Callable[[], None]) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function()
    known = translated(found(), "refresh", caught.value, ())
    shown = f"{known.message} {known.hint} {known.way} {getattr(known, 'error', '')}"
    assert "…" in shown
    assert NEW not in shown
    assert PLAIN not in shown


@pytest.mark.requirement("P4")
def test_what_cannot_be_looked_into_keeps_no_error_from_being_told() -> None:
    class Odd(dict[str, str]):
        def items(self) -> NoReturn:
            raise ZeroDivisionError

    def fail() -> None:
        odd = Odd(a="b")
        raise ValueError(len(odd))

    with pytest.raises(ValueError, match="1") as caught:
        fail()
    assert translated(found(), "refresh", caught.value, ()).message.endswith("raised ValueError: 1.")


@pytest.mark.requirement("P5")
def test_the_name_of_a_variable_is_no_secret() -> None:
    def fail() -> None:
        secret_variable = "ACME_SECRET_KEY"
        raise MissingCredentials(f"Set {secret_variable}.")

    with pytest.raises(MissingCredentials) as caught:
        fail()
    assert translated(found(), "refresh", caught.value, ()).message == "Set ACME_SECRET_KEY."


@pytest.mark.requirement("S1", "S2")
def test_no_attribute_of_an_error_holds_what_was_sent() -> None:
    given = TokenEndpointError(f"refused {SECRET}", hint=f"Throw {SECRET} away.", error=SECRET)
    error = translated(found(), "refresh", given, {SECRET})
    assert isinstance(error, TokenEndpointError)
    assert (error.message, str(error), error.hint, error.error) == ("refused …", "refused …", "Throw … away.", "…")


def test_every_error_of_a_provider_has_a_hint() -> None:
    errors: list[BaseException] = [ValueError(), KeyError("x"), NotImplementedError(), TimeoutError()]
    hints = [translated(found(), "refresh", error, ()).hint for error in errors]
    assert all(hints), hints
    assert TokenEndpointError("no").hint
    assert GumauthError("no").hint is None


@pytest.mark.requirement("R7")
def test_a_lost_connection_behind_a_files_own_error_is_told_as_such() -> None:
    try:
        try:
            raise httpx.ConnectError("no way")
        except httpx.ConnectError as behind:
            raise RuntimeError(SECRET) from behind
    except RuntimeError as error:
        known = translated(found(), "refresh", error, {SECRET})
    assert isinstance(known, NetworkError)
    assert known.message == "The provider could not be reached: no way."


@pytest.mark.requirement("L1")
def test_a_refused_revocation_is_no_reason_to_connect_again() -> None:
    request = httpx.Request("POST", "https://acme.example/revoke")
    response = httpx.Response(400, json={"error": "invalid_grant"}, request=request)
    error = translated(found(), "revoke", httpx.HTTPStatusError("400", request=request, response=response), ())
    assert type(error) is TokenEndpointError
    assert (error.error, error.exit_code) == ("invalid_grant", 1)
    assert "settings at the provider" in (error.hint or "")
