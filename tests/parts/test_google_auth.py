"""Google's own library runs gumauth for its credential, and trades the id_token at a stand-in for its token service."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import google.auth.exceptions
import jwt
import pytest
from google.auth import pluggable
from google.auth.transport.requests import Request as Transport

from gumauth.testing import AuthorizationServer
from gumauth.testing.listening import Listening
from gumauth.testing.messages import Request, Response, json_response
from tests.cli.program import environment, process
from tests.parts.by_address import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POOL = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/issuer"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        server.send_id_token = True
        yield server


@pytest.fixture
def account(server: AuthorizationServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account that was connected by the issuer's address; the library hands its own environment to the helper."""
    environ = environment(tmp_path)
    for name, value in {**environ, "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1"}.items():
        monkeypatch.setenv(name, value)
    return str(connect(environ, server.issuer, server.follow)["provider"])


def credentials(account: str, token_url: str, place: Path) -> pluggable.Credentials:
    command = shlex.join([sys.executable, "-m", "gumauth", "token", account, "--for", "gcp"])
    run = {"command": command, "timeout_millis": 60_000, "output_file": str(place)}
    return pluggable.Credentials.from_info(  # type: ignore[no-untyped-call, no-any-return]
        {
            "type": "external_account",
            "audience": POOL,
            "subject_token_type": ID_TOKEN,
            "token_url": token_url,
            "credential_source": {"executable": run},
        }
    )


@pytest.mark.requirement("H3", "H5")
def test_the_library_trades_the_id_token_for_a_token_of_its_own(
    server: AuthorizationServer, account: str, tmp_path: Path
) -> None:
    heard: list[dict[str, list[str]]] = []

    def service(request: Request) -> Response:
        heard.append(parse_qs(request.body.decode()))
        issued = "urn:ietf:params:oauth:token-type:access_token"
        fields = {"access_token": "of-google", "issued_token_type": issued, "token_type": "Bearer", "expires_in": 3600}
        return json_response(fields)

    listening = Listening(service)
    try:
        found = credentials(account, f"http://127.0.0.1:{listening.port}/v1/token", tmp_path / "output.json")
        found.refresh(Transport())  # type: ignore[no-untyped-call]
    finally:
        listening.close()
    assert found.token == "of-google"
    asked = heard[0]
    assert (asked["audience"], asked["subject_token_type"]) == ([POOL], [ID_TOKEN])
    token = asked["subject_token"][0]
    claims: dict[str, Any] = jwt.decode(
        token,
        jwt.PyJWKClient(server.jwks_url).get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        audience=server.clients[0].client_id,
        issuer=server.issuer,
    )
    assert claims["sub"] == "ada"
    assert not (tmp_path / "output.json").exists()


@pytest.mark.requirement("H4")
def test_what_gumauth_says_is_in_the_librarys_error(account: str, tmp_path: Path) -> None:
    assert process(environment(tmp_path), "disconnect", account).status == 0
    found = credentials(account, "http://127.0.0.1:9/v1/token", tmp_path / "output.json")
    with pytest.raises(google.auth.exceptions.RefreshError, match=r"non-zero return code 3.*is not connected"):
        found.refresh(Transport())  # type: ignore[no-untyped-call]
