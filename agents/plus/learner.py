"""What the runs told teach: hyper-parameters, fitted anew as the rows grow, and models."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.plus import companions
from agents.plus import model as models
from agents.plus.geometry import Geometry
from agents.plus.model import Model
from agents.plus.outputs import Outputs
from agents.plus.priors import priors
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
    are taken at their word, see `agents.plus.priors.priors`, until `distrust`.
    """

    def __init__(self, geometry: Geometry, outputs: Outputs, told: Told, *, raced: bool) -> None:
        self._geometry, self._settings = geometry, geometry.settings
        self._outputs, self._told, self._raced = outputs, told, raced
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
        free = models.learn(
            self.learned.free, rows, self._geometry, self._settings, self._outputs.doubt,
            self._outputs.plain, self.alike,
        )  # fmt: skip
        self.learned = Learned(free, len(self._told.rows), weights)

    def model(self, pending: list[Experiment]) -> Model:
        """The model given the pending; before the first fit, under the priors' means."""
        if len(pending) not in self._models:
            domains = self._told.rows.mixtures.shape[1]
            means, _ = priors(self._settings, domains, self._outputs.plain, self.alike)
            free = self.learned.free
            free = np.tile(means, (self._outputs.count, 1)) if free is None else free
            self._models[len(pending)] = models.build(
                free, self._rows(), self._told.waiting(pending), self._geometry, self._outputs,
                self._settings,
            )  # fmt: skip
        return self._models[len(pending)]

    def _due(self) -> bool:
        told, settings, fitted = self._told, self._settings, self.learned.fitted
        rows = len(told.rows)
        if self.learned.free is None:
            enough = len(told.mixtures()) >= settings.ready_mixtures
            return enough and rows >= settings.ready_rows
        if self._raced and told.near_rows(rows) > told.near_rows(fitted) * settings.growth:
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
