"""What the policy looks at: numbers that do not depend on units, domains or their order."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from agents.ppo.belief import HYPOTHESES, Belief
from agents.ppo.moves import LENGTHS, RUNGS, SIZES, Offer

WIDTH = 14 + HYPOTHESES + RUNGS + SIZES + len(LENGTHS)
START = 0.1  # target runs: costs below it are hardly told apart


class Books(NamedTuple):
    """What was bought: `spent` [] and `budget` [] in target runs, `counts` [16] of experiments.

    `last` [d] is the last mixture, `size` and `length` [] the numbers of its rung (before the
    first: equal shares and 0); `best` [d] is recommended now, `before` [d] was before that.
    """

    spent: Any
    budget: Any
    counts: Any
    last: Any
    size: Any
    length: Any
    best: Any
    before: Any


def look(known: Belief, books: Books, offer: Offer, xp: Any = np) -> Any:
    """The numbers [WIDTH]."""
    best, left = offer.mixtures[0], xp.maximum(books.budget - books.spent, 0.0)
    unit = offer.range + 1e-12
    count = books.counts.sum()
    some = xp.stack([
        xp.log((books.spent + START) / START) / 4, xp.log((left + START) / START) / 4,
        xp.log(books.budget / START) / 4, left / books.budget, xp.log1p(count) / 3,
        xp.minimum(left, 2.0) / 2, _small(offer.sure / unit, xp), _small(offer.unsure / unit, xp),
        _small(offer.hope / unit, xp), known.surprise / 5, _apart(best, books.before, xp),
        _apart(best, books.last, xp), _apart(best, 1 / best.shape[-1], xp),
        _apart(offer.mixtures[1], best, xp),
    ])  # fmt: skip
    at = [xp.arange(n) == i for n, i in ((SIZES, books.size), (len(LENGTHS), books.length))]
    began = (count > 0) * 1.0
    return xp.concatenate(
        [some, offer.weight, xp.log1p(books.counts) / 2, *(one * began for one in at)]
    )


def _small(ratio: Any, xp: Any) -> Any:
    """The logarithm of a ratio, from about -1 to 1."""
    return xp.clip(xp.log(ratio + 1e-4) / 4, -3.0, 1.5)


def _apart(one: Any, other: Any, xp: Any) -> Any:
    """Total variation of mixtures."""
    return 0.5 * xp.abs(one - other).sum()
