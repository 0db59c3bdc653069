"""The data-mixing law: each metric an exponential of a linear function of the shares."""

from __future__ import annotations

import numpy as np

from agents.exponential import exponential
from agents.extrapolation import Extrapolation, Law, Seen


class MixingLaw(Extrapolation):
    """Data mixing laws (Ye et al., arXiv 2403.16952, eq. 7), fitted at the cheapest scale.

    L_i(r) = c_i + k_i exp(sum_j t_ij r_j), k_i of either sign, by nonlinear least squares from six
    starts, over up to 512 full-length runs at the cheapest scale; accuracies are fitted as they
    are. The mixture of the least predicted objective is recommended. The paper nests the law in
    scaling laws of steps and scale for every mixture; here, as in the comparisons of others, the
    ranking at the cheapest scale stands for that at the target (`ScalingLaw` fits all jointly).
    Above 1 024 observations the latest count.
    """

    def fit(self, seen: Seen) -> Law:
        """One exponential a metric."""
        full = seen.full()
        laws = [exponential(full.mixture, values) for values in full.values.T]
        return lambda mixture: np.stack([law(mixture) for law in laws], axis=1)
