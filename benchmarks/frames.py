"""Objects through a pipe between two of our own processes: their length, then their pickle."""

from __future__ import annotations

import pickle
from typing import Any

_LENGTH = 8  # bytes


def send(pipe: Any, thing: Any) -> None:
    """Write an object, at once. Raises OSError where nobody reads."""
    body = pickle.dumps(thing)
    pipe.write(len(body).to_bytes(_LENGTH, "big") + body)
    pipe.flush()


def receive(pipe: Any) -> Any:
    """The next object. Raises EOFError where the other side ended, even in the middle of one."""
    return pickle.loads(receive_bytes(pipe))


def receive_bytes(pipe: Any) -> bytes:
    """The pickle of the next object. Raises like `receive`."""
    return _exactly(pipe, int.from_bytes(_exactly(pipe, _LENGTH), "big"))


def _exactly(pipe: Any, count: int) -> bytes:
    found = pipe.read(count)
    if len(found) < count:
        raise EOFError("frame: expected more bytes, got the end of the pipe")
    return found
