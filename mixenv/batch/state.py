"""The state of episodes as arrays, and how one begins."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv import draws, hashing
from mixenv.batch.rules import Rules


class Runs(NamedTuple):
    """The runs of an episode in N slots, one for each mixture at a scale that has any.

    `low` [..., N] is the first word of its identity; `book` [..., N, 4] holds the second, how many
    runs it has (0: the slot is empty), and of the longest, which alone is ever resumed, its
    position on the ladder and its replicate number; all uint32. `used` [...] counts slots taken.
    """

    low: Any
    book: Any
    used: Any


class Rows(NamedTuple):
    """Experiments as observed, float32 [..., N, width], or [..., width] for the last one only."""

    mixture: Any
    scale: Any
    log_steps: Any
    metrics: Any
    cost: Any
    mask: Any


class Lead(NamedTuple):
    """The best noisy objective [...] at the target (infinite before the first); the incumbent.

    The incumbent's `scale` index [...] (-1 for none), `steps` [...], `objective` [...], `mixture`
    [..., d] and the `row` [...] that answered.
    """

    best: Any
    scale: Any
    steps: Any
    objective: Any
    mixture: Any
    row: Any


class State(NamedTuple):
    """Episodes so far: seed words [..., 2], what hangs on them, and what was bought.

    `opening` [..., 1] is the seed's part in the name of every run; `common` [..., b] the normals
    that all runs share; `spent` [...] target runs; `count` [...] experiments; `lead` is None where
    no reward asks for it.
    """

    seed: Any
    opening: Any
    common: Any
    spent: Any
    count: Any
    runs: Runs
    rows: Rows
    lead: Lead | None


def begin(rules: Rules, seed: Any, xp: Any = np) -> State:
    """New episodes of seed words [..., 2] (uint32)."""
    lead, real = seed.shape[:-1], np.float64 if xp is np else None
    slots = (*lead, rules.most)
    runs = Runs(
        xp.zeros(slots, np.uint32), xp.zeros((*slots, 4), np.uint32), xp.zeros(lead, np.int32)
    )
    shape = lead if rules.rows is None else (*lead, rules.rows)
    widths = (rules.domains, len(rules.scales), 1, rules.metrics, 1, 1)
    return State(
        seed, *_of_seed(rules, seed, xp), xp.zeros(lead, real), xp.zeros(lead, np.int32), runs,
        Rows(*(xp.zeros((*shape, width), np.float32) for width in widths)),
        nobody(rules, lead, xp) if rules.reward != "outcome" else None,
    )  # fmt: skip


def nobody(rules: Rules, lead: tuple[int, ...], xp: Any = np) -> Lead:
    """No incumbent: the uniform mixture stands for it."""
    real, d = np.float64 if xp is np else None, rules.domains
    none = xp.full(lead, -1, np.int32)
    return Lead(
        xp.full(lead, np.inf, real), none, xp.zeros(lead, np.int32), xp.zeros(lead, real),
        xp.full((*lead, d), 1 / d, real), xp.full(lead, -1, np.int32),
    )  # fmt: skip


def _of_seed(rules: Rules, seed: Any, xp: Any) -> tuple[Any, Any]:
    """What hangs on the seed alone: its part in the names of runs, and the common normals."""
    common = xp.zeros((*seed.shape[:-1], 0), np.float64 if xp is np else None)
    noise = rules.task.noise_model
    if noise.counts and not noise.off:
        common = draws.common(noise, seed, xp)
    return hashing.total(hashing.terms(seed)), common


def restart(rules: Rules, state: State, which: np.ndarray, seed: np.ndarray) -> State:
    """NumPy only: begin the episodes `which` [r] again, with seed words [r, 2], in place."""
    opening, common = _of_seed(rules, seed, np)
    state.seed[which], state.opening[which], state.common[which] = seed, opening, common
    zeroed = (state.spent, state.count, state.runs.book, state.runs.used, *state.rows)
    for array in zeroed:  # what `low` says of an empty slot means nothing
        array[which] = 0
    if state.lead is not None:
        for array, fresh in zip(state.lead, nobody(rules, (len(which),)), strict=True):
            array[which] = fresh
    return state
