"""The checks of `gumauth doctor`: each gives findings; most errors are findings too, and `doctor` adds the rest."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence

from gumauth.accounts.account import Account
from gumauth.callback import Listener, Redirect
from gumauth.callback.presence import Holder, who_holds
from gumauth.cli.browser.choice import choose
from gumauth.cli.commands.doctor_finding import Finding, failure
from gumauth.cli.commands.doctor_programs import programs
from gumauth.cli.setup_instructions import credentials_origin
from gumauth.cli.terminal.formatting import counted
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.discovery import own_loop
from gumauth.client.loading import of_account
from gumauth.client.lookup import mending_command
from gumauth.client.provider_sources import Sources
from gumauth.errors import Busy, GumauthError, HomeError, NoLocks, PortInUse
from gumauth.oauth2.discover import server_of
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.http import certificates, transport
from gumauth.oauth2.http.environment import proxies_of
from gumauth.platform.files import remove_file, write_file
from gumauth.platform.lock import Lock
from gumauth.platform.settings import read as read_settings
from gumauth.platform.settings import settings_path, unknown
from gumauth.platform.text import one_line, shell_word
from gumauth.registry import facts_check
from gumauth.store.encrypted_file.kept_key import place
from gumauth.store.encrypted_file.store import EncryptedStore
from gumauth.store.open import probe, store_label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import State
    from gumauth.errors import ClientSecret

EARLIEST = 1_750_000_000
"""Seconds since 1970: a clock that shows an earlier time than June 2025, when gumauth was begun, is wrong."""

UNWELL: dict[State, str] = {
    "revoked": "was revoked",
    "revoking": "is half revoked",
    "leaving": "is half disconnected",
    "moving": "is half moved",
}
USUAL = Redirect()
SKEW = 60.0
"""Seconds by which an account's newest time may be later than the clock."""

RESPONSE = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
SECONDS = 5.0
"""Seconds within which the request on loopback has to be answered."""


def folders(context: Context) -> Iterator[Finding]:
    """Whether gumauth's own folder can be written, and files in the folder locked."""
    path = os.path.join(context.home.data, f"doctor.{os.getpid()}")
    write_file(path, b"")
    remove_file(path)
    context.accounts.prove_locks()
    yield Finding("ok", f"{context.home.data} can be written, and locked.")


def store(context: Context) -> Iterator[Finding]:
    """Which store answers, and whether it can write, read and delete."""
    if (observed := context.accounts.examine()) is not None:
        yield from (Finding(*observation) for observation in observed)
        return
    chosen = context.store()
    probe(chosen)
    name = store_label(chosen.name)
    yield Finding("ok", f"{name[0].upper()}{name[1:]} answers: it writes, reads and deletes.")
    if isinstance(chosen, EncryptedStore) and chosen.has_passphrase:
        kept = place(context.environ)
        where = f"is kept in {kept}" if kept else "is kept nowhere, so every command derives it from the passphrase"
        yield Finding("ok", f"The file's key {where}.")


def settings(context: Context) -> Iterator[Finding]:
    """Whether `settings.toml` can be used, and settings in it that this gumauth does not know."""
    path = settings_path(context.environ)
    try:
        found = read_settings(path, context.environ)
    except HomeError as error:
        error.add("The other checks are made without it.")
        raise
    if strange := unknown(found):
        names = one_line(", ".join(strange), 200)
        yield Finding("warn", f"{path} holds {names}, which this gumauth does not know.", "Mend it, or update gumauth.")
    elif found:
        yield Finding("ok", f"{path} is read.")


def callback(_context: Context) -> Iterator[Finding]:
    """Whether the usual callback can be listened for, on both loopback families."""

    async def try_it() -> str:
        try:
            listener = await Listener.bind(USUAL)
        except PortInUse:
            if await who_holds(USUAL.host, USUAL.ports[0]) is not Holder.CONNECT:
                raise
            return f"Port {USUAL.ports[0]} is held by a connect that waits for its answer; another one waits for it."
        await listener.close()
        return f"{listener.redirect_uri} can be listened for."

    yield Finding("ok", asyncio.run(try_it()))


def network(_context: Context) -> Iterator[Finding]:
    """Whether requests to providers can work: certificates, proxy, and a request to a server of its own on loopback."""
    try:
        found = certificates.read(os.environ)
        asyncio.run(_ask_ourselves())
        way = proxies_of(os.environ)
    except OSError as error:
        reason = one_line(error.strerror or type(error).__name__, 80)
        raise GumauthError(
            f"Nothing can be listened for on 127.0.0.1 ({reason}), so this could not be tried.",
            hint="Look at what confines this program: a sandbox, a container without loopback, `ulimit -n`.",
        ) from error
    passed_over = f" NO_PROXY names no host by {', '.join(way.passed_over)}." if way.passed_over else ""
    through = f"through {way.shown} ({way.variable})" if way.url else "without a proxy"
    yield Finding("ok", f"Providers are asked {through}, with {found.shown}.{passed_over}")


async def _ask_ourselves() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(RESPONSE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        await transport.send(transport.Request(method="GET", url=f"http://127.0.0.1:{port}/"), deadline=SECONDS)
    finally:
        await transport.close()
        server.close()


def browser(context: Context) -> Iterator[Finding]:
    """Which browser would be opened, or why none."""
    choice = choose(context.environ, sys.platform)
    if choice.command is not None:
        yield Finding("ok", f"{choice.command[0]} opens the provider's page.")
    else:
        yield Finding(
            "warn",
            f"No browser is opened: {choice.reason}.",
            "`gumauth connect` prints the address; open it anywhere, and paste back where it ends.",
        )


def clock(context: Context, listed: Sequence[Account]) -> Iterator[Finding]:
    """Whether the clock can be right: a wrong clock makes every token's end wrong."""
    now = context.clock()
    newest = max((max(a.connected_at, a.refreshed_at or 0.0) for a in listed), default=0.0)
    if now < max(EARLIEST, newest - SKEW):
        shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
        yield Finding("fail", f"The clock says {shown}, which is past.", "Set the clock.")
    else:
        yield Finding("ok", "The clock is not behind any account.")


def accounts(context: Context, listed: Sequence[Account]) -> Iterator[Finding]:
    """Accounts that cannot be used or refreshed, and account files that cannot be read."""
    sources = Sources(context.accounts, listed)
    for account in listed:
        if account.state != "ok":
            yield _unwell(context, account, sources)
        elif account.refused_at is not None:
            yield Finding(
                "warn",
                f"A refresh of {account.label} was refused: {account.reason or 'it was not said why.'}",
                f"Mend that, then run `gumauth refresh {account.argument}`.",
            )
    for provider, identity in dict.fromkeys(context.accounts.unreadable):
        yield Finding(
            "warn",
            f"The file of {provider}/{identity} cannot be read.",
            f"Run `gumauth token {provider}`: the file is written again from the record in the store.",
        )
    for reason in dict.fromkeys(context.accounts.passed_over):
        yield Finding("warn", f"Passed over {reason}", "Update gumauth, or mend it.")
    yield Finding("ok", f"{counted(len(listed), 'account')} in the list.")


def _unwell(context: Context, account: Account, sources: Sources) -> Finding:
    state = UNWELL.get(account.state, "has to be connected again")
    return Finding(
        "warn",
        f"{account.label} {state}.{f' {account.reason}' if account.reason else ''}",
        f"Run `{mending_command(context, account, sources)}`, or `gumauth disconnect {account.argument}`.",
    )


def providers(context: Context, listed: Sequence[Account]) -> Iterator[Finding]:
    """Whether the provider of every account loads, and has client credentials."""
    by_source = {(account.provider, account.source): account for account in listed if not account.is_key}
    for (name, _), account in sorted(by_source.items(), key=lambda item: item[0]):
        try:
            resolved = of_account(context, account)
            facts_check.check(resolved)
        except GumauthError as error:
            yield failure(error)
        else:
            service = resolved.traits.discovered
            yield (
                of_credentials(context, name, resolved.traits.secret)
                if service is None
                else of_service(context, service)
            )


def of_service(context: Context, service: Service) -> Finding:
    """Whether the issuer of a discovered service still says what is remembered, asked now."""
    connect = f"gumauth connect {shell_word(service.url)}"
    try:
        server = own_loop.run(server_of(service.issuer))
    except GumauthError as error:
        return Finding("warn", f"{service.name}: {error.message}", error.hint)
    if server.token_url != service.token_url:
        moved = f"{service.name}: its token endpoint has moved to {server.token_url}."
        return Finding("ok", f"{moved} The next refresh follows it.")
    place = credentials.place(context, service.name, issuer=service.issuer)
    if place is None and not service.takes_documents:
        return Finding("warn", f"{service.name}: its client is not kept any more.", f"Run `{connect}`.")
    return Finding("ok", f"{service.name}: {service.issuer} answers, and says what is remembered.")


def of_credentials(context: Context, name: str, secret: ClientSecret = "needed") -> Finding:
    """Where the client credentials of a provider are, whose class was loaded.

    Args:
        context: Environment and store.
        name: The provider's.
        secret: Whether the provider's apps have a client secret.
    """
    where = credentials_origin(context, name)
    if where:
        return Finding("ok", f"{name} loads; its client credentials are {where}.")
    missing = credentials.missing(name, secret=secret)
    return Finding("warn", missing.message, missing.hint)


def locks(context: Context) -> Iterator[Finding]:
    """Locks that another process holds for longer than half a second, with that process."""
    folder = os.path.join(context.home.data, "locks")
    for root, _folders, files in os.walk(folder):
        for file in files:
            path = os.path.join(root, file)
            try:
                with Lock(path, timeout=0.5, what=file):
                    pass
            except Busy:
                holder = _holder(path)
                yield Finding(
                    "warn",
                    f"{os.path.relpath(path, folder)} is held by {holder or 'another process'}.",
                    "Wait for it; if it hangs, end that process.",
                )
            except NoLocks:
                return  # the check of the folder reports that
            except GumauthError as error:
                yield failure(error)


def _holder(path: str) -> str | None:
    """The process that holds a lock file; None where the system does not tell. Source: proc(5), /proc/locks."""
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii") as table:
            for line in table:
                words = line.split()
                if len(words) > 5 and words[5].rpartition(":")[2] == str(inode):
                    return f"process {words[4]}"
    except OSError:
        return None
    return None


OF_THE_MACHINE = {
    "folder": folders,
    "settings": settings,
    "store": store,
    "callback": callback,
    "network": network,
    "browser": browser,
    "lock": locks,
}
OF_THE_ACCOUNTS = {"clock": clock, "account": accounts, "provider": providers, "programs": programs}
"""The checks by their names, in their order; those of OF_THE_ACCOUNTS are given all accounts, which are read once."""
