"""mixenv: language-model pre-training runs as Gymnasium environments.

`import mixenv` registers the environments; `gymnasium.make("DataMixture-v0")` makes one.
"""

from __future__ import annotations

from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.metrics import Metric
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome, Problem
from mixenv.registration import FAMILIES, register
from mixenv.replica import replica
from mixenv.runs.table import RunTable
from mixenv.spaces import Simplex
from mixenv.surfaces import RecordedSurface, Surface, load_surface
from mixenv.task import Task

__version__ = "0.1.0"
__all__ = [
    "FAMILIES", "DataMixtureEnv", "Experiment", "Metric", "Objective", "Outcome", "Problem",
    "RecordedSurface", "RunTable", "Simplex", "Surface", "Task", "load_surface", "make_task",
    "replica",
]  # fmt: skip

register()
