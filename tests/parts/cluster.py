"""A stand-in for a cluster's API server: it speaks TLS, and lets in whoever has an id_token for it that is good.

Signature, audience, issuer and times are checked by PyJWT with the keys that the issuer publishes, as a real one does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import jwt

from gumauth.cli.check.authority import Authority
from gumauth.testing.listening import Handler, Listening
from gumauth.testing.messages import Request, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HOST = "localhost"


class Cluster:
    """The API server, for as long as the block lasts.

    Args:
        folder: Gets its certificates, and kubectl's configuration.
        issuer: Whose id_tokens it takes.
        audience: For which client they have to be.
    """

    def __init__(self, folder: Path, *, issuer: str, audience: str) -> None:
        self._folder, self._issuer, self._audience = folder, issuer, audience
        authority = Authority(folder)
        self._certificate = authority.certificate
        context = authority.context(HOST)

        class Tls(Handler):
            def setup(self) -> None:
                self.request = context.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self) -> None:
                super().finish()
                self.request.close()

        with httpx.Client(trust_env=False) as client:
            described = client.get(f"{issuer}/.well-known/openid-configuration").json()
        self._keys = jwt.PyJWKClient(described["jwks_uri"])
        self._listening = Listening(self._answer, Tls)
        self.heard: list[str] = []
        """What became of each request: the person's `sub`, or why it was refused."""
        self.refused_first = 0
        """So many requests are refused whatever they carry."""

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_error: object) -> None:
        self._listening.close()

    def kubectl(self, environ: Mapping[str, str], *helper: str) -> subprocess.CompletedProcess[str]:
        """Ask for `/whoami`, as a person whose kubeconfig names this helper."""
        config = self._folder / "kubeconfig.json"
        config.write_text(json.dumps(self._config(*helper)))  # JSON is YAML
        command = ["kubectl", "--kubeconfig", str(config), "--request-timeout=30s", "get", "--raw", "/whoami"]
        return subprocess.run(command, env=environ, text=True, capture_output=True, timeout=120, check=False)

    def _config(self, *helper: str) -> dict[str, Any]:
        place = {
            "server": f"https://127.0.0.1:{self._listening.port}",
            "tls-server-name": HOST,
            "certificate-authority": str(self._certificate),
        }
        run = {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": ["-m", "gumauth", *helper],
            "interactiveMode": "Never",
            "provideClusterInfo": True,
        }
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "corp", "cluster": place}],
            "users": [{"name": "corp", "user": {"exec": run}}],
            "contexts": [{"name": "corp", "context": {"cluster": "corp", "user": "corp"}}],
            "current-context": "corp",
        }

    def _answer(self, request: Request) -> Response:
        if request.path != "/whoami":  # some ask for the version first
            return json_response({"major": "1", "minor": "32"})
        self.heard.append(self._judged(request.headers.get("authorization", "")))
        if self.heard[-1].startswith("refused"):
            return json_response({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 401}, status=401)
        return json_response({"user": self.heard[-1]})

    def _judged(self, header: str) -> str:
        if len(self.heard) < self.refused_first:
            return "refused: not now"
        token = header.removeprefix("Bearer ")
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256", "ES256"],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub"]},
            )
        except jwt.PyJWTError as error:
            return f"refused: {type(error).__name__}"
        return str(claims["sub"])
