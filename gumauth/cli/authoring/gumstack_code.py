"""The code of a file for Gumstack that is the same for every service, as texts."""

from __future__ import annotations

AT = '''\
def _at(value: Any, path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
'''

SCOPES = '''\
def _scopes(value: object) -> str | None:
    """The granted scopes, which some services send as a list."""
    if isinstance(value, list):
        return " ".join(map(str, value)) or None
    return value if isinstance(value, str) and value else None
'''

SECONDS = '''\
def _seconds(value: object) -> int | None:
    """The life of a token, which some services send as a text."""
    try:
        seconds = int(float(str(value)))
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None
'''

MEMBERS = '''\
def _members(response: httpx.Response) -> dict[str, Any]:
    """The members of a good answer.

    Raises:
        httpx.HTTPStatusError: The status says that it is none, or a redirect.
        RuntimeError: It is an error with a good status, or no JSON object.
    """
    response.raise_for_status()
    members = _json(response)
    if isinstance(members, dict) and not members.get("error"):
        return members
    why = members["error"] if isinstance(members, dict) else "no JSON object"
    raise RuntimeError(f"{SERVICE} did not answer as it should: {why}")


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
'''

SEND = '''\
async def _send(method: str, url: str, **request: Any) -> httpx.Response:
    """The answer to a request; a redirect is not followed, and is told no secret."""
    async with (
        asyncio.timeout(DEADLINE),
        httpx.AsyncClient(headers=HEADERS, timeout=DEADLINE) as client,
    ):
        return await client.request(method, url, **request)
'''

BY_MEMBER = """\
        for name in NICKNAME_MEMBERS:
            value = members.get(name)
            if isinstance(value, str | int) and str(value).strip():
                return str(value)
        names = " or ".join(NICKNAME_MEMBERS)
        raise RuntimeError(f"{SERVICE} does not say whose account it is: no {names}.")
"""

BY_PATH = """\
        for paths in NICKNAME_PATHS:
            values = [_at(members, path) for path in paths]
            if all(isinstance(each, str | int) and each != "" for each in values):
                return " at ".join(map(str, values))
        raise RuntimeError(f"{SERVICE} does not say whose account it is.")
"""
