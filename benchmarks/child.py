"""Inside a worker process: read a call, do it in the main thread, write what it returned."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from queue import SimpleQueue
from typing import Any, NoReturn

from benchmarks.frames import receive_bytes, send


def serve() -> NoReturn:
    """Do calls until the process that started this one ends or kills it.

    What is printed goes to standard error. Ctrl-C is the parent's business.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, answers = _pipes()
    calls: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(asked, calls), daemon=True).start()
    while True:
        send(answers, "ready")
        send(answers, _do(calls.get()))


def _pipes() -> tuple[Any, Any]:
    """The pipes from and to the parent, kept from whatever else reads or prints."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(sys.stderr.fileno(), 1)
    return asked, answers


def _listen(asked: Any, calls: SimpleQueue[bytes]) -> None:
    try:
        while True:
            calls.put(receive_bytes(asked))
    except EOFError:
        os._exit(1)  # the parent is gone: nobody is left to take an answer


def _do(call: bytes) -> tuple[bool, Any]:
    try:
        function, arguments, keywords = pickle.loads(call)
        return True, function(*arguments, **keywords)
    except BaseException:  # SystemExit, too: an agent's exit is not the worker's
        return False, traceback.format_exc()
