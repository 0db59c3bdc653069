"""Importing mixenv in a fresh process, beside importing what it needs anyway."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from benchmarks.speed.measurement import Bar, Measurement

_TURNS = 5
_OURS, _RIVAL = "import mixenv", "import gymnasium, pandas"


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Milliseconds of processor time, and whether JAX comes along."""
    took = milliseconds((_OURS, _RIVAL))
    loaded = fresh(f"{_OURS}; import sys; print('jax' in sys.modules)") == "True"
    return [
        Measurement(
            _OURS, "ms", took[_OURS], _RIVAL, took[_RIVAL], Bar(1.5, at_most=True)
        ),
        Measurement(
            f"{_OURS}: jax in sys.modules (0 or 1)", "", float(loaded), bar=Bar(0, at_most=True)
        ),
    ]  # fmt: skip


def milliseconds(statements: tuple[str, ...], turns: int = _TURNS) -> dict[str, float]:
    """The best processor time of each statement in a fresh process, taken in turns."""
    code = "import time; t = time.process_time(); {}; print(time.process_time() - t)"
    best = dict.fromkeys(statements, float("inf"))
    for statement in statements:
        fresh(statement)  # the first reads files from the disk
    for _ in range(turns):
        for statement in statements:
            best[statement] = min(best[statement], 1e3 * float(fresh(code.format(statement))))
    return best


def fresh(code: str) -> str:
    """What a new Python process prints. Raises OSError where it fails."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"a fresh process failed: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout.strip()
