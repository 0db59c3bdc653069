"""A limit on the time that a piece of Python takes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn


class TimedOut(BaseException):
    """The time is over. No `Exception`, so that code which catches those does not swallow it."""


@contextmanager
def alarm(seconds: float | None) -> Iterator[None]:
    """Raise TimedOut inside the block after `seconds`; None is never.

    Needs POSIX signals and the main thread; elsewhere it does nothing. What runs outside Python is
    interrupted when it comes back: who must not wait kills the process.
    """
    main = threading.current_thread() is threading.main_thread()
    if seconds is None or not main or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(*_: Any) -> NoReturn:
    raise TimedOut
