"""MFMS-GP+ and MFMS-Thompson: a Gaussian process over mixture, scale and steps, for the target."""

from __future__ import annotations

from functools import partial
from os import PathLike

import numpy as np

from agents import mixtures as allowed_mixtures
from agents.asking import Asking
from agents.history import uniform
from agents.plus import state
from agents.plus.candidates import Candidates
from agents.plus.decide import Situation, decide
from agents.plus.design import begins_halfway, design, fidelity
from agents.plus.geometry import Geometry
from agents.plus.hedge import doubts, hedged
from agents.plus.learner import Learned, Learner
from agents.plus.outputs import Outputs
from agents.plus.queries import Limits, allowed, further
from agents.plus.race import Race
from agents.plus.settings import Settings
from agents.plus.told import Told
from agents.plus.trend import onward
from mixenv.problem import Experiment, Outcome, Problem

_STREAM = 0x706C7573  # "plus"


class MFMSPlus(Asking):
    """Sequential choice of mixture, scale and steps by a GP whose cheap runs may mislead.

    Model: for each metric in the objective an independent exact GP (an aggregate is modelled by its
    parts). An objective with an accuracy in it is taken apart into what the losses of the same run
    tell of it and the rest, see `agents.plus.companions`. A mixture's effect is linear in the
    shares plus a Matern-5/2, a length-scale a domain, over square roots of shares; what it is at
    another scale and steps is given by learned loadings on log scale and log steps, signs included
    (intrinsic coregionalisation, Goovaerts 1997; multi-fidelity as in Swersky et al. 2013 and
    Poloczek et al. 2017), plus a local part. Of a single metric that is no accuracy, scale and
    steps are bent there from their logarithms towards themselves, which differ more towards the
    target (input warping, Snoek et al. 2014), and a tenth of the effect is each place's own, so
    that cheap runs near the target never count as runs there; in a race loadings are held near 1,
    unless runs near the target show that cheap ones mislead. Several losses share how far they are
    held there, learned from all of them (empirical Bayes, Efron & Morris 1973). A quadratic trend
    in log scale and log steps is marginalised (Rasmussen & Williams 2006, section 2.7). Noise grows
    as compute falls, part of it common to a run's checkpoints. A run enters as its end and a few
    earlier checkpoints. Hyper-parameters are maximum a posteriori under log-normal priors, by
    L-BFGS-B from the last ones (slopes by JAX), whenever the rows have grown by a fifth.

    Design: extreme points of the region, centroid and uniform mixtures at a cheap scale, some of
    them again at a middle scale (classical mixture designs, Scheffe 1958, at paired fidelities).
    The largest of several losses is least inside the region: there extreme points and centroid at
    the cheapest scale, then the centroid and mixtures halfway to it in full at a large one; until
    these are told it recommends the best of them, as cheap runs may mislead.
    For one metric that is no accuracy, where any mixture can be trained, a race instead, see
    `agents.plus.race`: extreme points and midpoints of their edges, the best of them in longer and
    larger runs up to the target. A rough surface is not told by few runs, and a model of it may be
    far off where it is sure: so what a race began recommends only what was trained to the target.
    Decisions: the experiment of the largest value over its cost plus a part of what was spent:
    dearer queries as the search goes on. The value is the knowledge gradient of the objective at
    the target (Frazier, Powell & Dayanik 2009; cost-aware as in Wu et al. 2020) where that is one
    metric and no accuracy. It sees one run ahead: where noise, or the number of parts, lets no run
    alone change the recommendation, the value is how far the run tells apart where the optimum may
    be, see `agents.plus.gain.contrast_removed`. Both are of differences between mixtures, as if the
    level of each scale and steps were known: else the first run at a scale, which mostly shows the
    level, would never seem worth its price. Earlier runs may go on, at the price of the difference.
    After twenty decisions in a row without a run near the target one there is due: a model that
    cheap runs mislead would go on buying them. MFMS-Thompson draws the objective at the target
    jointly over the candidates, takes the least, and asks for what removes most variance there for
    its price. Recommends the least posterior mean of the objective at the target; before it has
    seen a dear run a mixture nearer to equal shares, and equal shares until the leader of a race
    has met them: cheap runs may rank mixtures the other way round, and then the one that they
    prefer is about the worst.

    Of `Settings` each idea can be switched off; there is how its numbers were chosen. Above 1 024
    rows (of M outputs, that over the cube root of M, which is as much work) the model keeps the
    half nearest to the target by compute and the best of the others, a trend removed. Failed runs
    (NaN) are remembered: the mixture is not asked for again at that scale for some tells.
    Deterministic given problem, settings and seed. JAX compiles once a bucket of rows, for the fit
    alone: the rest needs no slope, and NumPy computes each part of the covariance on distinct
    mixtures and distinct fidelities only.
    """

    def __init__(self, problem: Problem, seed: int, settings: Settings | None = None) -> None:
        self.settings = Settings() if settings is None else settings
        self.problem, self.seed = problem, seed
        self._geometry = Geometry(problem, self.settings)
        self._outputs = Outputs(problem.objective, self.settings, problem.metrics)
        self._candidates = Candidates(problem, self.settings)
        self._told = Told(problem, self._outputs, self.settings)
        rng = np.random.default_rng([_STREAM, seed])
        self._race = Race(problem, self.settings, rng) if self._races else None
        super().__init__(
            self._race.waiting() if self._race else design(problem, self.settings, rng)
        )
        self._designed = self._race.size if self._race else len(self._design)
        raced = self._race is not None
        self._learner = Learner(
            self._geometry, self._outputs, self._told, self._designed, raced=raced
        )
        self._best = uniform(problem)  # recommended at the last decision
        self._forget()

    def tell(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; fit again if the rows have grown enough."""
        self._resolve(experiment)
        self._take(experiment, outcome)
        self._forget()
        self._learner.update()

    def recommend(self) -> np.ndarray:
        """The mixture [d] of the least mean objective at the target; early on nearer equal shares.

        Until there are several rows of several mixtures the best seen, before that uniform shares.
        """
        leads, raced = self._leading(), self._race is not None
        if not doubts(self.problem, self.settings, self._told, raced):
            return leads
        return hedged(self.problem, self.settings, leads, raced)

    def predict(
        self, mixture: np.ndarray, scale: float, steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean [n] and sd [n] of the noise-free objective of mixtures [n, d] at (scale, steps).

        Of an accuracy the sd includes what the choice of its items adds, however many the runs.
        Raises ValueError before the first observation.
        """
        if not len(self._told.rows):
            raise ValueError("predict: expected at least one outcome told, got none; tell one")
        points = self._geometry.points(np.atleast_2d(mixture), scale, steps)
        mean, variance, _ = self._learner.model([]).predict(points)
        return mean, np.sqrt(variance)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the agent and its problem to one file, from which `load` goes on identically."""
        moment = state.Moment(
            self.problem, self.settings, self.seed, self._told.events, self._design, self._pending,
            [self._asked] if self._asked is not None else [], *self._learner.learned, self._best,
            self._recommended,
        )  # fmt: skip
        state.write(path, moment)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> MFMSPlus:
        """The agent that `save` wrote. Raises ValueError for another file."""
        moment = state.read(path)
        agent = cls(moment.problem, moment.seed, moment.settings)
        for experiment, outcome in moment.events:
            agent._take(experiment, outcome)
        agent._design, agent._pending = moment.design, moment.pending
        agent._asked = moment.asked[0] if moment.asked else None
        agent._learner.learned = Learned(moment.free, moment.fitted, moment.weights)
        agent._best, agent._recommended = moment.best, moment.recommended
        return agent

    @property
    def _races(self) -> bool:
        """Whether a race is the design: cheap runs of one loss compare any mixtures as they are."""
        return self.settings.race and self._outputs.plain and not self.problem.pools

    @property
    def _compares(self) -> bool:
        """Whether what was seen at the largest scale is trusted before the model: in the design."""
        return begins_halfway(self.problem, self.settings) and len(self._told) < self._designed

    def _take(self, experiment: Experiment, outcome: Outcome) -> None:
        """Record the outcome; where it ends a round of the race, the next one is the design.

        So is what is left of a round where a run asked for was not told but another in its place.
        """
        value = self._told.add(experiment, outcome)
        if self._race is None:
            return
        ahead = onward(self.problem, self.settings, experiment, outcome)
        goes_on = self._race.add(experiment, value, ahead)
        if self._race.misled:
            self._learner.distrust()
        if goes_on or not (self._design or self._pending):
            self._design = self._race.waiting()

    def _forget(self) -> None:
        self._asked = None
        self._learner.forget()
        self._recommended: np.ndarray | None = None

    @property
    def _knows(self) -> bool:
        return len(self._told.rows) > 0

    def _rng(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng([_STREAM, self.seed, len(self._told), *purpose])

    def _around(self, centre: np.ndarray, purpose: int) -> np.ndarray:
        """Candidates at the target: anchors, mixtures already trained, and some near `centre`."""
        told = self._told.mixtures()[-self.settings.told :]
        told = allowed_mixtures.fit(self.problem, told, self.problem.target[0])
        return self._candidates.around(centre, told, self._rng(purpose))

    def _incumbent(self) -> np.ndarray | None:
        """In a race its leader; after it the best, by the model, of what was trained to the target.

        The leader is among them however short a small budget kept its run. None without a race.
        """
        if self._race is None:
            return None
        leader, full = self._race.best, self._told.full_mixtures()
        if leader is None or not self._race.over or not len(full):
            return leader
        mixtures = np.concatenate([leader[None], full])
        mixtures = allowed_mixtures.fit(self.problem, mixtures, self.problem.target[0])
        mean = self._learner.model([]).compare(self._geometry.at_target(mixtures)).objective.mean
        return mixtures[mean.argmin()].copy()

    def _leading(self) -> np.ndarray:
        """What leads [d], whether or not it is trusted: decisions look around it."""
        if self._recommended is None:
            self._recommended = self._least()
        return self._recommended.copy()

    def _least(self) -> np.ndarray:
        incumbent = self._incumbent()
        if incumbent is not None:
            return incumbent
        if self._learner.learned.free is None or self._compares:
            best = self._told.best()
            best = self._best if best is None else best
            return allowed_mixtures.fit(self.problem, best, self.problem.target[0])
        starts = self._around(self._best, 0)
        return self._candidates.refine(self._learner.model([]), starts, self._rng(1))

    def _decide(self) -> Experiment:
        told, problem = self._told, self.problem
        self._best = self._leading()
        rng = self._rng(2, len(self._pending))
        left, due = problem.budget - told.spent, self._overdue
        limits = Limits(self._pending, told.refused(), told.reached, left, due)
        situation = Situation(
            problem,
            self.settings,
            self._around(self._best, 3),
            self._best,
            further(problem, told.open, self.settings) if self._resumes else [],
            lambda queries: allowed(problem, queries, limits),
            told.spent,
        )
        return decide(self._learner.model(self._pending), situation, rng)

    @property
    def _overdue(self) -> bool:
        """Whether too many decisions went by without a run near the target, asked or told."""
        decided = len(self._told) - self._designed
        late = min(self._told.since_near(), decided) >= self.settings.patience
        return late and not any(map(self._told.near, self._pending))

    @property
    def _resumes(self) -> bool:
        return self.settings.resume and self._told.resumes

    def _anything(self) -> Experiment:
        """A random mixture at a cheap fidelity, where nothing is known yet."""
        rng = self._rng(4, len(self._pending))
        price = min(self.settings.cheap_price, self.settings.design_share * self.problem.budget)
        scale, steps = fidelity(self.problem, price, 1.0, self.settings)
        return Experiment(allowed_mixtures.draw(self.problem, scale, rng, 1)[0], scale, steps)


# The same model, decided by Thompson sampling.
Thompson = partial(MFMSPlus, settings=Settings(rule="thompson"))
