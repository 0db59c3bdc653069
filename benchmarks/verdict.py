"""Whether agents are worse than recorded, by a statistical bound over tasks and seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.01  # of calling any agent worse that is not
MARGIN = 0.01  # sd units: under it, a difference is another machine's rounding, or of no matter
Scores = dict[str, dict[str, list[float]]]  # by agent and task, one a seed


@dataclass(frozen=True)
class Verdict:
    """An agent's mean difference (now minus recorded, sd units), its bounds, and what they say."""

    agent: str
    pairs: int
    change: float
    low: float
    high: float

    @property
    def word(self) -> str:
        """ "worse", "better" or "same"."""
        if self.low > MARGIN:
            return "worse"
        return "better" if self.high < -MARGIN else "same"

    def __str__(self) -> str:
        return (
            f"{self.agent}: {self.word}; regret {self.change:+.4f} sd "
            f"[{self.low:+.4f}, {self.high:+.4f}] over {self.pairs} pairs"
        )


def compare(recorded: Scores, found: Scores) -> list[Verdict]:
    """A verdict an agent. Raises ValueError where agents, tasks or numbers of seeds differ."""
    shapes = [{(a, t): len(v) for a, by in s.items() for t, v in by.items()}
              for s in (recorded, found)]  # fmt: skip
    if shapes[0] != shapes[1]:
        wrong = sorted(set(shapes[0].items()) ^ set(shapes[1].items()))[0][0]
        raise ValueError(
            f"gate: expected the recorded agents, tasks and seeds, got others ({wrong[0]} on "
            f"{wrong[1]}); renew it with --renew"
        )
    level = LEVEL / len(recorded)
    return [_verdict(agent, recorded[agent], found[agent], level) for agent in recorded]


def _verdict(
    agent: str, recorded: Mapping[str, list[float]], found: Mapping[str, list[float]], level: float
) -> Verdict:
    change = np.concatenate([np.subtract(found[task], recorded[task]) for task in recorded])
    n, mean = len(change), float(change.mean())
    reach = 0.0
    if n > 1:
        reach = float(stats.t.ppf(1 - level, n - 1) * change.std(ddof=1) / np.sqrt(n))
    return Verdict(agent, n, mean, mean - reach, mean + reach)
