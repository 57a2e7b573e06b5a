"""When the session has been idle for long enough."""

import threading
import time
from contextlib import contextmanager

from pf_agent.errors import stopping

# After a wake-up of the computer so much remains at least, in seconds.
GRACE = 300
# How often the watch looks, in seconds; terminals are asked for a foreground process then.
TICK = 15
# A clock that ran ahead of ours by more than this, or a look that came this late, means the computer slept.
JUMP = 30


class Clock:
    """Seconds. `awake` stands still while the computer sleeps; the `others` go on, or are set right afterwards."""

    def awake(self):
        return time.monotonic()

    def others(self):
        # In a virtual machine that is suspended as a whole only the wall clock tells, once it is set right.
        names = ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC_RAW", "CLOCK_REALTIME")
        return [time.clock_gettime(getattr(time, name)) for name in names if hasattr(time, name)]


class Idle:
    """Counts down while nothing goes on. Whoever works holds it; who merely shows life touches it."""

    def __init__(self, minutes, on_change=lambda: None, clock=None):
        self._clock = clock or Clock()
        self._on_change = on_change
        self._guard = threading.Lock()
        self._minutes = minutes
        self._holds = 0
        self._over = False
        self._since = self._seen = self._clock.awake()
        self._not_before = self._since
        self._ahead = self._offsets(self._since)

    @property
    def minutes(self):
        return self._minutes

    def touch(self):
        """The countdown starts anew; nobody is told, since this may happen at every key stroke."""
        with self._guard:
            self._since = max(self._since, self._clock.awake())

    def keep(self, minutes=None):
        """The countdown starts anew, after so many minutes if given."""
        with self._guard:
            self._since = self._clock.awake() + (minutes or 0) * 60
        self._on_change()

    def set_minutes(self, minutes):
        """0: never."""
        with self._guard:
            self._minutes = minutes
        self.touch()
        self._on_change()

    @contextmanager
    def hold(self):
        """Nothing counts meanwhile."""
        with self._guard:
            if self._over:
                raise stopping()
            self._holds += 1
        self._on_change()
        try:
            yield
        finally:
            self.touch()
            with self._guard:
                self._holds -= 1
            self._on_change()

    def remaining(self):
        """Seconds to the end; None while nothing counts."""
        with self._guard:
            return self._remaining(self._clock.awake())

    def check(self):
        """As `remaining`, after a look whether the computer slept. At 0 it is over: nothing can hold it any more."""
        with self._guard:
            now = self._clock.awake()
            if self._slept(now):
                self._not_before = now + GRACE
            remaining = self._remaining(now)
            self._over = self._over or remaining == 0
            return remaining

    def _remaining(self, now):
        if self._holds or not self._minutes:
            return None
        return max(0, max(self._since + self._minutes * 60, self._not_before) - now)

    def _slept(self, now):
        ahead = self._offsets(now)
        late = now - self._seen > TICK + JUMP
        jumped = any(new - old > JUMP for new, old in zip(ahead, self._ahead))
        self._ahead, self._seen = ahead, now
        return late or jumped

    def _offsets(self, now):
        return [other - now for other in self._clock.others()]


def watch(idle, stopped, before_look, on_over):
    """Looks until `stopped` is set, or the time is over: then `on_over()` is called, once."""
    remaining = idle.remaining()
    while not stopped.wait(TICK if remaining is None else min(TICK, max(remaining, 0.01))):
        before_look()
        remaining = idle.check()
        if remaining == 0:
            return on_over()
