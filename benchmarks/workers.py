"""Worker processes: each cell is played in one, on one thread, whatever the executor.

The threads of an executor (a pool of this process, or a Dask worker's) each own a process and hand
it one call at a time. So a process that is stuck or killed costs one call and no other, and the
numbers do not hang on the executor or on the number of jobs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from benchmarks.worker import SINGLE_THREAD, Worker, WorkerDied


class Crew:
    """The processes of an executor's threads, one a thread; `variables` as those of `Worker`."""

    def __init__(self, variables: Mapping[str, str] = SINGLE_THREAD) -> None:
        self._variables = variables
        self._own = threading.local()
        self._workers: set[Worker] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def call(self, timeout: float | None, *work: Any) -> Any:
        """`Worker.call` in this thread's process; one that dies is replaced and asked once more."""
        try:
            return self._once(work, timeout)
        except WorkerDied:
            if self._stopped:
                raise
        return self._once(work, timeout)

    def _once(self, work: tuple[Any, ...], timeout: float | None) -> Any:
        worker = self._worker()
        try:
            return worker.call(work, timeout)
        except (WorkerDied, TimeoutError):
            self._drop(worker)
            raise

    def stop(self) -> None:
        """Kill every process, whatever it does; nothing is asked of another."""
        with self._lock:
            self._stopped = True
        for worker in list(self._workers):
            worker.kill()

    def close(self) -> None:
        """Kill every process, none of which has a call under way."""
        self.stop()
        while self._workers:
            self._workers.pop().close()

    def _worker(self) -> Worker:
        with self._lock:
            if self._stopped:
                raise WorkerDied("the run was stopped")
            if getattr(self._own, "worker", None) is None:
                self._own.worker = Worker(self._variables)
                self._workers.add(self._own.worker)
        return self._own.worker

    def _drop(self, worker: Worker) -> None:
        self._own.worker = None
        self._workers.discard(worker)
        worker.close()


class Apart(Executor):
    """Through another executor, whose threads hand each call to a process of their own.

    A keyword `timeout` goes to the function, which is to keep it by itself; where it does not, its
    process is killed 10 s later.
    """

    def __init__(self, inner: Executor, call: Callable[..., Any]) -> None:
        self._inner, self._call = inner, call

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """A future of what `fn(*args, **kwargs)` returns; its errors are those of `Worker.call`."""
        return self._inner.submit(self._call, kwargs.get("timeout"), fn, args, kwargs)


@contextmanager
def processes(jobs: int, variables: Mapping[str, str] = SINGLE_THREAD) -> Iterator[Executor]:
    """`jobs` worker processes. On leaving, whatever has not ended is dropped.

    `variables` are set in their environment: one thread each and no accelerator, by default.
    """
    crew, threads = Crew(variables), ThreadPoolExecutor(jobs)
    try:
        yield Apart(threads, crew.call)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        crew.stop()
        threads.shutdown(wait=True)
        crew.close()


def available() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
