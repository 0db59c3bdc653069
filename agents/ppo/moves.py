"""The actions of the policy: which mixture, at which of four scales, to which of four lengths.

A mixture is chosen among six: the best one expected at the target; the one of the least lower
confidence bound; the least certain one; a random extreme point; a random one; the last one again
(at the same scale with more steps: its run goes on).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from agents.ppo import belief, region
from agents.ppo.belief import Belief
from mixenv.problem import Problem

MIXTURES = ("best", "hopeful", "unsure", "corner", "inside", "again")
LENGTHS = (1 / 39, 1 / 10, 1 / 3, 1.0)  # of the target's steps
SIZES = 4  # scales from the smallest to the target, evenly by rank
RUNGS = belief.RUNGS  # SIZES times the lengths
ACTIONS = len(MIXTURES) * RUNGS


class Offer(NamedTuple):
    """What can be chosen now: `mixtures` [6, d], and how they compare.

    `every` [n, d] are the candidates that they come from; `weight` [H] of the hypotheses; `range`
    [] of expected objectives over the candidates; `sure` [], `unsure` [] the sds of the best
    mixture and of the least certain one; `hope` [] the promise of the least lower bound.
    """

    mixtures: Any
    every: Any
    weight: Any
    range: Any
    sure: Any
    unsure: Any
    hope: Any


def offer(known: Belief, best: Any, last: Any, cap: Any, uniforms: Any, xp: Any = np) -> Offer:
    """The mixtures to choose from.

    `best` [d] is the one recommended so far, `last` [d] the last one; uniforms as `region.drawn`
    takes.
    """
    seen = belief.forecast(known, xp)
    candidates = region.drawn(uniforms, best, cap, xp)
    every = xp.concatenate([best[None], region.bowl(seen, cap, xp)[None], candidates])
    shown = belief.at_target(every, xp)
    values, sds = belief.mean(seen, shown), belief.deviation(seen, shown, xp)
    bound, least = values - sds, values.argmin()
    hopeful, unsure = every[bound.argmin()], every[sds.argmax()]
    chosen = [every[least], hopeful, unsure, candidates[0], candidates[region.CORNERS], last]
    return Offer(
        xp.stack(chosen), every, seen.weight, values.max() - values.min(), sds[least], sds.max(),
        values.min() - bound.min(),
    )  # fmt: skip


def recommended(
    known: Belief, offered: Offer, told: Any, several: Any, cap: Any, xp: Any = np
) -> Any:
    """The mixture [d] to train at the target, after what was `told` [d] of the mixtures offered.

    The best expected of the candidates, of the one told and of the bowl's; while there are not
    `several`, the one told.
    """
    seen = belief.forecast(known, xp)
    every = xp.concatenate([offered.every, told[None], region.bowl(seen, cap, xp)[None]])
    values = belief.mean(seen, belief.at_target(every, xp))
    return xp.where(several, every[values.argmin()], told)


def parts(action: Any) -> tuple[Any, Any, Any]:
    """Of an action's number: the mixture's, the scale's and the length's."""
    return action // RUNGS, action // len(LENGTHS) % SIZES, action % len(LENGTHS)


def rung(size: Any, length: Any) -> Any:
    """The place of a scale's and a length's number among the 16 counts."""
    return size * len(LENGTHS) + length


def rungs(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Indices [4] of the problem's scales, and [4] of its steps, that actions mean."""
    sizes = [i for i, s in enumerate(problem.scales) if s <= problem.target[0]]
    ranks = np.linspace(0, sizes[-1] if sizes else 0, SIZES)
    reach = [i for i, t in enumerate(problem.steps) if t <= problem.target[1]] or [0]
    steps = np.array(problem.steps, dtype=np.float64)[reach]
    lengths = [np.abs(steps - f * problem.target[1]).argmin() for f in LENGTHS]
    return np.rint(ranks).astype(np.int64), np.array(lengths, dtype=np.int64)
