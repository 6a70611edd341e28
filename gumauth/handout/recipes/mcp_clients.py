"""MCP clients: those that ask a command for headers, and those that start a server on standard input and output. Pure.

Sources: code.claude.com/docs/en/mcp (headersHelper, add-json), developers.openai.com/codex/mcp,
geminicli.com/docs/tools/mcp-server, code.visualstudio.com/docs/copilot/reference/mcp-configuration,
cursor.com/docs/context/mcp, zed.dev/docs/ai/mcp, block.github.io/goose/docs/guides/config-files,
opencode.ai/docs/mcp-servers.
"""

from __future__ import annotations

from gumauth.handout.recipes.quoting import json, shell, string, toml
from gumauth.handout.recipes.recipe import TERMINAL, Present, Recipe, Step, Wanted, starts_gumauth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _claude_add(wanted: Wanted) -> tuple[str, ...]:
    from gumauth.platform.json import dumps

    server = {"type": "http", "url": wanted.url, "headersHelper": shell(wanted.token("--for", "mcp"))}
    return ("claude", "mcp", "add-json", "-s", "user", wanted.name, dumps(server))


def _claude_steps(wanted: Wanted) -> tuple[Step, ...]:
    return (
        Step(argv=("claude", "mcp", "remove", "-s", "user", wanted.name), may_fail=True),
        Step(argv=_claude_add(wanted)),
    )


def _claude_present(wanted: Wanted) -> Present:
    return Present(
        show=("claude", "mcp", "get", wanted.name),
        remove=("claude", "mcp", "remove", "-s", "user", wanted.name),
        is_ours=lambda lines: is_server_without_headers(wanted.url, lines),
    )


def is_server_without_headers(url: str, lines: Sequence[str]) -> bool:
    """Whether `claude mcp get` printed a server of this address with no headers of its own.

    It prints no helper: one that was ours and one of somebody else's cannot be told apart.
    """
    facts = [line.strip() for line in lines]
    return f"URL: {url}" in facts and not any(fact.startswith("Headers:") for fact in facts)


def _codex(wanted: Wanted) -> str:
    helper = toml(shell(wanted.token("--for", "mcp")))
    return f"[mcp_servers.{wanted.name}]\nurl = {toml(wanted.url)}\nhttp_headers_helper = {helper}"


def _codex_steps(wanted: Wanted) -> tuple[Step, ...]:
    return (Step(argv=("codex", "mcp", "add", wanted.name, "--", *wanted.bridge())),)


def _codex_present(wanted: Wanted) -> Present:
    return Present(
        show=("codex", "mcp", "get", wanted.name),
        remove=("codex", "mcp", "remove", wanted.name),
        is_ours=starts_gumauth,
    )


def _codex_notes(wanted: Wanted) -> tuple[str, ...]:
    return (
        (
            "`codex mcp add` cannot name a helper: --write, and an older Codex, take the bridge in its place: "
            f"`codex mcp add {wanted.name} -- {shell(wanted.bridge())}`."
        ),
    )


def _gemini_steps(wanted: Wanted) -> tuple[Step, ...]:
    """Told twice, it replaces the entry."""
    command, *arguments = wanted.bridge()
    return (Step(argv=("gemini", "mcp", "add", "--scope", "user", wanted.name, command, "--", *arguments)),)


def _gemini_present(wanted: Wanted) -> Present:
    return Present(
        show=("gemini", "mcp", "list"),
        remove=("gemini", "mcp", "remove", "--scope", "user", wanted.name),
        part=lambda line: f" {wanted.name}: " in line,
        is_ours=starts_gumauth,
        on_stderr=True,
    )


def _server(wanted: Wanted, **first: object) -> Mapping[str, object]:
    command, *arguments = wanted.bridge()
    return {wanted.name: {**first, "command": command, "args": arguments}}


def _mcp_servers(wanted: Wanted) -> str:
    return json({"mcpServers": _server(wanted)})


def _vscode(wanted: Wanted) -> str:
    return json({"servers": _server(wanted, type="stdio")})


def _zed(wanted: Wanted) -> str:
    return json({"context_servers": _server(wanted)})


def _opencode(wanted: Wanted) -> str:
    return json({"mcp": {wanted.name: {"type": "local", "command": list(wanted.bridge()), "enabled": True}}})


def _goose(wanted: Wanted) -> str:
    command, *arguments = wanted.bridge()
    return "\n".join(
        (
            "extensions:",
            f"  {wanted.name}:",
            "    enabled: true",
            "    type: stdio",
            f"    name: {wanted.name}",
            f"    cmd: {string(command)}",
            f"    args: [{', '.join(map(string, arguments))}]",
            "    envs: {}",
            "    timeout: 300",
        )
    )


def _within(member: str) -> str:
    return f"Where the file has `{member}` already, add the entry to it."


def _client(program: str, title: str, place: str, *, text: Callable[[Wanted], str], member: str) -> Recipe:
    """The recipe of a client whose servers stand in a file, under one member of it."""
    return Recipe(program=program, title=title, place=place, needs="mcp", text=text, notes=lambda _: (_within(member),))


RECIPES = (
    Recipe(
        program="claude",
        title="Claude Code",
        place=TERMINAL,
        needs="mcp",
        text=lambda wanted: shell(_claude_add(wanted)),
        steps=_claude_steps,
        present=_claude_present,
        environment=("CLAUDE_",),
    ),
    Recipe(
        program="codex",
        title="Codex",
        place="~/.codex/config.toml",
        needs="mcp",
        text=_codex,
        notes=_codex_notes,
        steps=_codex_steps,
        present=_codex_present,
        environment=("CODEX_",),
    ),
    Recipe(
        program="gemini",
        title="Gemini CLI",
        place="~/.gemini/settings.json",
        needs="mcp",
        text=_mcp_servers,
        notes=lambda _: (_within("mcpServers"),),
        steps=_gemini_steps,
        present=_gemini_present,
        environment=("GEMINI_CLI_HOME",),
    ),
    _client(
        "vscode",
        "VS Code",
        "the file that its command `MCP: Open User Configuration` opens, or a folder's .vscode/mcp.json",
        text=_vscode,
        member="servers",
    ),
    _client("cursor", "Cursor", "~/.cursor/mcp.json", text=_mcp_servers, member="mcpServers"),
    _client("zed", "Zed", "~/.config/zed/settings.json", text=_zed, member="context_servers"),
    _client("goose", "Goose", "~/.config/goose/config.yaml", text=_goose, member="extensions"),
    _client("opencode", "opencode", "~/.config/opencode/opencode.json", text=_opencode, member="mcp"),
    Recipe(
        program="stdio",
        title="any other MCP client",
        place="its list of MCP servers that it starts",
        needs="mcp",
        text=_mcp_servers,
        notes=lambda _: ("Most clients read this form; what counts is `command` and `args`.",),
    ),
)
