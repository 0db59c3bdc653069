"""Where this differs from the paper, and why; printed at the end, whatever came out."""

from __future__ import annotations

from collections.abc import Sequence

SURFACES = {
    "surrogate": "The problems are played on mixenv's surrogate, which imitates the authors' "
    "published simulator (it ships; theirs must be fetched: --surface published). The paper's own "
    "curves come from that simulator too, not from the 472 runs: a network's opinion near corners.",
    "published": "The problems are played on the authors' published simulator, a network fitted to "
    "422 of the 472 runs: near corners, where most optima lie, it is the network's opinion.",
}
PROBLEMS = (
    "Hyperband is plain (eta 3, no model): the paper's is SMAC's, guided by a random forest, a "
    "stronger rival. SMAC is an extra: `mixenv bench --suite paper --agents smac,mfms-gp`.",
    "Mixtures are drawn uniformly from the whole simplex, as in the paper's curves; the authors' "
    "table of baselines limits them to softmax of [-3, 3]^5 (`mixenv bench --suite authors`).",
    "The budget is 16 target runs, so that the tables take minutes; the authors' table of "
    "baselines has 82. A baseline that would still improve has its best earlier than with more.",
    '"Faster to the best accuracy or loss" is read as the baseline\'s own best at the end of its '
    "budget, the median over seeds; the paper does not say which level it takes.",
    "A run that goes on pays the difference only, as training does; the paper does not say. Of "
    "these agents Hyperband gains by it, whose promotions go on.",
    "The full length is 19 500 steps, the last that the runs logged; the paper queries 19 700.",
    "MFMS-GP: scale and steps enter as logarithms, because with linear inputs it did worse here; "
    "log EI is climbed by projected Adam, all starts at once, which keeps the cap, not by "
    "L-BFGS-B; every fit starts from the same hyper-parameters.",
)
KERNELS = (
    "TV and JSD enter the RBF by their square roots. With the total variation or the divergence "
    "itself as the distance, the RBF is not positive definite (eigenvalues down to -0.9 and -2.9 "
    "over 265 mixtures of five domains), and a covariance has no Cholesky factor; the roots embed "
    "in a Hilbert space. The root of JSD is what is usually called its metric.",
    "Shares have 1e-8 added under the logarithms of JSD, so that its slope is finite at a share "
    "of 0; where two shares are equal, the slope of TV is 0.",
    "Appendix E's findings are words over curves; here any-time regret is compared, paired.",
)
PREDICTORS = (
    "SlimPajama-7 and RegMix are other people's runs: other domains, tokenizers and scales; the "
    "paper's numbers stand beside, to be compared in direction, not in level.",
    "The network has the layers of the paper's simulator (three of 64, ReLU, dropout 0.1); its "
    "training is ours: AdamW, as many steps for every experiment, mean of four networks.",
    "E1 to E5 learn and predict last metrics only; the paper does not say whether checkpoints "
    "join. The scale enters as a logarithm.",
    "Three ways of learning are shown: metrics as recorded, as the paper's simulator has them, "
    "where one network must also learn how levels fall with scale; and standardised within each "
    "scale. Where tables trained one mixture at several scales, which random mixtures never are, "
    "held-out mixtures are kept from the smaller scales too, and a third table lets them recur.",
    "Ten splits, not three seeds, and intervals that allow for their overlap.",
    "E6 to E8 hold out mixtures, not runs, and draw runs in pairs of one scale, so that few and "
    "many have the same FLOPs. R² within scales is added: over scales it is mostly the scale.",
)


def deviations(parts: Sequence[str], surface: str, missing: Sequence[str]) -> list[str]:
    """The lines that hold for what was played: some of "problems", "kernels", "predictors"."""
    lines = []
    if {"problems", "kernels"} & set(parts):
        lines += [SURFACES[surface], *PROBLEMS]
    if "kernels" in parts:
        lines += KERNELS
    if "predictors" in parts:
        lines += [*PREDICTORS, *(f"Not played: {line}." for line in missing)]
    return lines
