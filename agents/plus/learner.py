"""What the runs told teach: hyper-parameters, fitted anew as the rows grow, and models."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.plus import companions
from agents.plus import model as models
from agents.plus.geometry import Geometry
from agents.plus.model import Model
from agents.plus.outputs import Outputs
from agents.plus.priors import Loadings, held, pooled, priors
from agents.plus.told import Told
from mixenv.problem import Experiment


class Learned(NamedTuple):
    """What the last fit found."""

    free: np.ndarray | None  # [M, p] hyper-parameters, once fitted
    fitted: int  # rows at the fit
    weights: np.ndarray  # [c] of the companions


class Learner:
    """Fits hyper-parameters to the rows told, and conditions a model on them.

    Maximum a posteriori, whenever the rows have grown by a fifth; `raced`: or those near the target
    have, as the many cheap rows of a race would hide that there are dear ones. In a race cheap runs
    are taken to rank mixtures as the target does, until `distrust`. Where several losses make the
    objective, how far they do is learned from all of these, see `agents.plus.priors.pooled`, as
    soon as the `designed` runs are told: the first of a design are of one scale, and do not show.
    """

    def __init__(
        self, geometry: Geometry, outputs: Outputs, told: Told, designed: int, *, raced: bool
    ) -> None:
        self._geometry, self._settings = geometry, geometry.settings
        self._outputs, self._told, self._raced = outputs, told, raced
        self._designed = designed
        self.alike = raced
        self._nothing = Learned(None, 0, np.zeros(len(outputs.companions)))
        self.learned = self._nothing
        self.forget()

    def forget(self) -> None:
        """Make models anew: there are other rows now."""
        self._models: dict[int, Model] = {}

    def distrust(self) -> None:
        """Learn afresh: cheap runs may rank mixtures any way."""
        if self.alike:
            self.alike, self.learned = False, self._nothing

    def update(self) -> None:
        """Fit again if the rows have grown enough."""
        if not self._due():
            return
        rows, weights = self._selected(), self.learned.weights
        if self._outputs.companions:
            weights = companions.regress(rows, self._geometry)
            rows = companions.separate(rows, weights)
        self.learned = Learned(self._learn(rows), len(self._told.rows), weights)

    def model(self, pending: list[Experiment]) -> Model:
        """The model given the pending; before the first fit, under the priors' means."""
        if len(pending) not in self._models:
            domains = self._told.rows.mixtures.shape[1]
            means, _ = priors(self._settings, domains, self._outputs.plain)
            free = self.learned.free
            free = np.tile(means, (self._outputs.count, 1)) if free is None else free
            self._models[len(pending)] = models.build(
                free, self._rows(), self._told.waiting(pending), self._geometry, self._outputs,
                self._settings,
            )  # fmt: skip
        return self._models[len(pending)]

    def _learn(self, rows: models.Rows) -> np.ndarray:
        """Free values [M, p], from the last ones; the first that are pooled after a fit alone."""
        free, fitted, _ = self.learned
        if not (self._pools and self._complete(len(self._told.rows))):
            return self._fit(free, rows, held(self._settings) if self.alike else None)
        start = free if self._complete(fitted) else None
        return self._fit(start, rows, pooled(self._fit(free, rows), self._settings))

    def _fit(
        self, start: np.ndarray | None, rows: models.Rows, loadings: Loadings | None = None
    ) -> np.ndarray:
        settings = self._settings
        return models.learn(
            start, rows, self._geometry, settings, self._outputs.doubt, self._outputs.plain,
            loadings,
        )  # fmt: skip

    @property
    def _pools(self) -> bool:
        """Whether outputs share the priors of their loadings."""
        settings = self._settings
        return settings.loadings and settings.pool_loadings and self._outputs.losses

    def _complete(self, rows: int) -> bool:
        """Whether the whole design is in the first rows told."""
        return rows > 0 and self._told.rows.runs[:rows].max() + 1 >= self._designed

    def _due(self) -> bool:
        told, settings, fitted = self._told, self._settings, self.learned.fitted
        rows = len(told.rows)
        if self.learned.free is None:
            enough = len(told.mixtures()) >= settings.ready_mixtures
            return enough and rows >= settings.ready_rows
        if self._raced and told.near_rows(rows) > told.near_rows(fitted) * settings.growth:
            return True
        if self._pools and self._complete(rows) and not self._complete(fitted):
            return True
        return rows >= fitted * settings.growth

    def _rows(self) -> models.Rows:
        """The rows that the model is made from, their values as it has them."""
        rows = self._selected()
        if not self._outputs.companions:
            return rows
        return companions.separate(rows, self._usable(rows, self.learned.weights))

    def _selected(self) -> models.Rows:
        return models.select(self._told.rows, self._geometry, self._outputs, self._settings)

    def _usable(self, rows: models.Rows, weights: np.ndarray) -> np.ndarray:
        """The weights; others, where a companion that counts is missing in some row."""
        usable = companions.usable(rows, weights)
        return weights if usable else companions.regress(rows, self._geometry)
