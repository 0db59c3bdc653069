"""GP engines: a suggestion beside Optuna's and BoTorch's, on the same data in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

from benchmarks.speed.clock import Clock, processor
from benchmarks.speed.gp_data import ORIGIN, draw, held_out, log_density
from benchmarks.speed.gp_engines import absent, make
from benchmarks.speed.measurement import FIRST_CALL, Bar, Measurement

SIZES = (50, 200, 500, 1000)
CALLS = 20
# Fewer of the rivals' calls where they take seconds; none of BoTorch's at 1 000.
RIVALS: Mapping[str, Mapping[int, int]] = {
    "optuna": {50: 20, 200: 20, 500: 10, 1000: 5},
    "botorch": {50: 20, 200: 5, 500: 3},
}
BARS: Mapping[str, Mapping[int, float]] = {
    "optuna": {50: 20.0, 200: 5.0, 500: 5.0, 1000: 3.0},
    "botorch": {50: 40.0, 200: 30.0, 500: 25.0},
}
TITLES = {"optuna": "Optuna GPSampler", "botorch": "BoTorch, 280 starts"}
GROWTH, COLD, WORSE = 10.0, 3.0, 0.05
TURNS = 5  # of processes that start beside a rival's, the least seconds of each
_COLD = """
import time
began = time.process_time()
from benchmarks.speed.gp_data import draw
from benchmarks.speed.gp_engines import make
data, engine = draw(50, 0), make({name!r})
for row in range(50):
    engine.add(data, row)
start = time.process_time()
engine.suggest()
print(time.process_time() - start, time.process_time() - began)
"""


@dataclass(frozen=True)
class Warm:
    """Seconds of a suggestion, the mean of `calls`, and the density held out."""

    seconds: float
    density: float
    calls: int


@dataclass
class Table:
    """What was measured, by engine and size."""

    found: dict[tuple[str, int], Warm] = field(default_factory=dict)

    def measure(self, name: str, n: int, calls: int) -> None:
        """Add one."""
        self.found[name, n] = warm(name, n, calls)


def measure(_sources: Mapping[str, str]) -> list[Measurement]:
    """Milliseconds of a suggestion, refits included; cold starts; the density of held-out data."""
    table = Table()
    for n in SIZES:
        table.measure("ours", n, CALLS)
        for name, calls in RIVALS.items():
            if n in calls and not absent(name):
                table.measure(name, n, calls[n])
    return [*speeds(table), growth(table), *densities(table), *colds()]


def warm(name: str, n: int, calls: int, clock: Clock = processor) -> Warm:
    """An engine over the calls that end at `n`, after two that are not measured."""
    data, engine = draw(n, seed=n), make(name)
    before = n - calls - 1
    for row in range(before):
        engine.add(data, row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rivals warn of their own experiments
        engine.suggest()
        engine.add(data, before)
        engine.suggest()
        began = clock()
        for row in range(before + 1, n):
            engine.add(data, row)
            engine.suggest()
        seconds = (clock() - began) / calls
        others = held_out()
        density = log_density(*engine.predict(others), others.losses)
    return Warm(seconds, density, calls)


def speeds(table: Table) -> list[Measurement]:
    """How many times sooner a suggestion comes."""
    rows = []
    for name, bars in BARS.items():
        for n, bar in bars.items():
            ours, theirs = table.found["ours", n], table.found.get((name, n))
            title = f"suggestions at n = {n}, mean of {ours.calls} calls"
            if theirs is None:
                rows.append(_missing(title, "1/s", 1 / ours.seconds, name, Bar(bar)))
                continue
            rows.append(
                Measurement(
                    title, "1/s", 1 / ours.seconds, f"{TITLES[name]}, {theirs.calls} calls",
                    1 / theirs.seconds, Bar(bar), ORIGIN,
                )
            )  # fmt: skip
    return rows


def growth(table: Table) -> Measurement:
    """A suggestion at the largest size beside one at 200."""
    large, small = (1e3 * table.found["ours", n].seconds for n in (SIZES[-1], 200))
    return Measurement(
        f"suggestion at n = {SIZES[-1]}", "ms", large, "n = 200", small,
        Bar(GROWTH, at_most=True), ORIGIN,
    )  # fmt: skip


def densities(table: Table) -> list[Measurement]:
    """Held-out log density, ours less the rival's, in nats an observation."""
    rows = []
    for (name, n), theirs in table.found.items():
        ours = table.found["ours", n].density
        title = f"held-out log density at n = {n}"
        if name == "ours":
            rows.append(Measurement(title, "nats", ours, surface=ORIGIN))
        else:
            less = f"{title}, shortfall from {TITLES[name]}"
            gap = theirs.density - ours
            rows.append(
                Measurement(less, "nats", gap, bar=Bar(WORSE, at_most=True), surface=ORIGIN)
            )
    return rows


def colds() -> list[Measurement]:
    """Seconds of the first suggestion of a process, without and with a filled cache."""
    rivals = [] if absent("optuna") else ["optuna"]
    with TemporaryDirectory() as folder:
        cold("ours", folder)
        turns = [(cold("ours"), cold("ours", folder), *map(cold, rivals)) for _ in range(TURNS)]
    fresh, filled, *theirs = (
        [min(seconds) for seconds in zip(*starts, strict=True)]
        for starts in zip(*turns, strict=True)
    )
    rival = theirs[0] if theirs else (None, None)
    once, beside, even = (Bar(most, at_most=True) for most in (COLD, COLD / FIRST_CALL, 1.0))
    call, whole = "first suggestion of a process", "a process to its first suggestion"
    return [
        Measurement(f"{call}, empty cache", "s", fresh[0], bar=once),
        _start(f"{call}, empty cache", fresh[0], rival[0], beside),
        _start(f"{whole}, empty cache", fresh[1], rival[1], None),
        _start(f"{call}, filled cache", filled[0], rival[0], even),
        _start(f"{whole}, filled cache", filled[1], rival[1], even),
    ]


def _start(title: str, ours: float, theirs: float | None, bar: Bar | None) -> Measurement:
    """Seconds beside Optuna's, where it is installed."""
    if theirs is None and bar is not None:
        return _missing(title, "s", ours, "optuna", bar)
    rival = TITLES["optuna"] if theirs is not None else ""
    return Measurement(title, "s", ours, rival, theirs, bar)


def cold(name: str, cache: str | None = None) -> tuple[float, float]:
    """Seconds of processor time of a fresh process's first suggestion, and of all up to it.

    `cache` is a folder where JAX keeps what it compiles. Raises OSError where the process fails.
    """
    told = {} if cache is None else {
        "JAX_COMPILATION_CACHE_DIR": cache, "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }  # fmt: skip
    known = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _COLD.format(name=name)],
        capture_output=True, text=True, env={**known, **told},
    )  # fmt: skip
    if done.returncode:
        raise OSError(f"a fresh process failed: {done.stderr.strip().splitlines()[-1:]}")
    call, whole = done.stdout.split()
    return float(call), float(whole)


def _missing(title: str, unit: str, ours: float, name: str, bar: Bar) -> Measurement:
    """Ours alone, in the title, where a rival is not installed."""
    note = f'not installed: {", ".join(absent(name))}; pip install "mixenv[peers]"'
    return Measurement(f"{title}: {ours:.3g} {unit}", unit, rival=TITLES[name], bar=bar, note=note)
