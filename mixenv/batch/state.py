"""The state of episodes as arrays, and how one begins."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv import draws, hashing
from mixenv.batch.block import Block
from mixenv.batch.rules import Rules
from mixenv.batch.runs import Recorded, Runs

_ROWS = 16  # rows of a pool for each experiment of an episode, for which there is memory


class Rows(NamedTuple):
    """Experiments as observed, float32 [..., N, width], or [..., width] for the last one only.

    Of the last ones NumPy has the same arrays in a `Block`.
    """

    mixture: Any
    scale: Any
    log_steps: Any
    metrics: Any
    cost: Any
    mask: Any

    def clear(self, which: np.ndarray) -> None:
        """NumPy only, in place: the episodes `which` have none."""
        for array in self:
            array[which] = 0.0


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
    runs: Runs | Recorded
    rows: Rows | Block
    lead: Lead | None


def begin(rules: Rules, seed: Any, xp: Any = np) -> State:
    """New episodes of seed words [..., 2] (uint32)."""
    lead, real = seed.shape[:-1], np.float64 if xp is np else None
    return State(
        seed, *_of_seed(rules, seed, xp), xp.zeros(lead, real), xp.zeros(lead, np.int32),
        _runs(rules, lead, xp), _rows(rules, lead, xp),
        nobody(rules, lead, xp) if rules.reward != "outcome" else None,
    )  # fmt: skip


def _runs(rules: Rules, lead: tuple[int, ...], xp: Any) -> Runs | Recorded:
    """No runs: where a pool is small enough each of its rows has a place, which spares a search."""
    rows = len(rules.ladder.runs)
    if xp is np and rules.task.pool is not None and rows <= _ROWS * rules.most:
        return Recorded.none(lead[0], rows)
    return Runs.none(lead, rules.most, xp)


def _rows(rules: Rules, lead: tuple[int, ...], xp: Any) -> Rows | Block:
    """No experiments observed."""
    widths = (rules.domains, len(rules.scales), 1, rules.metrics, 1, 1)
    if xp is np and rules.rows is None:
        return Block.zeros(lead[0], widths)
    shape = lead if rules.rows is None else (*lead, rules.rows)
    return Rows(*(xp.zeros((*shape, width), np.float32) for width in widths))


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
    lead, noise = seed.shape[:-1], rules.task.noise_model
    common = xp.zeros((*lead, 0), np.float64 if xp is np else None)
    if noise.off:  # nothing asks for either, as in pools
        return xp.zeros((*lead, 1), np.uint32), common
    if noise.counts:
        common = draws.common(noise, seed, xp)
    return hashing.total(hashing.terms(seed)), common


def restart(rules: Rules, state: State, which: np.ndarray, seed: np.ndarray) -> State:
    """NumPy only: begin the episodes `which` [r] again, with seed words [r, 2], in place."""
    opening, common = _of_seed(rules, seed, np)
    state.seed[which], state.opening[which], state.common[which] = seed, opening, common
    state.spent[which], state.count[which] = 0.0, 0
    state.rows.clear(which)
    state.runs.forget(which)
    if state.lead is not None:
        for array, fresh in zip(state.lead, nobody(rules, (len(which),)), strict=True):
            array[which] = fresh
    return state
