"""Statistics over seeds and tasks: pure functions over arrays, 95% intervals with what they hold.

`python -m benchmarks.statistics.study` measures, on scores whose truth is known, how often the
intervals cover and how often a planted difference is found.
"""

from benchmarks.statistics.comparison import Comparison, compare, holm, sign_flips
from benchmarks.statistics.costs import LEAST_COST, PENALTY, Costs, arrivals, quotient, ratio
from benchmarks.statistics.coverage import LEVELS, Coverage, coverage
from benchmarks.statistics.interval import FEW, TOO_FEW, Band, Interval, mean, median, share
from benchmarks.statistics.rank import Ranks, nemenyi, ranks
from benchmarks.statistics.resample import RESAMPLES
from benchmarks.statistics.runs import improvement, interquartile_mean, profile

__all__ = [
    "FEW", "LEAST_COST", "LEVELS", "PENALTY", "RESAMPLES", "TOO_FEW",
    "Band", "Comparison", "Costs", "Coverage", "Interval", "Ranks",
    "arrivals", "compare", "coverage", "holm", "improvement", "interquartile_mean", "mean",
    "median", "nemenyi", "profile", "quotient", "ranks", "ratio", "share", "sign_flips",
]  # fmt: skip
