from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from gumauth.callback import Redirect
from gumauth.callback.sockets import IPV4, _bind_port, _taken, bind
from gumauth.errors import CallbackError, PortInUse


def _has_ipv6() -> bool:
    try:
        with closing(socket.socket(socket.AF_INET6)) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def held(stack: ExitStack, redirect: Redirect, port: int | None = None) -> list[tuple[str, int]]:
    sockets = [stack.enter_context(closing(opened)) for opened in bind(redirect, port)]
    return [opened.getsockname()[:2] for opened in sockets]


def taken(stack: ExitStack, address: str = "127.0.0.1") -> int:
    """A port that another program listens on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    other = stack.enter_context(closing(socket.socket(family)))
    if family == socket.AF_INET6 and address == "::1":
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    other.bind((address, 0))
    other.listen()
    return int(other.getsockname()[1])


@needs_ipv6
@pytest.mark.requirement("C1", "C2")
def test_localhost_is_both_loopback_addresses_on_one_port_and_no_other(stack: ExitStack) -> None:
    (first, port), (second, other_port) = held(stack, Redirect(ports=()))
    assert (first, second) == ("127.0.0.1", "::1")
    assert port == other_port


@pytest.mark.requirement("C1")
def test_a_numeric_host_is_that_address_alone(stack: ExitStack) -> None:
    [(address, _)] = held(stack, Redirect(host="127.0.0.1", ports=()))
    assert address == "127.0.0.1"


@needs_ipv6
@pytest.mark.requirement("C2")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "0.0.0.0", "::"])
def test_a_port_that_is_taken_in_one_family_is_taken(stack: ExitStack, address: str) -> None:
    port = taken(stack, address)
    with pytest.raises(PortInUse):
        bind(Redirect(ports=(port,)), None)


@needs_ipv6
@pytest.mark.requirement("C2")
def test_nothing_stays_open_when_the_second_family_is_taken(stack: ExitStack) -> None:
    port = taken(stack, "::1")
    with pytest.raises(PortInUse):
        bind(Redirect(ports=(port,)), None)
    assert held(stack, Redirect(host="127.0.0.1", ports=(port,))) == [("127.0.0.1", port)]


@pytest.mark.requirement("C2")
def test_a_family_that_the_machine_does_not_have_is_left_out(stack: ExitStack) -> None:
    absent = (socket.AF_INET6, "2001:db8::1")  # RFC 3849: nobody has it
    [opened] = (stack.enter_context(closing(opened)) for opened in _bind_port((IPV4, absent), 0))
    assert opened.getsockname()[0] == "127.0.0.1"


@pytest.mark.requirement("C2")
def test_no_family_at_all_is_an_error() -> None:
    with pytest.raises(OSError, match="no loopback address"):
        _bind_port(((socket.AF_INET6, "2001:db8::1"),), 0)


@pytest.mark.requirement("C3")
def test_the_error_names_the_port_and_the_flag(stack: ExitStack) -> None:
    port = taken(stack)
    with pytest.raises(PortInUse) as caught:
        bind(Redirect(ports=(port,)), None)
    assert caught.value.message == (
        f"Port {port} is in use by another program, and the provider sends the browser there."
    )
    assert "`--port N`" in str(caught.value.hint)


@pytest.mark.requirement("C3")
def test_registered_ports_are_tried_in_turn(stack: ExitStack) -> None:
    with ExitStack() as short:
        first, second = held(short, Redirect(ports=()))[0][1], held(short, Redirect(ports=()))[0][1]
    ports = (taken(stack), first, second)
    assert {port for _, port in held(stack, Redirect(ports=ports))} == {first}
    assert {port for _, port in held(stack, Redirect(ports=ports))} == {second}
    with pytest.raises(PortInUse) as caught:
        bind(Redirect(ports=ports), None)
    assert caught.value.message.startswith(f"Ports {ports[0]}, {first} and {second} are in use")


@pytest.mark.requirement("C3")
def test_a_port_that_was_asked_for_is_the_only_one_tried(stack: ExitStack) -> None:
    port = taken(stack)
    with pytest.raises(PortInUse, match=f"Port {port} is"):
        bind(Redirect(), port)


def test_when_no_port_is_free_the_error_still_names_the_flag() -> None:
    assert _taken(()).message == "No free port could be found."
    assert "`--port N`" in str(_taken(()).hint)


def test_port_0_is_any_free_port(stack: ExitStack) -> None:
    assert held(stack, Redirect(), 0)[0][1] not in (0, 4862)


@pytest.mark.parametrize("port", [-1, 65536, 1 << 40])
def test_a_number_that_is_no_port_is_an_error_that_says_so(port: int) -> None:
    with pytest.raises(CallbackError) as caught:
        bind(Redirect(), port)
    assert caught.value.message == f"Port {port} cannot be listened on: ports go from 1 to 65535."


@pytest.mark.requirement("C1")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "example.com", "192.168.0.1"])
def test_a_host_that_is_not_loopback_is_refused(host: str) -> None:
    with pytest.raises(CallbackError, match="no place that gumauth can listen at"):
        bind(Redirect(host=host), None)


@pytest.mark.parametrize(
    "path",
    [
        "callback",
        "",
        "/callback?tenant=a",
        "/callback?",
        "/callback#x",
        "/a b",
        "/\u00e9",
        "/a/../b",
        "/.",
        "/%2e/b",
        "/a%",
        "/a\\b",
    ],
)
def test_a_path_that_does_not_arrive_as_it_was_written_is_refused(path: str) -> None:
    """A browser would send another one, and be told that there is nothing at that address."""
    with pytest.raises(CallbackError, match="no place that gumauth can listen at"):
        bind(Redirect(path=path), None)


@pytest.mark.parametrize("path", ["/", "/callback", "/a/b/", "/oauth2.0/cb", "/a..b", "/~me/(x)", "/%C3%A9"])
def test_a_path_that_browsers_send_as_it_was_written_is_taken(stack: ExitStack, path: str) -> None:
    assert held(stack, Redirect(host="127.0.0.1", ports=(), path=path))


def test_the_uri_to_register_has_no_port_where_any_is_accepted() -> None:
    assert Redirect().registered == "http://localhost:4862/callback"
    assert Redirect(host="127.0.0.1", ports=(), path="/cb").registered == "http://127.0.0.1/cb"


@pytest.mark.requirement("C1")
def test_two_cannot_hold_one_port_not_even_between_bind_and_use(stack: ExitStack) -> None:
    [(_, port), *_] = held(stack, Redirect(ports=()))
    with pytest.raises(PortInUse):
        bind(Redirect(ports=(port,)), None)


def test_a_port_can_be_held_again_right_after_it_was_used(stack: ExitStack) -> None:
    """Connections that we ended stay in TIME_WAIT for a minute."""
    [opened, *others] = bind(Redirect(ports=()), None)
    port = opened.getsockname()[1]
    opened.setblocking(True)
    with closing(socket.create_connection(("127.0.0.1", port))) as client:
        served, _ = opened.accept()
        served.close()
        assert client.recv(1) == b""
    for each in (opened, *others):
        each.close()
    assert held(stack, Redirect(ports=(port,)))[0] == ("127.0.0.1", port)
