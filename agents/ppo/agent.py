"""`PPO`: the policy that ships, as an agent. NumPy alone; it learns nothing but about its task."""

from __future__ import annotations

from os import PathLike

import numpy as np

from agents import mixtures
from agents.history import uniform
from agents.ppo import belief, eventfile, look, moves, network, region
from agents.ppo.look import Books
from agents.ppo.weights import shipped_weights
from mixenv.problem import Experiment, Outcome, Problem

_STREAM = 0x70706F  # "ppo"


class PPO:
    """An amortised policy, trained by PPO on randomised synthetic tasks (`mixenv train-ppo`).

    It keeps a linear-Gaussian belief about the objective (`agents.ppo.belief`) and lets a small
    network choose, from what is believed and bought so far, one of 96 experiments: six mixtures
    (expected best, hopeful, unsure, an extreme point, a random one, the last again) at four scales
    and four lengths relative to the target (`agents.ppo.moves`). Actions are drawn from the policy,
    as in training; the draws hang on seed and number of outcomes, so what was told decides all.

    Recommends the mixture with the least expected objective at the target under the belief, among
    some tens of candidates around the last recommendation: a regression over all experiments of
    every scale, not the best one seen; while only one mixture was tried, that one. Mixtures are
    moved to the region (a pool: to the nearest recorded). A failed run counts as tried and teaches
    nothing. An observation costs the same whatever their number; above 1 024 nothing changes.
    """

    def __init__(self, problem: Problem, seed: int, weights: network.Weights | None = None) -> None:
        self.problem, self.seed = problem, seed
        self._weights = shipped_weights() if weights is None else weights
        self._sizes, self._lengths = moves.rungs(problem)
        self._known = belief.nothing(len(problem.domains))
        equal, zero = uniform(problem), np.zeros((), np.int64)
        self._books = Books(
            np.float64(0.0), np.float64(problem.budget), np.zeros(moves.RUNGS), equal, zero, zero,
            equal, equal,
        )  # fmt: skip
        self._events: list[tuple[Experiment, Outcome]] = []
        self._only: np.ndarray | None = None  # the first mixture that did not fail
        self._several = False
        self._decided: tuple[Experiment, moves.Offer] | None = None

    def ask(self) -> Experiment:
        """The policy's next experiment."""
        return self._decide()[0]

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Learn what an experiment showed, asked for or not; NaN metrics mean a failed run."""
        offer = self._decide()[1]
        self._events.append((experiment, outcome))
        value = float(self.problem.objective(np.asarray(outcome.metrics, dtype=np.float64)))
        best = self._books.best
        size, length = self._rung(experiment)
        if np.isfinite(value):
            best = self._learn(experiment, moves.rung(size, length), value, offer)
        counts = self._books.counts.copy()
        counts[moves.rung(size, length)] += 1
        self._books = Books(
            self._books.spent + float(np.nan_to_num(outcome.cost)), self._books.budget, counts,
            np.array(experiment.mixture), np.int64(size), np.int64(length), best, self._books.best,
        )  # fmt: skip
        self._decided = None

    def recommend(self) -> np.ndarray:
        """The mixture [d] expected to be best at the target."""
        if self._only is None:
            return uniform(self.problem)
        return mixtures.fit(self.problem, self._books.best, self.problem.target[0])

    def save(self, path: str | PathLike[str]) -> None:
        """Write the agent and its problem to one file, from which `load` goes on identically."""
        eventfile.write(path, self.problem, self.seed, self._events)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> PPO:
        """The agent that `save` wrote. Raises ValueError for another file."""
        problem, seed, events = eventfile.read(path)
        agent = cls(problem, seed)
        for experiment, outcome in events:
            agent.tell(experiment, outcome)
        return agent

    def _learn(
        self, experiment: Experiment, rung: int, value: float, offer: moves.Offer
    ) -> np.ndarray:
        """Update what is known; the mixture [d] to recommend."""
        (at, steps), mixture = self.problem.target, np.array(experiment.mixture, np.float64)
        self._known = belief.learn(
            self._known, mixture, experiment.scale / at, experiment.steps / steps, rung, value
        )
        if self._only is None:
            self._only = mixture
        self._several = self._several or not np.allclose(mixture, self._only, atol=1e-6)
        return moves.recommended(self._known, offer, mixture, self._several, self.problem.max_share)

    def _decide(self) -> tuple[Experiment, moves.Offer]:
        if self._decided is None:
            rng = np.random.default_rng([_STREAM, self.seed, len(self._events)])
            rows = region.CORNERS + region.INSIDE, len(self.problem.domains)
            books, cap = self._books, self.problem.max_share
            offer = moves.offer(
                self._known, books.best, books.last, cap, rng.uniform(1e-6, 1, rows)
            )
            logits = network.act(self._weights, look.look(self._known, books, offer))[0]
            chance = rng.gumbel(size=len(logits))  # the largest sum is a draw from the policy
            self._decided = self._experiment(offer, int((logits + chance).argmax())), offer
        return self._decided

    def _experiment(self, offer: moves.Offer, action: int) -> Experiment:
        which, size, length = moves.parts(action)
        scale = self.problem.scales[self._sizes[size]]
        steps = self.problem.steps[self._lengths[length]]
        mixture = offer.mixtures[which]
        if which == moves.MIXTURES.index("again"):  # as it was, or its run would not go on
            return Experiment(mixtures.fit(self.problem, self._books.last, scale), scale, steps)
        return Experiment(mixtures.fit(self.problem, mixture, scale), scale, steps)

    def _rung(self, experiment: Experiment) -> tuple[int, int]:
        """The numbers of the scale and of the length nearest to an experiment's."""
        scales, steps = np.array(self.problem.scales), np.array(self.problem.steps, np.float64)
        size = np.abs(np.log(scales[self._sizes] / experiment.scale)).argmin()
        length = np.abs(np.log(steps[self._lengths] / experiment.steps)).argmin()
        return int(size), int(length)
