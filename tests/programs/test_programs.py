"""The programs at the size that the suite has time for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.parts.need import lacking, need
from tests.parts.postgresql import programs
from tests.programs.model import Life, sized

ROOT = Path(__file__).parents[2]


def play(program: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.programs.{program}", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.requirement("R2", "M40")
def test_fifty_processes_with_one_expired_token_make_one_refresh_each_time() -> None:
    assert "4 of 4 rounds right" in play("refresh_storm", "--rounds", "4", "--processes", "50")


@pytest.mark.requirement("R2", "K14")
@pytest.mark.keyring
def test_fifty_processes_on_a_real_keyring_make_one_refresh() -> None:
    need(programs=("gnome-keyring-daemon", "dbus-daemon"))
    assert "1 of 1 rounds right" in play("refresh_storm", "--rounds", "1", "--processes", "50", "--keyring")


@pytest.mark.requirement("K1")
def test_a_process_killed_at_random_moments_leaves_a_usable_credential() -> None:
    assert "WRONG" not in play("kill_anywhere", "--kills", "15")


@pytest.mark.requirement("K1", "Y7")
@pytest.mark.parametrize("command", ["revoke", "connect"])
def test_a_revoke_and_a_first_connect_that_are_killed_leave_nothing_untrue(command: str) -> None:
    said = play("kill_anywhere", "--kills", "5", "--command", command)
    assert "WRONG" not in said
    assert f"{command} killed" in said


@pytest.mark.requirement("K1", "H8")
def test_a_process_that_refreshes_ahead_leaves_a_usable_credential_when_it_is_killed() -> None:
    said = play("kill_anywhere", "--kills", "4", "--command", "ahead")
    assert "WRONG" not in said
    assert "ahead " in said


@pytest.mark.requirement("K1", "T2")
def test_a_move_that_is_killed_leaves_the_account_usable_in_one_place_at_most_and_is_ended_by_the_next() -> None:
    need(modules=("psycopg2",))
    if programs() is None:
        lacking("not installed: postgresql")
    said = play("kill_move", "--kills", "6", "--seed", "3")
    assert "WRONG" not in said
    assert "killed" in said


@pytest.mark.requirement("H8", "R1", "R2")
def test_a_dozen_processes_that_meet_a_token_that_is_nearly_due_wait_for_nothing_and_leave_nothing() -> None:
    assert "1 of 1 rounds right" in play("ahead_storm", "--rounds", "1", "--processes", "12")


@pytest.mark.requirement("H10")
def test_a_run_or_its_keeper_that_is_killed_leaves_no_token_that_the_next_run_does_not_remove() -> None:
    assert "WRONG" not in play("keeper_storm", "--kills", "6")


@pytest.mark.requirement("K1", "K13")
@pytest.mark.keyring
@pytest.mark.parametrize("victim", ["--keyring", "--daemon"])
def test_killed_on_a_real_keyring_it_is_no_different(victim: str) -> None:
    need(programs=("gnome-keyring-daemon", "dbus-daemon"))
    assert "WRONG" not in play("kill_anywhere", "--kills", "5", victim)


@pytest.mark.requirement("K1", "R9", "L2")
def test_any_order_of_events_leaves_an_account_that_is_usable_or_rightly_refused() -> None:
    run_state_machine_as_test(Life, settings=sized(examples=7, steps=12))


@pytest.mark.requirement("H7")
def test_two_bridges_lose_and_double_no_message_while_tokens_end_and_the_server_restarts() -> None:
    said = play("bridge_storm", "--messages", "200", "--seconds", "6")
    assert "200 asked, 200 answered, 0 errors" in said
    assert "all right" in said


@pytest.mark.requirement("F5")
def test_a_fact_that_is_taken_out_of_a_services_file_is_missed_by_its_life() -> None:
    """Slack's: one scope alone needs no separator."""
    assert play("missing_facts", "slack") == "slack: nobody misses scope_separator\n"


def test_what_gumauth_new_writes_of_a_service_an_address_or_answers_passes_check() -> None:
    """Slack and Notion differ most from the usual: where tokens and names stand, and how requests are made."""
    assert play("check_written", "notion", "slack").endswith("10 files, 0 findings that are not fine.\n")
