"""No secret anywhere but where it is asked for: `python -m tests.programs.canary`.

Every command, and every failure of servers, provider files, stores and people, with every log on. What each run
printed, its arguments, the arguments and environments of its children and every file under the home are searched for
any twelve characters of any code, state, verifier, token, key, client secret or passphrase, in several spellings.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from gumauth.testing import Fault, deliver
from gumauth.testing.faults import DEAD, REFUSED, TOLERATED, TRANSIENT
from tests.cli.program import environment
from tests.parts.postgresql import programs
from tests.programs.canary_field import Field
from tests.programs.canary_search import Finding
from tests.programs.left_behind import DEADLINE, Held, processes, until
from tests.programs.stage import make_due

FAULTS = {**TOLERATED, **REFUSED, **TRANSIENT, **DEAD}
QUICK = ("expires_in NaN", "form-encoded", "HTML", "an unknown token_type", "reset", "invalid_grant with 400")


def everyday(field: Field) -> None:
    """What a person does, with a browser that is started."""
    assert field.connect().status == 0
    for words in (
        ("list",),
        ("list", "--json"),
        ("token", "acme"),
        ("token", "acme", "--header"),
        ("token", "acme", "--json"),
        ("token", "acme", "--id-token"),
        ("token", "acme", "--id-token", "--json"),
        ("token", "acme", "--for", "kubectl"),
        ("token", "acme", "--for", "gcp"),
        ("refresh", "acme", "--trace"),
        ("refresh", "--json"),
        ("default", "acme"),
        ("providers",),
        ("providers", str(field.file)),
        ("doctor",),
        ("doctor", "--json"),
        ("__complete", "accounts", ""),
        ("--help",),
        ("revoke", "acme"),
        ("token", "acme"),
    ):
        field.run(*words)
    assert field.connect("--json", "--as", "work").status == 0
    traced = field.connect("--as", "traced", "--trace")
    assert (traced.status, traced.err.count("(secret, ") > 5) == (0, True)
    assert field.run("disconnect", "acme").status == 0


def with_credentials_elsewhere(field: Field) -> None:
    """The client's id and secret from a file, and from the store, into which they were piped."""
    client_id, secret = (field.environ[name] for name in ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET"))
    names, spaced = f"ACME_CLIENT_ID={client_id}\nACME_CLIENT_SECRET={secret}\n", f"ACME CLIENT SECRET {secret}\n"
    without = {"ACME_CLIENT_ID": None, "ACME_CLIENT_SECRET": None}
    file, broken = field.outside / "env", field.outside / "broken"
    file.write_text(names)
    broken.write_text(spaced)
    assert field.connect(environ=without).status == 1
    assert field.connect("--env-file", str(broken), environ=without).status == 1
    assert field.connect("--env-file", str(file), environ=without).status == 0
    assert field.run("refresh", "acme", "--env-file", str(file), environ=without).status == 0
    assert field.run("setup", str(file.parent / "acme.py"), "-", typed=f"{client_id}\n{secret}\x07\n").status == 2
    assert field.run("setup", str(field.file), "-", typed=f"{client_id}\n{secret}\n").status == 0
    assert field.connect(environ=without).status == 0
    assert field.run("disconnect", "acme", environ=without).status == 0


def people(field: Field) -> None:
    """Denial, a wrong state before the right one, copies, nobody, an interrupt, misused options."""
    assert field.connect(approve=False).status == 4
    assert field.connect(person=lambda url: _stray(field, url)).status == 0
    field.connect("--as", "work", person=lambda url: _twice(field, url))
    assert field.connect("--timeout", "0.5", person=lambda _: "http://127.0.0.1:9/").status == 1
    for words in (
        ("token", "nobody"),
        ("token",),
        ("token", "acme", "--json", "--header"),
        ("nothing",),
        ("setup", "x"),
    ):
        field.run(*words)
    field.server.misbehave("token", Fault.params(code=None))
    for wrong in ({"error": "server_error"}, {"code": ""}, {"iss": "https://other.invalid"}):
        field.server.misbehave("authorize", Fault.params(**wrong))
        field.connect("--timeout", "2")
    field.run("disconnect", "acme")


def ahead(field: Field) -> None:
    """The process that a run leaves behind, with the client's id and secret from a file of the run's."""
    given = {name: field.environ[name] for name in ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET")}
    file = field.outside / "env"
    file.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    environ = {**field.environ, "GUMAUTH_AHEAD": "1"}
    assert field.connect("--no-browser").status == 0
    for words, without in (((), ()), (("--env-file", str(file)), given)):
        make_due(environ, "acme", left=300)
        held = Held(field.server)
        changed = {"GUMAUTH_AHEAD": "1", **dict.fromkeys(without)}
        assert field.run("token", "acme", *words, environ=changed).status == 0
        assert held.reached.wait(DEADLINE)
        for pid in processes(environ):
            field.look_at_process("refreshing ahead", pid)
        held.answered.set()
        until(lambda: not processes(environ))
        field.look_at_files("refreshing ahead")
    assert field.server.count("refresh") == 2


def _stray(field: Field, url: str) -> str:
    back = field.server.follow(url)
    for wrong in (back.replace("state=", "state=x"), back.replace("/callback", "/other"), back + "&code=another"):
        deliver(wrong)
    return back


def _twice(field: Field, url: str) -> str:
    back = field.server.follow(url)
    deliver(back)
    return back


def at_the_provider(field: Field, faults: Mapping[str, Fault]) -> None:
    """Every fault, for every command that asks the provider."""
    for fault in faults.values():
        field.server.misbehave("token", fault)
        field.connect("--no-browser")
        field.server.behave()
        assert field.connect("--no-browser").status == 0
        for where, words in (("refresh", ("refresh", "acme")), ("revoke", ("disconnect", "acme"))):
            field.server.misbehave(where, fault)  # type: ignore[arg-type]
            field.run(*words)
            field.server.behave()


def at_the_provider_in_its_words(field: Field, statuses: tuple[int, ...]) -> None:
    """Answers that quote what was sent."""
    assert field.connect("--no-browser").status == 0
    for status in statuses:
        fault = Fault.error("invalid_request", status=status)
        field.server.misbehave("refresh", _quoting(field, "refresh_token", fault))
        field.run("refresh", "acme")
        field.server.misbehave("token", _quoting(field, "code", fault))
        field.connect("--no-browser")
        field.server.misbehave("userinfo", _quoting(field, "access_token", fault))
        field.connect("--no-browser", "--as", f"a{status}")


def by_address(field: Field, statuses: tuple[int, ...]) -> None:
    """A service that registers clients itself, with a secret: browser, device, a forgotten client, refusals."""
    url, server = field.server.resource_url, field.server
    server.registration.auth_method = "client_secret_basic"
    server.device.interval = 1
    name = urlsplit(url).netloc.replace(":", ".")
    assert field.run("providers", url, "--json").status == 0
    assert field.run("setup", url, "--forget").status == 0
    assert field.run("connect", url).status == 0
    assert field.run("connect", url, "--device", "--timeout", "2.5").status == 1
    for command in ("list --json", f"token {url}", f"refresh {name}", "providers", "doctor"):
        field.run(*command.split())
    server.forget_clients()
    assert field.run("refresh", name).status == 3
    assert field.run("connect", name).status == 0
    for status in statuses:
        for where in ("register", "device", "server_metadata", "token", "refresh"):
            server.misbehave(where, _with_secrets(field, status))
            field.run("connect", url, "--register", "--no-browser", "--timeout", "3")
            if where in ("device", "token"):
                field.run("connect", url, "--device", "--timeout", "2.5")
            field.run("refresh", name)
            server.behave()
    assert field.run("disconnect", name).status == 0


def _with_secrets(field: Field, status: int) -> Fault:
    """An answer that holds every secret there can be, with a status that does not belong to it."""
    import json
    import secrets

    kinds = ("client_secret", "registration_access_token", "access_token", "refresh_token")
    data = {kind: secrets.token_urlsafe(24) for kind in kinds}
    for kind, value in data.items():
        field.canaries.add(kind, value)
    return Fault.content(json.dumps({"token_type": "odd", **data}).encode(), status=status)


def _quoting(field: Field, kind: str, fault: Fault) -> Fault:
    from dataclasses import replace

    from gumauth.testing.messages import json_response

    def change(answer: object) -> object:
        words = f"what is {field.server.asked[kind]}?"
        status = fault.change(answer).status  # type: ignore[arg-type]
        return json_response({"error": "invalid_request", "error_description": words}, status=status)

    return replace(fault, change=change, done=False)  # type: ignore[arg-type]


SPOKEN = """
import httpx


def said(kind, *words):
    text = " ".join(map(str, words))
    if kind == "model":
        raise type("ValidationError", (ValueError,), {{}})(f"1 validation error [input_value={{text}}]")
    if kind == "key":
        raise KeyError(words[0])
    if kind == "variable":
        raise KeyError(words[0].upper().replace("-", "_"))
    if kind == "status":
        url = f"https://acme.invalid/?token={{text}}"
        request = httpx.Request("POST", url, content=text)
        body = {{"error": "invalid_request", "error_description": text}}
        httpx.Response(400, json=body, request=request).raise_for_status()
    if kind == "header":
        httpx.get("{url}", headers={{"X": text + "\\n"}})
    if kind == "url":
        httpx.get(f"http://127.0.0.1:9/{{text}}\\x00")
    if kind == "unreachable":
        httpx.get(f"http://127.0.0.1:9/?access_token={{text}}")
    if kind == "exit":
        raise SystemExit(text)
    if kind == "os":
        open("/nowhere/" + text)
    if kind == "group":
        raise ExceptionGroup(text, [ValueError(text)])
    if kind == "ours":
        from gumauth.errors import TokenEndpointError
        raise TokenEndpointError(f"no {{text}}")


def overriding(method):
    async def loud(self, *words):
        said("{kind}", *words)
    return loud


Provider.{method} = overriding("{method}")
"""
KINDS = ("model", "key", "variable", "status", "header", "url", "unreachable", "exit", "os", "group")


def in_provider_files(field: Field, kinds: tuple[str, ...]) -> None:
    """Errors of provider files with the secrets in their words."""
    assert field.connect("--no-browser").status == 0
    for kind in kinds:
        # httpcore's own log quotes a header that cannot be sent; what else a file's library logs is the file's.
        field.with_logs = kind != "header"
        for method, words in (
            ("exchange", ()),
            ("get_nickname", ()),
            ("refresh", ("refresh", "acme")),
            ("revoke_token", ("revoke", "acme")),
        ):
            field.rewrite(SPOKEN.format(kind=kind, method=method, url=field.server.url))
            _ = field.run(*words) if words else field.connect("--no-browser", "--as", "other")
    field.mend()


def in_the_store(field: Field) -> None:
    """A wrong passphrase, a damaged record, a store that cannot be written."""
    assert field.connect("--no-browser").status == 0
    field.canaries.add("passphrase", wrong := "wrong " + field.environ["GUMAUTH_PASSPHRASE"][::-1])
    for words in (("token", "acme"), ("refresh", "acme"), ("disconnect", "acme")):
        field.run(*words, environ={"GUMAUTH_PASSPHRASE": wrong})
        field.run(*words, environ={"GUMAUTH_PASSPHRASE": ""})
    field.connect("--no-browser", environ={"GUMAUTH_PASSPHRASE": wrong})
    kept = sorted((field.home / "gumauth").rglob("*.secret"))
    for file in kept:
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        field.run("token", "acme")
        field.run("refresh", "acme")
        file.write_bytes(content)
    for file in (field.home / "gumauth").rglob("accounts/**/*.json"):
        file.write_text("{")
    field.run("token", "acme")
    assert field.run("disconnect", "acme").status == 0


def keys(field: Field) -> None:
    """A key of two fields, piped in, and what can go wrong with it and what a key is not for."""
    values = [secrets.token_urlsafe(24) for _ in range(4)]
    for value in values:
        field.canaries.add("key", value)
    both = ("connect", "gong/work", "--key", "access_key", "--key", "access_key_secret")
    assert field.run(*both, typed="\n".join(values[:2])).status == 0
    for words in (
        ("list", "--json"),
        ("token", "gong", "--field", "access_key"),
        ("token", "gong", "--json"),
        ("token", "gong"),
        ("revoke", "gong"),
        ("rename", "gong/work", "home"),
    ):
        field.run(*words)
    for wrong in (f"{values[2]}\x07\n{values[3]}", f"{values[2]}\n{values[3]}\n{values[2]}"):
        assert field.run("connect", "gong/home", typed=wrong).status == 2
    for file in (field.home / "gumauth").rglob("*.secret"):
        file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert field.run("token", "gong", "--field", "access_key").status == 6
    assert field.run("connect", "gong/home", typed="\n".join(values[2:])).status == 0
    assert field.run("disconnect", "gong").status == 0


def ended_by_signals(field: Field) -> None:
    """Interrupted and terminated while an answer is awaited."""
    assert field.connect("--no-browser").status == 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGABRT):
        for where, words in (("refresh", ("refresh", "acme")), ("token", None)):
            field.server.misbehave(where, Fault.slow(1.5))  # type: ignore[arg-type]
            send = _Sender(field, where, number)
            field.run(*words, after=send) if words else field.connect("--no-browser", after=send)
            field.server.behave()


class _Sender:
    """Sends a signal to the process once the server has been asked."""

    def __init__(self, field: Field, where: str, number: int) -> None:
        self._field, self._where, self._number = field, where, number
        self._before, self._sent = self._count(), False

    def _count(self) -> int:
        return sum(event.kind == self._where and event.outcome == "fault" for event in self._field.server.log)

    def __call__(self, pid: int) -> None:
        if not self._sent and self._count() > self._before:
            import os

            self._sent = True
            os.kill(pid, self._number)


def parts(*, quick: bool) -> dict[str, Callable[[Field], None]]:
    """What is played, by name."""
    faults = {name: fault for name, fault in FAULTS.items() if not quick or name in QUICK}
    kinds = KINDS if not quick else ("status", "header")
    everything: dict[str, Callable[[Field], None]] = {
        "everyday": everyday,
        "credentials": with_credentials_elsewhere,
        "people": people,
        "faults": lambda field: at_the_provider(field, faults),
        "quoted": lambda field: at_the_provider_in_its_words(field, (200, 401) if quick else (200, 400, 401, 503)),
        "by address": lambda field: by_address(field, (400,) if quick else (200, 302, 400, 409)),
        "provider files": lambda field: in_provider_files(field, kinds),
        "store": in_the_store,
        "keys": keys,
        "signals": ended_by_signals,
        "ahead": ahead,
    }
    return everything


def play(part: Callable[[Field], None], folder: Path, environ: dict[str, str] | None = None) -> Field:
    """Play one part on a field of its own; only two of them pay for a passphrase in every run."""
    if environ is None:
        environ = {} if part in (in_the_store, everyday) else environment(folder)
    field = Field(folder, environ)
    try:
        part(field)
    finally:
        field.close()
    return field


def table(fields: Mapping[str, Field]) -> str:
    """What was searched for, and where."""
    lines = [f"{'part':<15} {'runs':>5} {'children':>8} {'secrets':>7} {'bytes searched':>14} {'found':>5}"]
    for name, field in fields.items():
        size = sum(count for place, count in field.searched.items() if place not in ("runs", "children", "browsers"))
        children = field.searched["children"] + field.searched["browsers"]
        runs, secrets = field.searched["runs"], len(field.canaries.known)
        lines.append(f"{name:<15} {runs:>5} {children:>8} {secrets:>7} {size:>14,} {len(field.findings):>5}")
    return "\n".join(lines)


def shown(finding: Finding) -> str:
    return f"{finding.secret} in {finding.place}: …{finding.around!r}…"


def main() -> int:
    """Play all parts; 1 if a secret was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer of each")
    parser.add_argument("--only", default="", help="only the part of this name")
    options = parser.parse_args()
    began, fields = time.monotonic(), {}
    for name, part in parts(quick=options.quick).items():
        if options.only in name:
            with tempfile.TemporaryDirectory() as folder:
                fields[name] = play(part, Path(folder))
            print(table({name: fields[name]}).splitlines()[-1], flush=True)
    if options.only in "fleet" and programs() is not None:
        from tests.programs.canary_fleet import play_fleet

        with tempfile.TemporaryDirectory() as folder:
            fields["fleet"] = play_fleet(Path(folder), quick=options.quick)
    kinds: dict[str, int] = {}
    for field in fields.values():
        for kind, count in field.canaries.kinds().items():
            kinds[kind] = kinds.get(kind, 0) + count
    print(f"\n{table(fields)}\n{', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
    findings = [finding for field in fields.values() for finding in field.findings]
    print(f"{len(findings)} secrets found, in {time.monotonic() - began:.0f} s")
    for finding in findings:
        print(f"  {shown(finding)}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
