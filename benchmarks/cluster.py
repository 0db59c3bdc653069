"""A Dask cluster as an executor: `--scheduler ADDRESS`. Needs the extra `dask`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import mixenv
from benchmarks.workers import Apart, Crew

TIMEOUT = 10.0  # seconds in which a scheduler answers
_crew = Crew()  # of this Dask worker's threads


def apart(timeout: float | None, *work: Any) -> Any:
    """`Crew.call` on the Dask worker that runs this."""
    return _crew.call(timeout, *work)


def end_workers() -> None:
    """Kill the processes of this Dask worker's threads, and be ready for new ones."""
    global _crew
    ended, _crew = _crew, Crew()
    ended.stop()


def about() -> tuple[str, int]:
    """The version of mixenv where this runs, and of its records."""
    from benchmarks.cell import SCHEMA

    return mixenv.__version__, SCHEMA


@contextmanager
def cluster(address: str, timeout: float | None = None) -> Iterator[Executor]:
    """The workers of the Dask scheduler at `address`, such as tcp://host:8786.

    Each of their threads plays in a process of its own. Raises ImportError without the package
    `distributed`, OSError where no scheduler answers within `timeout` seconds (10), ValueError
    where it has no workers or they have another mixenv.
    """
    client = _connect(address, timeout or TIMEOUT)
    try:
        _check(client, address)
        executor = client.get_executor(pure=False)
        try:
            yield Apart(executor, apart)
        finally:
            executor.shutdown(wait=False)
            with suppress(Exception):  # the scheduler may be gone; so are its workers then
                client.run(end_workers)
    finally:
        client.close()


def _connect(address: str, timeout: float) -> Any:
    try:
        make: Callable[..., Any] = import_module("distributed").Client
    except ModuleNotFoundError as error:
        raise ImportError('--scheduler: needs distributed: pip install "mixenv[dask]"') from error
    try:
        return make(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise OSError(
            f"--scheduler: expected a Dask scheduler, got none at {address} within {timeout:g} s "
            f"({error}); start one with `dask scheduler`"
        ) from error


def _check(client: Any, address: str) -> None:
    found = _versions(client)
    if not found:
        raise ValueError(
            f"--scheduler: expected workers at {address}, got none; start some with `dask worker`"
        )
    for worker, version in found.items():
        if version != about():
            raise ValueError(
                f"--scheduler: expected mixenv {mixenv.__version__} of the same records on every "
                f"worker, got {version} on {worker}; install the same one there"
            )


def _versions(client: Any) -> dict[str, Any]:
    """What each worker answers to `about`: where it has no mixenv, the error."""
    answers = client.run(about, on_error="return")
    return {
        worker: " ".join(str(a).split()) if isinstance(a, BaseException) else tuple(a)
        for worker, a in answers.items()
    }
