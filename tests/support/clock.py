"""A clock whose time passes only when someone waits on it."""

from __future__ import annotations

import threading
import time


class FakeClock:
    """Notes each wait in ``waits`` and lets that much time pass at once."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._passed = 0.0
        self._began = time.time()
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self._passed

    def now(self) -> float:
        return self._began + self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self._passed += seconds


__all__ = ["FakeClock"]
