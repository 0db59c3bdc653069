"""What the paper reports (arXiv 2503.21023): numbers to stand beside ours, none of them ours."""

from __future__ import annotations

# R^2 of predicting held-out runs, experiments E1 to E5 (Tables 1 and 2), 3 seeds.
PREDICTORS = {
    "wikipedia": (0.75, 0.96, 0.94, 0.73, 0.88),
    "arxiv": (0.68, 0.92, 0.93, 0.59, 0.82),
    "github": (0.66, 0.95, 0.95, 0.62, 0.87),
    "book": (0.83, 0.97, 0.97, 0.79, 0.92),
    "stack_exchange": (0.73, 0.95, 0.95, 0.68, 0.90),
    "common_crawl": (0.84, 0.98, 0.98, 0.81, 0.94),
    "c4": (0.86, 0.99, 0.98, 0.82, 0.95),
    "arc_easy": (0.92, 0.94, 0.94, 0.88, 0.90),
    "hellaswag": (0.97, 0.98, 0.97, 0.94, 0.96),
    "piqa": (0.94, 0.96, 0.96, 0.90, 0.93),
}

# R^2 and R^2 of logarithms, experiments E6 to E8 (Table 3).
BUDGETS = {"E6": (0.69, 0.74), "E7": (0.77, 0.82), "E8": (0.82, 0.85)}

# Which kernel Appendix E finds best, where it says.
_ACCURACY, _LOSS = "RBF", "TV, sometimes"
KERNELS = {
    "piqa": _ACCURACY, "arc_easy": _ACCURACY, "hellaswag": f"{_ACCURACY}; JSD, sometimes",
    "common_crawl": _LOSS, "wikipedia": _LOSS, "stack_exchange": _LOSS,
}  # fmt: skip


def predictor(metric: str) -> tuple[float, ...] | None:
    """The row of E1 to E5 of a metric, however a table spells its name; None where there is none.

    Other tables' runs are other runs: their row stands beside, it is not to be met.
    """
    same = {_plain(name): row for name, row in PREDICTORS.items()}
    return same.get(_plain(metric))


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
