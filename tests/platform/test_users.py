"""Which users a number stands for. Groups are tested with the files that they can write, in `test_permissions`."""

from __future__ import annotations

import sys

import pytest

from gumauth.platform import users


@pytest.mark.skipif(sys.platform != "linux", reason="user namespaces are Linux's")
def test_a_number_that_is_somebodys_is_not_the_systems() -> None:
    with open("/proc/sys/kernel/overflowuid") as file:
        overflow = int(file.read())
    with open("/proc/self/uid_map") as file:
        everybody = file.read().split()[2] == "4294967295"
    assert users.is_the_systems(overflow) is not everybody
    assert not users.is_the_systems(12345)
