"""The sequence-model agent: a pretrained transformer imagines data not seen yet, and decides."""

from __future__ import annotations

from functools import partial
from os import PathLike

import numpy as np

from agents import mixtures as allowed_mixtures
from agents.asking import Asking
from agents.history import uniform
from agents.plus.candidates import Candidates
from agents.plus.design import design, fidelity
from agents.plus.outputs import Outputs
from agents.plus.queries import Limits, allowed
from agents.plus.told import Told
from agents.sequence import statefile, weights
from agents.sequence.policy import Situation, choose, shortlist
from agents.sequence.search import least
from agents.sequence.settings import Settings
from agents.sequence.view import View
from agents.sequence.weights import Weights
from mixenv.problem import Experiment, Outcome, Problem

_STREAM = 0x73657175  # "sequ"


class Sequence(Asking):
    """Decides by an autoregressive model of exchangeable sequences (Mittal et al., 2503.01215).

    Model: a two-stream transformer under a causal mask, trained beforehand on tasks drawn from
    `agents.sequence.prior`; the weights ship. It reads ends of runs, no curves: (mixture, scale,
    steps) and the objective, less a level for each scale and steps, in a unit in which it finds
    them likely. An aggregate is modelled as the one number it is.

    Design: as MFMS-GP+: extreme points, centroid and uniform mixtures at a cheap scale, three of
    them at a middle one. Decisions: of 64 candidates the least in one multi-step draw: outcomes
    are imagined at 24 of them at the target, one after another, and then the predictive means are
    read (Thompson sampling). 32 such draws split variance into what data would remove (means
    differ between draws) and noise; the candidate is trained at the scale and steps whose outcome
    removes most of its variance for cost + kappa x spent. Other rules (`Settings`) draw from the
    predictive distribution at once, noise included, and cannot tell the two apart.
    Recommends the least predictive mean at the target.

    More than five domains are read as five groups, of domains whose shares have like effects. Of
    more than 128 outcomes it reads the first 48 and the latest 80. Failed runs (NaN) are
    remembered: the mixture is not asked for again at that scale for some tells. Deterministic
    given problem, settings, weights and seed. Computes in float32.
    """

    def __init__(
        self,
        problem: Problem,
        seed: int,
        settings: Settings | None = None,
        weights: Weights | None = None,
    ) -> None:
        self.settings = Settings() if settings is None else settings
        self.problem, self.seed = problem, seed
        self._weights = weights
        shared = self.settings.shared
        self._candidates = Candidates(problem, shared)
        self._told = Told(problem, Outputs(problem.objective, shared), shared)
        super().__init__(design(problem, shared, np.random.default_rng([_STREAM, seed])))
        self._unit: float | None = None
        self._fitted = 0  # rows when the unit was chosen
        self._best = uniform(problem)  # recommended at the last decision
        self._forget()

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome."""
        self._resolve(experiment)
        self._told.add(experiment, outcome)
        self._forget()
        rows = len(self._told.rows)
        if self._knows and rows >= self._fitted * self.settings.growth:
            self._unit, self._fitted = None, rows
            self._unit = self._believed().unit

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the least predictive mean of the objective at the target.

        Until there are several outcomes of several mixtures the best seen, before that uniform
        shares.
        """
        if self._recommended is None:
            self._recommended = self._least()
        return self._recommended.copy()

    def predict(
        self, mixture: np.ndarray, scale: float, steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean [n] and sd [n] of the noise-free objective of mixtures [n, d] at (scale, steps).

        The sd is that of predictive means between multi-step draws. Raises ValueError before the
        first observation.
        """
        if not len(self._told.rows):
            raise ValueError("predict: expected at least one outcome told, got none; tell one")
        view, rng = self._believed(), self._rng(5)
        imagined = view.imagine(
            shortlist(view, self._around(self._best, 6), self.settings, rng), rng
        )
        return view.objective(np.atleast_2d(mixture), (float(scale), int(steps)), imagined)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the agent and its problem, without the weights, to one file for `load`."""
        statefile.write(path, statefile.Moment(
            self.problem, self.settings, self.seed, self._told.events, self._design, self._pending,
            [self._asked] if self._asked is not None else [], self._unit, self._fitted, self._best,
        ))  # fmt: skip

    @classmethod
    def load(cls, path: str | PathLike[str], weights: Weights | None = None) -> Sequence:
        """The agent that `save` wrote, with its weights. Raises ValueError for another file."""
        moment = statefile.read(path)
        agent = cls(moment.problem, moment.seed, moment.settings, weights)
        for experiment, outcome in moment.events:
            agent._told.add(experiment, outcome)
        agent._design, agent._pending = moment.design, moment.pending
        agent._asked = moment.asked[0] if moment.asked else None
        agent._unit, agent._fitted, agent._best = moment.unit, moment.fitted, moment.best
        return agent

    @property
    def _knows(self) -> bool:
        shared = self.settings.shared
        enough = len(self._told.mixtures()) >= shared.ready_mixtures
        return enough and len(self._told.rows) >= shared.ready_rows

    def _forget(self) -> None:
        self._asked = None
        self._view: View | None = None
        self._recommended: np.ndarray | None = None

    def _believed(self) -> View:
        if self._view is None:
            known = weights.default() if self._weights is None else self._weights
            self._view = View(self.problem, self.settings, known, self._told.rows, self._unit)
        return self._view

    def _rng(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng([_STREAM, self.seed, len(self._told), *purpose])

    def _around(self, centre: np.ndarray, purpose: int) -> np.ndarray:
        """Candidates at the target: anchors, mixtures already trained, and some near `centre`."""
        told = self._told.mixtures()[-self.settings.shared.told :]
        told = allowed_mixtures.fit(self.problem, told, self.problem.target[0])
        return self._candidates.around(centre, told, self._rng(purpose))

    def _least(self) -> np.ndarray:
        target = self.problem.target[0]
        if not self._knows:
            best = self._told.best()
            return allowed_mixtures.fit(self.problem, self._best if best is None else best, target)
        pool = allowed_mixtures.recorded(self.problem, target) is not None
        cap = None if pool else self.problem.max_share
        return least(self._believed(), self._around(self._best, 0), cap, self._rng(1))

    def _decide(self) -> Experiment:
        told, problem = self._told, self.problem
        self._best = self.recommend()
        rng, view = self._rng(2, len(self._pending)), self._believed()
        limits = Limits(self._pending, told.refused(), told.reached, problem.budget - told.spent)
        situation = Situation(
            problem,
            self.settings,
            shortlist(view, self._around(self._best, 3), self.settings, rng),
            told.open if told.resumes else {},
            lambda queries: allowed(problem, queries, limits),
            told.spent,
        )
        return choose(view, situation, rng)

    def _anything(self) -> Experiment:
        """A random mixture at a cheap fidelity, where nothing is known yet."""
        rng, shared = self._rng(4, len(self._pending)), self.settings.shared
        price = min(shared.cheap_price, shared.design_share * self.problem.budget)
        scale, steps = fidelity(self.problem, price, 1.0, shared)
        return Experiment(allowed_mixtures.draw(self.problem, scale, rng, 1)[0], scale, steps)


# The same, by single predictive draws.
SingleStep = partial(Sequence, settings=Settings(rule="single"))
