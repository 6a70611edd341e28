"""What it means that the database refuses: by its SQLSTATE, or by the text, where it takes no connection. Pure.

The server's own words may be in any language, and may repeat a statement's values: they are not passed on where there
is a SQLSTATE. For a connection that was refused libpq has no SQLSTATE, only the text; but names in it stand in quotes
in every language.

Source: PostgreSQL documentation, "PostgreSQL Error Codes"; libpq's `fe-connect.c` for its own texts.
"""

from __future__ import annotations

import re

from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

AGAIN = "Try again; `gumauth doctor` looks at the database."
DOCTOR = "Run `gumauth doctor`."
INIT = "Run `gumauth store init` as its administrator."


@frozen
class Refusal:
    """Why the database did not do something.

    Args:
        what: What it does, after "The database at HOST:PORT".
        hint: One thing to do.
        is_passing: Whether the same may be possible a little later.
    """

    what: str
    hint: str = AGAIN
    is_passing: bool = False


ROLE = Refusal(
    what="does not let this role in", hint="Check the role and its password (~/.pgpass, PGPASSFILE, PGPASSWORD)."
)
FROM_HERE = Refusal(
    what="does not let this role in from here",
    hint="Check the role, and on the server `pg_hba.conf`: it says who comes from where, and whether without TLS.",
)
DATABASE = Refusal(
    what="does not have that database, or does not let this role into it",
    hint="Check the name at the end of the address; `GRANT CONNECT ON DATABASE … TO …` lets a role in.",
)
RIGHTS = Refusal(
    what="does not let this role do that", hint="`gumauth store init` prints what an administrator has to grant."
)
NO_SCHEMA = Refusal(what="has no accounts of gumauth yet", hint=INIT)
OLD_SCHEMA = Refusal(what="has no accounts of gumauth yet, or those of another version", hint=INIT)
FOREIGN = Refusal(
    what="has a schema gumauth that another role made",
    hint="If it is to be used, run `ALTER SCHEMA gumauth OWNER TO gumauth_admin;`; else rename it.",
)
STANDBY = Refusal(
    what="is a standby, and can only be read",
    hint="Name the primary; or all hosts with commas between them, and gumauth finds it.",
)
UNFIT = Refusal(
    what="does not take a name that is so long, or has such letters",
    hint="Nothing was written: choose a shorter, plain name.",
)
FULL = Refusal(
    what="has no room left on its disk", hint="Nothing was lost: make room there, and try again.", is_passing=True
)
CROWDED = Refusal(
    what="has no connection left", hint="Try again; a pooler such as PgBouncer serves many machines.", is_passing=True
)
NOT_UP = Refusal(what="is being started or stopped", is_passing=True)
SILENT = Refusal(what="does not answer", is_passing=True)
CUT = Refusal(what="has ended the connection", is_passing=True)

STATES = {
    "28": ROLE,
    "3D000": DATABASE,
    "GA003": FOREIGN,
    "42501": RIGHTS,
    "3F000": NO_SCHEMA,
    "42P01": NO_SCHEMA,
    "42883": OLD_SCHEMA,
    "42703": OLD_SCHEMA,
    "42804": OLD_SCHEMA,
    "25006": STANDBY,
    "22001": UNFIT,
    "22021": UNFIT,
    "22P02": UNFIT,
    "22P05": UNFIT,
    "23514": UNFIT,
    "54": UNFIT,
    "53100": FULL,
    "53300": CROWDED,
    "57P01": CUT,
    "57P02": CUT,
    "57014": Refusal(what="took too long", is_passing=True),
    "55P03": Refusal(what="is busy with the same account", is_passing=True),
    "40": Refusal(what="is busy with the same account", is_passing=True),
    "08": CUT,
    "53": Refusal(what="has too little room or memory", is_passing=True),
    "57": NOT_UP,
    "58": Refusal(what="has trouble with its own disk", is_passing=True),
}
"""SQLSTATE, or its class → what it means."""


def of_state(state: str) -> Refusal:
    """What a SQLSTATE of five letters means; "" is a connection that was lost."""
    if not state:
        return CUT
    return STATES.get(state) or STATES.get(state[:2]) or Refusal(what=f"refuses ({one_line(state, 5)})", hint=DOCTOR)


WORDS: tuple[tuple[Sequence[str], Refusal], ...] = (
    (("pg_hba",), FROM_HERE),
    (("too many", "remaining connection slots", "no more connections"), CROWDED),
    (("starting up", "shutting down", "not yet accepting", "recovery mode", "not currently accepting"), NOT_UP),
    (("no such database",), DATABASE),
    (("no such user", "authentication", "password", "client certificate"), ROLE),
)
"""What stands in a server's text, or a pooler's → what it means."""

LIBPQ: tuple[tuple[Sequence[str], Refusal], ...] = (
    (("no password supplied", "fe_sendauth"), ROLE),
    (("read-only", "hot standby"), STANDBY),
    (("SYSCALL", "closed unexpectedly", "closed the connection", "EOF", "reset by peer", "Broken pipe"), CUT),
    (("Connection refused",), Refusal(what="cannot be reached: nothing answers there", is_passing=True)),
)
"""What stands in a text of libpq → what it means."""

ABOUT_TLS = ("certificate", "SSL", "TLS", "private key")
ABOUT_THE_ADDRESS = ("invalid ", "definition of service", "syntax error in service file")
SERVERS_OWN = re.compile(r"^\w+:  ")
"""A text of a server begins with its severity and two spaces, in every language; none of libpq's does."""

MARK = "[\"'\u00ab\u00bb\u2018-\u201f\u2039\u203a\u300c-\u300f]"
"""A quotation mark, of any language."""


def of_connecting(text: str, *, role: str, database: str) -> Refusal:
    """What it means that a connection did not come about.

    Args:
        text: Of libpq.
        role: Who wanted in.
        database: Where to.
    """
    said = _heart(text)
    if SERVERS_OWN.match(said):
        return _of_server(SERVERS_OWN.sub("", said), role, database)
    for words, refusal in LIBPQ:
        if any(word in said for word in words):
            return refusal
    quoted = one_line(said.rstrip("."), 200)
    if any(word in said for word in ABOUT_TLS):
        return Refusal(
            what=f"cannot be reached safely: {quoted}",
            hint="Give it a certificate that this machine trusts (sslrootcert=), or say sslmode= in the address.",
        )
    if said.startswith(ABOUT_THE_ADDRESS):
        return Refusal(
            what=f"cannot be asked: {quoted}", hint="Correct the address in GUMAUTH_STORE, or libpq's variables."
        )
    return Refusal(what=f"cannot be reached: {quoted}", is_passing=True)


def _of_server(said: str, role: str, database: str) -> Refusal:
    for words, refusal in WORDS:
        if any(word in said for word in words):
            return refusal
    if _quotes(said, database):
        return DATABASE
    if _quotes(said, role):
        return ROLE
    return Refusal(what=f"cannot be reached: {one_line(said, 200)}", is_passing=True)


def _quotes(said: str, name: str) -> bool:
    return bool(name) and re.search(rf"{MARK}\s?{re.escape(name)}\s?{MARK}", said) is not None


def _heart(text: str) -> str:
    """The line that says it: without libpq's words before it, and of several tries the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("\t")]
    lines = [re.sub(r"^connection to server .*? failed: ", "", line) for line in lines]
    said = [line for line in lines if SERVERS_OWN.match(line) and not line.startswith(("DETAIL:", "HINT:"))]
    return (said or lines or ["nothing was said"])[-1 if said else 0]
