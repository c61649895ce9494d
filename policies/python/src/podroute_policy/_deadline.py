"""Deadlines: a clock that runs while somebody waits for an answer."""

import math
import threading
import time
from types import TracebackType
from typing import Optional, Type

from wasmtime import Engine

TICK = 0.01


def ticks(seconds: float) -> int:
    """How many ticks a call may live. The one under way is not counted, so that
    no deadline comes early; on a busy machine it comes late."""
    return math.ceil(seconds / TICK) + 1


class Clock:
    """Counts up the epoch of an engine as long as at least one call runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._calls = 0
        self._ticking = False

    def __enter__(self) -> None:
        with self._lock:
            self._calls += 1
            if not self._ticking:
                self._ticking = True
                threading.Thread(target=self._tick, daemon=True).start()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        with self._lock:
            self._calls -= 1

    def _tick(self) -> None:
        while True:
            time.sleep(TICK)
            self._engine.increment_epoch()
            with self._lock:
                if self._calls == 0:
                    self._ticking = False
                    return
