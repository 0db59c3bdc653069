"""RegMix: regress each metric on the shares of many cheap runs."""

from __future__ import annotations

import numpy as np

from agents.extrapolation import Extrapolation, Law, Seen
from agents.ridge import ridge


class RegMix(Extrapolation):
    """RegMix (Liu et al., arXiv 2407.01492, section 3) with its linear regression.

    512 full-length runs at the cheapest scale, uniform over the region; for each metric a ridge
    regression on the shares, on those and their products in pairs, or on their square roots too:
    whichever, with its penalty, predicts runs left out best. (The paper has the first; its bias
    near the border, where optima are, is large.) The mixture of the least predicted objective is
    recommended. Metrics are fitted as they are, accuracies too: over a region they vary too little
    for a logit to bend. It is the ranking that is extrapolated, not the level: it holds as far as
    ranks at the cheapest scale hold at the target. Above 1 024 observations the latest count.
    """

    def fit(self, seen: Seen) -> Law:
        """One ridge a metric."""
        full = seen.full()
        fits = ridge(full.mixture, full.values)
        return lambda mixture: np.stack([fit(mixture) for fit in fits], axis=1)
