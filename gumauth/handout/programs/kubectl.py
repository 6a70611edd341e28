"""kubectl, and what else reads a kubeconfig: an ExecCredential."""

from __future__ import annotations

import time

from gumauth.client.id_token import id_token, id_token_if_any
from gumauth.client.token import one_word
from gumauth.errors import GumauthError, UsageError
from gumauth.handout.programs.asked import Asked
from gumauth.platform.json import dumps, loads
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

USUAL = "client.authentication.k8s.io/v1"

KNOWN = (USUAL, "client.authentication.k8s.io/v1beta1")
"""The versions of an ExecCredential that have what is printed, in the same form."""

INFO = "KUBERNETES_EXEC_INFO"
"""The variable in which the program says which version it wants, as an ExecCredential without a token."""

LONGEST_INFO = 1 << 20
"""Characters of it that are read: it may hold the cluster's certificates."""

ACCESS_TOKEN = "access-token"
"""The word that asks for the access token, also where the account has an id_token."""


def answer(asked: Asked) -> str:
    """The ExecCredential: with the id_token where the account has one, else with the access token.

    Raises:
        UsageError: The word behind it is an unknown one.
        GumauthError: The program wants an unknown version; or as `gumauth token`.

    Source: The Kubernetes documentation, "client-go credential plugins"; its API client.authentication.k8s.io.
    """
    if asked.word not in (None, ACCESS_TOKEN):
        raise UsageError(
            f"{one_line(asked.word)!r} is one word too many.", hint=f"Leave it away, or write {ACCESS_TOKEN}."
        )
    version = wanted(asked.context.environ.get(INFO) or "")
    find = id_token if asked.id_token else id_token_if_any
    found = None if asked.word else find(asked.context, asked.reference, min_valid=asked.min_valid)
    if found is not None:
        return credential(version, found.value, found.ends)
    _, record = asked.token()
    return credential(version, one_word(record.access_token), record.expires_at)


def wanted(info: str) -> str:
    """The version that the answer has to have.

    Args:
        info: The value of `KUBERNETES_EXEC_INFO`; what cannot be understood asks for nothing in particular.

    Raises:
        GumauthError: It is an unknown one.
    """
    try:
        data = loads(info) if len(info) <= LONGEST_INFO else None
    except (ValueError, RecursionError):
        data = None
    version = data.get("apiVersion") if isinstance(data, dict) else None
    if not isinstance(version, str) or version in KNOWN:
        return version if isinstance(version, str) else USUAL
    raise GumauthError(
        f"An ExecCredential of {one_line(version, 80)!r} is wanted, which gumauth does not know.",
        hint=f"Write `apiVersion: {USUAL}` in the kubeconfig's `exec`.",
    )


def credential(version: str, token: str, ends: float | None) -> str:
    """The ExecCredential, as a line of JSON. Secret.

    Args:
        version: Of `wanted`.
        token: Secret.
        ends: In seconds since 1970; None where that is not known: the program keeps it until it is refused then.
    """
    status: dict[str, Any] = {"token": token}
    if ends is not None:
        status["expirationTimestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))  # RFC 3339
    return dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})
