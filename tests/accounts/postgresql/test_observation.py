"""What is said of a connection to a database that is not as it should be."""

from __future__ import annotations

import pytest

from gumauth.accounts.postgresql.observation import Seen, spoken
from gumauth.platform.frozen import replace

WELL = Seen(
    where="db.example.com:5432",
    is_here=False,
    tls="TLSv1.3",
    mode="verify-full",
    user="ada",
    pid=1,
    role="ada",
    server_pid=1,
    version="15.8",
    commit="on",
    standbys="",
    is_standby=False,
    replicas=0,
)


def warnings(**changes: object) -> list[str]:
    seen = replace(WELL, **changes)  # type: ignore[arg-type]
    return [sentence for status, sentence, hint in spoken(seen) if status == "warn" and hint]


def test_of_a_database_that_is_well_there_is_nothing_to_warn_of() -> None:
    assert list(spoken(WELL)) == [
        ("ok", "The database at db.example.com:5432 answers: PostgreSQL 15.8.", None),
        ("ok", "It is asked by TLSv1.3, and its certificate is checked.", None),
    ]


@pytest.mark.requirement("T7")
def test_a_way_on_which_others_could_listen_or_answer_is_a_warning() -> None:
    (without,) = warnings(tls=None)
    assert without.startswith("It is asked without TLS: who listens on the way learns")
    assert warnings(tls=None, is_here=True) == warnings(mode="require", is_here=True) == []
    (unchecked,) = warnings(mode="require")
    assert unchecked.endswith("its certificate is not checked: sslmode=require.")
    (any_name,) = warnings(mode="verify-ca")
    assert any_name.endswith("the name in its certificate is not checked: sslmode=verify-ca.")


@pytest.mark.requirement("T5")
def test_a_pooler_that_makes_one_role_of_all_is_a_warning() -> None:
    (line,) = warnings(role="app", server_pid=2)
    assert line.startswith("The address says ada, and the database knows app: a pooler in between makes one of all")
    assert warnings(server_pid=2) == []


@pytest.mark.requirement("T2")
def test_a_failover_that_could_lose_a_token_is_a_warning() -> None:
    (one,) = warnings(replicas=1)
    assert one.startswith("A replica follows, and synchronous_standby_names is empty")
    (two,) = warnings(replicas=2)
    assert two.startswith("2 replicas follow")
    assert warnings(replicas=1, standbys="*") == []
    (local,) = warnings(commit="local", replicas=1)
    assert local.startswith("synchronous_commit is local")
    (standby,) = warnings(is_standby=True)
    assert standby == "It is a standby, and can only be read."
