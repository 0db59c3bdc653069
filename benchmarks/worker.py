"""One worker process, on one thread, and what can befall it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from benchmarks.frames import receive, send

SINGLE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "NPROC": "1",  # the threads that JAX itself starts
    "JAX_PLATFORMS": "cpu",  # and nothing on an accelerator
}
GRACE = 10.0  # seconds after its timeout at which a call that goes on has its process killed
_CODE = "import sys; sys.path[:] = {!r}; from benchmarks.child import serve; serve()"


class WorkerError(Exception):
    """A call raised in its worker; the message is the traceback from there."""


class WorkerDied(Exception):
    """A worker ended before it answered."""


class Worker:
    """One process that does what it is told, one call at a time; see `benchmarks.child`.

    `variables` are set in its environment.
    """

    def __init__(self, variables: Mapping[str, str] = SINGLE_THREAD) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE.format(sys.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **variables},
        )  # fmt: skip
        self._late = False

    def call(self, work: tuple[Any, ...], timeout: float | None) -> Any:
        """What `function(*arguments, **keywords)` returns there; `work` is the three of them.

        Raises WorkerError where the call raises, TimeoutError where it goes on for more than
        `timeout` + GRACE seconds, WorkerDied where the process ends by itself.
        """
        self._receive()  # it is ready: the time begins
        alarm = threading.Timer((timeout or 0.0) + GRACE, self._too_late)
        alarm.daemon = True
        if timeout is not None:
            alarm.start()
        try:
            fine, answer = self._ask(work)
        except WorkerDied:
            if self._late:
                raise TimeoutError(
                    f"timed out after {timeout:g} s: it did not stop, its process was killed"
                ) from None
            raise
        finally:
            alarm.cancel()
        if not fine:
            raise WorkerError(answer)
        return answer

    def kill(self) -> None:
        """Kill the process; a call under way raises WorkerDied."""
        self._process.kill()

    def close(self) -> None:
        """Kill the process and close its pipes, once no call is under way."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what it was not sent
                pipe.close()  # type: ignore[union-attr]

    def _ask(self, work: tuple[Any, ...]) -> Any:
        try:
            send(self._process.stdin, work)
        except OSError as error:
            raise WorkerDied(self._how()) from error
        return self._receive()

    def _receive(self) -> Any:
        try:
            return receive(self._process.stdout)
        except EOFError as error:
            raise WorkerDied(self._how()) from error

    def _too_late(self) -> None:
        self._late = True
        self._process.kill()

    def _how(self) -> str:
        code = self._process.wait()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"the worker process ended by {how} (killed, or out of memory?)"
