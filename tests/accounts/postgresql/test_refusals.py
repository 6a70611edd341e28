"""What the database's errors mean: the texts are those that libpq 17 gave when each case was played."""

from __future__ import annotations

import pytest

from gumauth.accounts.postgresql.refusals import SILENT, of_connecting, of_state

PREFIX = 'connection to server at "127.0.0.1", port 5432 failed: '


def heard(text: str) -> tuple[str, bool]:
    refusal = of_connecting(text, role="ada", database="accounts")
    return refusal.what, refusal.is_passing


NOT_IN = ("does not let this role in", False)
NO_DATABASE = ("does not have that database, or does not let this role into it", False)
NOT_UP = ("is being started or stopped", True)
CROWDED = ("has no connection left", True)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('FATAL:  password authentication failed for user "ada"\n', NOT_IN),
        (f'FATAL:  x\n{PREFIX}FATAL:  password authentication failed for user "ada"\n', NOT_IN),
        ("fe_sendauth: no password supplied\n", NOT_IN),
        ('FATAL:  role "ada" does not exist\n', NOT_IN),
        ('FATAL:  role "ada" is not permitted to log in\n', NOT_IN),
        ("FATAL:  connection requires a valid client certificate\n", NOT_IN),
        ("FATAL:  SASL authentication failed\n", NOT_IN),
        ("FATAL:  no such user\n", NOT_IN),
        ("FATAL:  empty password returned by client\n", NOT_IN),
        ("fe_sendauth: error sending the response\n", NOT_IN),
        ("SSL SYSCALL error: Success\n", ("has ended the connection", True)),
        ("SSL error: unexpected EOF while reading\n", ("has ended the connection", True)),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.7", user "ada", database "accounts", no encryption\n',
            ("does not let this role in from here", False),
        ),
        ('FATAL:  database "accounts" does not exist\n', NO_DATABASE),
        ("FATAL:  no such database: accounts\n", NO_DATABASE),
        (
            'FATAL:  permission denied for database "accounts"\nDETAIL:  User does not have CONNECT privilege.\n',
            NO_DATABASE,
        ),
        ('FATAL:  database "accounts" is not currently accepting connections\n', NOT_UP),
        ("FATAL:  the database system is starting up\n", NOT_UP),
        ("FATAL:  the database system is shutting down\n", NOT_UP),
        ("FATAL:  the database system is not yet accepting connections\nDETAIL:  Recovery.\n", NOT_UP),
        ("FATAL:  sorry, too many clients already\n", CROWDED),
        ('FATAL:  too many connections for role "ada"\n', CROWDED),
        ("session is read-only\n", ("is a standby, and can only be read", False)),
        ("server is in hot standby mode\n", ("is a standby, and can only be read", False)),
        (
            "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
            ("cannot be reached: nothing answers there", True),
        ),
        (
            'could not translate host name "db.invalid" to address: Name or service not known\n',
            (
                'cannot be reached: could not translate host name "db.invalid" to address: Name or service not known',
                True,
            ),
        ),
        ("SSL SYSCALL error: EOF detected\n", ("has ended the connection", True)),
        ("SSL connection has been closed unexpectedly\n", ("has ended the connection", True)),
        ("server closed the connection unexpectedly\n\tThis probably\n", ("has ended the connection", True)),
        (
            "SSL error: certificate verify failed\n",
            ("cannot be reached safely: SSL error: certificate verify failed", False),
        ),
        (
            "server does not support SSL, but SSL was required\n",
            ("cannot be reached safely: server does not support SSL, but SSL was required", False),
        ),
        ('invalid sslmode value: "foo"\n', ('cannot be asked: invalid sslmode value: "foo"', False)),
        ('definition of service "x" not found\n', ('cannot be asked: definition of service "x" not found', False)),
        ("FATAL:  something\x1b[31m new\n", ("cannot be reached: something new", True)),
        (
            'root certificate file "/x" does not exist\n',
            ('cannot be reached safely: root certificate file "/x" does not exist', False),
        ),
        (
            'could not load private key file "/x"\n',
            ('cannot be reached safely: could not load private key file "/x"', False),
        ),
        ("TLS is not there.\n", ("cannot be reached safely: TLS is not there", False)),
        (
            'syntax error in service file "/x", line 1\n',
            ('cannot be asked: syntax error in service file "/x", line 1', False),
        ),
        ("no route to host X.\n", ("cannot be reached: no route to host X", True)),
        ("", ("cannot be reached: nothing was said", True)),
        ("  \n\t one\n  two. \n  three\n", ("cannot be reached: two", True)),
        ("FATAL:  \nx", ("cannot be reached: FATAL:", True)),
        ("  FATAL:  no such user\nand more\n", NOT_IN),
        ("FATAL:  strange\nHINT:  Check the password.\n", ("cannot be reached: strange", True)),
        ("x" * 201, ("cannot be reached: " + "x" * 199 + "…", True)),
        ("x" * 200, ("cannot be reached: " + "x" * 200, True)),
        ("FATAL:  " + "x" * 201, ("cannot be reached: " + "x" * 199 + "…", True)),
        ("FATAL:  " + "x" * 200, ("cannot be reached: " + "x" * 200, True)),
    ],
)
def test_a_connection_that_does_not_come_about_is_explained(text: str, meaning: tuple[str, bool]) -> None:
    assert heard(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("FATAL:  Passwort-Authentifizierung für Benutzer »ada« fehlgeschlagen\n", NOT_IN),
        ("FATAL:  le rôle « ada » n'existe pas\n", NOT_IN),
        ('FATAL:  ロール"ada"は存在しません\n', NOT_IN),
        ('ВАЖНО:  база данных "accounts" не существует\n', NO_DATABASE),
        ("FATAL:  no existe la base de datos «accounts»\n", NO_DATABASE),
        (
            "FATAL:  kein pg_hba.conf-Eintrag für Host »::1«, Benutzer »ada«\n",
            ("does not let this role in from here", False),
        ),
        ("FATAL:  das Datenbanksystem startet\n", ("cannot be reached: das Datenbanksystem startet", True)),
    ],
)
def test_a_server_that_speaks_another_language_is_understood(text: str, meaning: tuple[str, bool]) -> None:
    assert heard(text) == meaning


@pytest.mark.parametrize(
    ("state", "what", "is_passing"),
    [
        ("28P01", "does not let this role in", False),
        ("28000", "does not let this role in", False),
        ("3D000", "does not have that database, or does not let this role into it", False),
        ("GA003", "has a schema gumauth that another role made", False),
        ("3F000", "has no accounts of gumauth yet", False),
        ("42703", "has no accounts of gumauth yet, or those of another version", False),
        ("42804", "has no accounts of gumauth yet, or those of another version", False),
        ("22021", "does not take a name that is so long, or has such letters", False),
        ("22P02", "does not take a name that is so long, or has such letters", False),
        ("22P05", "does not take a name that is so long, or has such letters", False),
        ("54000", "does not take a name that is so long, or has such letters", False),
        ("57P02", "has ended the connection", True),
        ("55P03", "is busy with the same account", True),
        ("40001", "is busy with the same account", True),
        ("53200", "has too little room or memory", True),
        ("57000", "is being started or stopped", True),
        ("58030", "has trouble with its own disk", True),
        ("42501", "does not let this role do that", False),
        ("42P01", "has no accounts of gumauth yet", False),
        ("42883", "has no accounts of gumauth yet, or those of another version", False),
        ("25006", "is a standby, and can only be read", False),
        ("22001", "does not take a name that is so long, or has such letters", False),
        ("23514", "does not take a name that is so long, or has such letters", False),
        ("53100", "has no room left on its disk", True),
        ("53300", "has no connection left", True),
        ("57P01", "has ended the connection", True),
        ("57P03", "is being started or stopped", True),
        ("57014", "took too long", True),
        ("40P01", "is busy with the same account", True),
        ("08006", "has ended the connection", True),
        ("", "has ended the connection", True),
        ("22012", "refuses (22012)", False),
        ("XX000", "refuses (XX000)", False),
    ],
)
def test_a_state_is_explained_without_the_servers_words(state: str, what: str, is_passing: bool) -> None:
    refusal = of_state(state)
    assert (refusal.what, refusal.is_passing) == (what, is_passing)


def test_a_name_that_is_empty_is_not_found_between_quotes() -> None:
    refusal = of_connecting('FATAL:  strange ""\n', role="", database="")
    assert refusal.what == 'cannot be reached: strange ""'


def test_each_hint_is_what_helps() -> None:
    def hint(text: str) -> str:
        return of_connecting(text, role="ada", database="accounts").hint

    assert hint("SSL error: certificate verify failed\n").startswith("Give it a certificate that this machine trusts")
    assert hint("invalid port\n").startswith("Correct the address in GUMAUTH_STORE")
    assert hint("odd\n") == "Try again; `gumauth doctor` looks at the database."


def test_a_database_that_says_nothing_may_answer_later() -> None:
    assert (SILENT.what, SILENT.is_passing) == ("does not answer", True)


def test_a_state_that_nobody_knows_is_for_doctor() -> None:
    assert of_state("XX\x1b00").what == "refuses (XX0)"
    assert of_state("XX000").hint == "Run `gumauth doctor`."
    assert of_state("28000").hint == "Check the role and its password (~/.pgpass, PGPASSFILE, PGPASSWORD)."
    assert of_state("57P01").hint == "Try again; `gumauth doctor` looks at the database."
