"""apibot.core.clock.SystemClock: the machine's own time."""

from __future__ import annotations

import time

from apibot.core.clock import Clock, SystemClock


def test_system_clock() -> None:
    clock: Clock = SystemClock()
    assert abs(clock.now() - time.time()) < 5
    assert abs(clock.monotonic() - time.monotonic()) < 5
    began = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - began >= 0.01
