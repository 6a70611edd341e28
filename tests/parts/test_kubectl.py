"""kubectl asks gumauth for an id_token of a discovered issuer, and a cluster that checks it lets the person in."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import jwt
import pytest

from gumauth.client.context import Context
from gumauth.client.lookup import find
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, Fault
from tests.accounts.directly import records_of
from tests.cli.program import environment, process
from tests.parts.by_address import connect
from tests.parts.cluster import Cluster
from tests.parts.need import need
from tests.parts.oidc_provider import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.kubectl


class Machine:
    """A person's machine, with one account that was connected by the issuer's address."""

    def __init__(self, folder: Path, server: AuthorizationServer) -> None:
        need(programs=("kubectl",))
        self.environ, self.server = environment(folder), server
        self.account = connect(self.environ, server.issuer, server.follow)["provider"]
        self.helper = ("token", self.account, "--for", "kubectl")

    def id_token(self) -> str:
        return process(self.environ, "token", self.account, "--id-token").out.strip()

    def client(self) -> str:
        return str(jwt.decode(self.id_token(), options={"verify_signature": False})["aud"])

    def age(self, seconds: float) -> None:
        """Let the account be connected that much earlier, by its record."""
        context = Context(self.environ)
        account = find(context, self.account)
        record, records = context.accounts.read(account), records_of(context)
        account, _ = records.put(account, replace(record, obtained_at=record.obtained_at - seconds))
        records.commit(account)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with AuthorizationServer() as server:
        server.send_id_token = True
        yield Machine(tmp_path, server)


@pytest.mark.requirement("H3", "H5", "H9")
def test_a_cluster_that_checks_signature_and_audience_lets_the_person_in(machine: Machine, tmp_path: Path) -> None:
    with Cluster(tmp_path, issuer=machine.server.issuer, audience=machine.client()) as cluster:
        done = cluster.kubectl(machine.environ, *machine.helper)
        assert (done.returncode, json.loads(done.stdout)) == (0, {"user": "ada"}), done

        # Refused once, the person is let in by the next command.
        cluster.refused_first = len(cluster.heard) + 1
        cluster.kubectl(machine.environ, *machine.helper)
        assert cluster.kubectl(machine.environ, *machine.helper).returncode == 0
        assert cluster.heard == ["ada", "refused: not now", "ada"], cluster.heard

        # The access token, asked for in words, is nothing that this cluster knows.
        words = ("token", machine.account, "access-token", "--for", "kubectl")
        assert cluster.kubectl(machine.environ, *words).returncode == 1
        assert cluster.heard[-1] == "refused: DecodeError"


def test_a_cluster_of_another_audience_refuses_what_is_not_for_it(machine: Machine, tmp_path: Path) -> None:
    with Cluster(tmp_path, issuer=machine.server.issuer, audience="another") as cluster:
        assert cluster.kubectl(machine.environ, *machine.helper).returncode == 1
        assert cluster.heard[-1] == "refused: InvalidAudienceError"


@pytest.mark.requirement("H3")
def test_an_id_token_that_is_due_is_refreshed_for_kubectl(tmp_path: Path) -> None:
    behind = 580.0
    with AuthorizationServer(clock=lambda: time.time() - behind) as server:
        server.send_id_token, server.id_token_lifetime = True, 600
        machine = Machine(tmp_path, server)
        machine.age(580)
        behind = 0
        with Cluster(tmp_path, issuer=server.issuer, audience=machine.client()) as cluster:
            assert server.count("refresh") == 1
            assert cluster.kubectl(machine.environ, *machine.helper).returncode == 0
            assert (server.count("refresh"), cluster.heard) == (1, ["ada"])


@pytest.mark.requirement("H4")
def test_what_gumauth_says_is_shown_where_the_id_token_has_ended(tmp_path: Path) -> None:
    behind = 590.0
    with AuthorizationServer(clock=lambda: time.time() - behind) as server:
        server.send_id_token, server.id_token_lifetime = True, 595
        machine = Machine(tmp_path, server)
        behind = 0
        server.misbehave("refresh", Fault.without("id_token"), times=None)
        machine.age(600)
        with Cluster(tmp_path, issuer=server.issuer, audience="any") as cluster:
            done = cluster.kubectl(machine.environ, *machine.helper)
            while done.returncode == 1 and cluster.heard:  # it had some seconds left
                cluster.heard.clear()
                done = cluster.kubectl(machine.environ, *machine.helper)
            assert (done.returncode, done.stdout, cluster.heard) == (1, "", [])
            assert "its provider gives a new one only when it is connected" in done.stderr
            assert "exit code 3" in done.stderr


@pytest.mark.node
@pytest.mark.requirement("H3")
def test_an_issuer_that_nobody_here_wrote_is_believed_too(tmp_path: Path) -> None:
    need(programs=("kubectl",))
    environ = environment(tmp_path)
    with serving(open_to_clients=True) as site:
        account = connect(environ, site.url, site.browser().follow)["provider"]
        token = process(environ, "token", account, "--id-token", "--json")
        audience = json.loads(token.out)["audience"]
        with Cluster(tmp_path, issuer=site.url, audience=audience[0]) as cluster:
            done = cluster.kubectl(environ, "token", account, "--for", "kubectl")
            assert (done.returncode, json.loads(done.stdout)) == (0, {"user": "ada"}), done
