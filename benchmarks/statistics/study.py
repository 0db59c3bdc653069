"""What the statistics hold on scores whose truth is known: `python -m benchmarks.statistics.study`.

Synthetic scores only. Prints how often 95% intervals cover, at 20 seeds and 1 000 draws (a minute
of processor time), and how often a planted difference of 20% is found and one that is not there is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.statistics.interval import Interval, mean, median, share
from benchmarks.statistics.runs import interquartile_mean
from benchmarks.statistics.synthetic import SPREAD, Draw, episodes, lognormal, normal, regrets
from benchmarks.statistics.trial import covered, family, flagged

PLANTED = 1.2  # ratio of mean scores
TASKS = 13  # of the headline
AGENTS = 6  # of a table in which none differs


@dataclass(frozen=True)
class Rate:
    """How often something happened in `draws` draws, and between which shares it should."""

    name: str
    share: float
    draws: int
    expected: tuple[float, float] | None = None

    @property
    def met(self) -> bool | None:
        """Whether the share is where it should be; None where nothing is asked of it."""
        if self.expected is None:
            return None
        return self.expected[0] <= self.share <= self.expected[1]

    def __str__(self) -> str:
        error = float(np.sqrt(self.share * (1 - self.share) / self.draws))
        line = f"{self.name:<66} {self.share:6.1%} +- {error:.1%}"
        if self.expected is None:
            return line
        low, high = self.expected
        return f"{line}  expected {low:.0%} to {high:.0%}: {'yes' if self.met else 'NO'}"


def coverages(draws: int, seeds: int) -> list[Rate]:
    """Coverage of 95% intervals of means, medians, interquartile means and shares."""

    def rate(
        name: str,
        draw: Draw,
        truth: float,
        interval: Callable[[np.ndarray], Interval],
        expected: tuple[float, float] | None = None,
    ) -> Rate:
        found = covered(draw, truth, interval, draws=draws, seeds=seeds)
        return Rate(name, found, draws, expected)

    rows = [rate("mean, normal", normal, 0.0, mean, (0.93, 0.97))]
    for s in (0.25, 0.5, 1.0):
        truth = float(np.exp(s**2 / 2))
        rows.append(
            rate(f"mean, lognormal of sigma {s:g}", lognormal(s), truth, mean, (0.91, 0.98))
        )
    rows.append(rate("median, normal", normal, 0.0, median))
    rows.append(rate("median, lognormal of sigma 1", lognormal(1.0), 1.0, median))
    for tasks in (1, 3, TASKS):
        draw, truth = regrets(tasks)
        rows.append(rate(f"interquartile mean, {tasks} task(s)", draw, truth, _middle(tasks)))
    for p in (0.5, 0.95):
        name = f"share {p:.0%}, by episodes of 64 predictions that go together"
        rows.append(rate(name, episodes(p), p, share))
    return rows


def differences(draws: int, seeds: int) -> list[Rate]:
    """How often planted differences are found, and those that are not there."""
    find, rows = partial(flagged, draws=draws, seeds=seeds), []
    for s in (0.1, 0.2, SPREAD, 0.4):
        name, expected = f"20% difference found, own spread {s:.0%}, on one task", (0.95, 1.0)
        found = find(PLANTED, (s, s))
        rows.append(Rate(name, found, draws, expected if s == 0.1 else None))
    name = f"20% difference found, own spread {SPREAD:.0%}, on {TASKS} tasks"
    rows.append(Rate(name, find(PLANTED, tasks=TASKS), draws, (0.95, 1.0)))
    name = f"no difference, own spread {SPREAD:.0%}: flagged"
    rows.append(Rate(name, find(1.0), draws, (0.03, 0.07)))
    name = "no difference of means, own spreads 10% and 60%: flagged"
    rows.append(Rate(name, find(1.0, (0.1, 0.6)), draws))
    name = f"no difference among {AGENTS} agents, after Holm: any pair flagged"
    return [*rows, Rate(name, family(AGENTS, draws=draws, seeds=seeds), draws, (0.0, 0.07))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the study; return 1 where a rate is not where it should be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics.study")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=20, help="seeds a sample")
    options = parser.parse_args(arguments)
    print(f"Synthetic scores, {options.seeds} seeds, {options.draws} draws; +-: standard error")
    rates = []
    for title, part in (("Coverage of 95% intervals", coverages), ("Differences", differences)):
        print(f"\n{title}")
        found = part(options.draws, options.seeds)
        print("\n".join(map(str, found)), flush=True)
        rates += found
    return int(any(rate.met is False for rate in rates))


def _middle(tasks: int) -> Callable[[np.ndarray], Interval]:
    return lambda values: interquartile_mean(list(values.reshape(tasks, -1)))


if __name__ == "__main__":
    raise SystemExit(main())
