"""What the worker does with a request, without its process."""

from __future__ import annotations

import gc
import io
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gumauth.store import keyring_lock
from gumauth.store.keyring.worker import Worker, main, serve
from tests.parts.secret_service import Session
from tests.store.contract import random_value

KEY = "linear/0123456789abcdef/a"
Open = Callable[[str], Worker]


@pytest.fixture
def said() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("KEYRING_FAKE_FILE", str(tmp_path / "entries"))
    return {
        "backend": "tests.store.fakes.FileKeyring",
        "service": "gumauth",
        "lock": str(tmp_path / "lock"),
        "bus": None,
        "seconds": 0.5,
    }


@pytest.fixture
def worker(opening: dict[str, Any], said: list[dict[str, Any]]) -> Open:
    return lambda fake: Worker({**opening, "backend": f"tests.store.fakes.{fake}"}, said.append)


def test_a_value_is_set_read_and_deleted(worker: Open, said: list[dict[str, Any]]) -> None:
    it, value = worker("FileKeyring"), random_value()
    assert it.answer({"do": "set", "key": KEY, "value": value}) == {"value": None}
    assert it.answer({"do": "get", "key": KEY}) == {"value": value}
    assert it.answer({"do": "delete", "key": KEY}) == {"value": None}
    assert it.answer({"do": "delete", "key": KEY}) == {"value": None}
    assert it.answer({"do": "get", "key": KEY}) == {"value": None}
    assert said == [{"begun": True}] * 5


@pytest.mark.requirement("K7", "S1")
def test_a_failure_is_its_kind_and_the_errors_type(worker: Open) -> None:
    value = random_value()
    answer = worker("LeakyKeyring").answer({"do": "set", "key": KEY, "value": value})
    assert answer == {"kind": "failed", "detail": "PasswordSetError"}
    assert worker("CappedKeyring").answer({"do": "set", "key": KEY, "value": random_value(2000)}) == {
        "kind": "too large",
        "detail": "OSError",
    }


def test_an_entry_that_stays_is_a_failure(worker: Open) -> None:
    stubborn = worker("StubbornKeyring")
    stubborn.answer({"do": "set", "key": KEY, "value": "{}"})
    assert stubborn.answer({"do": "delete", "key": KEY}) == {"kind": "failed", "detail": "PasswordDeleteError"}
    forgetful = worker("PretendingKeyring")
    assert forgetful.answer({"do": "delete", "key": KEY})["kind"] == "failed"


def test_on_windows_every_entry_has_a_service_of_its_own(
    worker: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`keyring` moves an entry when another one of the same service is written there: two could be lost at once."""
    from tests.store import fakes

    monkeypatch.setattr(fakes.FileKeyring, "__module__", "keyring.backends.Windows")
    worker("FileKeyring").answer({"do": "set", "key": KEY, "value": "{}"})
    assert list(json.loads((tmp_path / "entries").read_text())) == [f"gumauth {KEY}\n{KEY}"]


def test_requests_are_answered_a_line_each(opening: dict[str, Any], said: list[dict[str, Any]]) -> None:
    lines = [opening, {"do": "set", "key": KEY, "value": "{}"}, {"do": "get", "key": KEY}]
    status = serve(io.StringIO("".join(json.dumps(line) + "\n" for line in lines)), said.append)
    assert status == 0
    assert said == [{"ready": True}, {"begun": True}, {"value": None}, {"begun": True}, {"value": "{}"}]


@pytest.mark.requirement("K5", "K7")
@pytest.mark.parametrize(
    ("backend", "answer"),
    [
        ("keyring.backends.null.Keyring", {"kind": "unsafe", "detail": ""}),
        ("keyring.backends.fail.Keyring", {"kind": "unsafe", "detail": ""}),
        ("tests.store.fakes.Renamed", {"kind": "unsafe", "detail": ""}),
        ("tests.store.fakes.BrokenKeyring", {"kind": "no module", "detail": "a_module_that_nobody_has"}),
        ("a_module_that_nobody_has.Keyring", {"kind": "no module", "detail": "a_module_that_nobody_has"}),
        ("tests.store.fakes.Nothing", {"kind": "failed", "detail": "AttributeError"}),
    ],
)
def test_a_backend_that_cannot_be_used_is_the_first_and_only_answer(
    opening: dict[str, Any], said: list[dict[str, Any]], backend: str, answer: dict[str, str]
) -> None:
    assert serve(io.StringIO(json.dumps({**opening, "backend": backend}) + "\n"), said.append) == 1
    assert said == [answer]


def test_the_process_answers_on_its_standard_output_and_nothing_else_does(
    opening: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run here with the file descriptors put back afterwards."""
    kept = [os.dup(number) for number in (0, 1, 2)]
    requests, answers, rest = tmp_path / "requests", tmp_path / "answers", tmp_path / "rest"
    lines = [{**opening, "backend": "tests.store.fakes.TalkativeKeyring"}, {"do": "get", "key": KEY}]
    requests.write_text("".join(json.dumps(line) + "\n" for line in lines))
    try:
        for number, path, flags in ((0, requests, os.O_RDONLY), (1, answers, os.O_RDWR), (2, rest, os.O_RDWR)):
            handle = os.open(path, flags | os.O_CREAT, 0o600)
            os.dup2(handle, number)
            os.close(handle)
        status = main()
        sys.stdout.flush()
    finally:
        for number, handle in enumerate(kept):
            os.dup2(handle, number)
            os.close(handle)
    assert status == 0
    assert [json.loads(line) for line in answers.read_text().splitlines()] == [
        {"ready": True},
        {"begun": True},
        {"value": None},
    ]
    assert "nor this" in rest.read_text()


@pytest.mark.keyring
class TestTheSecretService:
    """With a real gnome-keyring."""

    @pytest.fixture
    def opening(self, secret_service: Session, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        for name, value in secret_service.environ.items():
            monkeypatch.setenv(name, value)
        return {
            "backend": "keyring.backends.SecretService.Keyring",
            "service": "gumauth",
            "lock": f"{secret_service.folder}/lock",
            "bus": secret_service.address,
            "seconds": 0.5,
        }

    @pytest.fixture
    def worker(self, opening: dict[str, Any], said: list[dict[str, Any]]) -> Iterator[Worker]:
        yield Worker(opening, said.append)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()  # `keyring` leaves its connection open where unlocking fails

    def test_a_value_is_set_read_and_deleted(self, worker: Worker, secret_service: Session) -> None:
        assert worker.answer({"do": "set", "key": KEY, "value": "{}"}) == {"value": None}
        assert secret_service.lookup(KEY) == "{}"
        assert worker.answer({"do": "get", "key": KEY}) == {"value": "{}"}
        assert worker.answer({"do": "delete", "key": KEY}) == {"value": None}
        assert secret_service.lookup(KEY) is None

    @pytest.mark.parametrize("do", ["set", "delete"])
    def test_an_older_item_in_another_collection_goes(self, worker: Worker, secret_service: Session, do: str) -> None:
        """The backend looks into the default collection only; `SecretServiceStore` reads from all."""
        worker.answer({"do": "set", "key": KEY, "value": "{}"})
        secret_service.make_default(secret_service.another())
        assert worker.answer({"do": do, "key": KEY, "value": "[]"}) == {"value": None}
        assert [path.rpartition("/")[0] for path in secret_service.items(KEY)] == (
            [secret_service.default()] if do == "set" else []
        )

    @pytest.mark.requirement("K6", "K14")
    def test_a_locked_collection_is_found_before_the_backend_would_ask(
        self, worker: Worker, secret_service: Session, said: list[dict[str, Any]]
    ) -> None:
        secret_service.lock()
        assert worker.answer({"do": "set", "key": KEY, "value": "{}"}) == {"kind": "locked", "detail": ""}
        assert worker.answer({"do": "unlock"})["kind"] == "dismissed"
        secret_service.unlock()
        assert worker.answer({"do": "unlock"}) == {"value": None}

    def test_a_session_without_a_default_collection_is_told(
        self, worker: Worker, session_without_keyring: Session
    ) -> None:
        session_without_keyring.kill_daemon()
        for file in session_without_keyring.keyrings.iterdir():
            file.unlink()
        session_without_keyring.start_daemon(unlocked=False)
        assert worker.answer({"do": "get", "key": KEY}) == {"kind": "no collection", "detail": ""}

    @pytest.mark.requirement("K6")
    def test_a_daemon_that_does_not_answer_is_not_written_to(self, worker: Worker, secret_service: Session) -> None:
        secret_service.stop_daemon()
        assert worker.answer({"do": "set", "key": KEY, "value": "{}"}) == {"kind": "timeout", "detail": "0.5 s"}
        secret_service.continue_daemon()
        assert secret_service.lookup(KEY) is None

    @pytest.mark.requirement("K14")
    def test_a_turn_that_does_not_come_is_told(
        self, worker: Worker, opening: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keyring_lock, "PATIENCE", 0.05)
        with keyring_lock.KeyringLock(opening["lock"]):
            assert worker.answer({"do": "get", "key": KEY})["kind"] == "busy"
