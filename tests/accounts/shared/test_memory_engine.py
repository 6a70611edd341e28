"""The engine in memory keeps the promises of every engine, without anything of SQL."""

from __future__ import annotations

import time

import pytest

from tests.accounts.shared.engine_contract import EngineContract, Engines
from tests.accounts.shared.memory_engine import Memory, MemoryEngine


class TestMemory(EngineContract):
    @pytest.fixture
    def engines(self) -> Engines:
        memory = Memory(time.time)
        return lambda name: MemoryEngine(memory, machine=name, holder=f"folder of {name}", clock=time.time)
