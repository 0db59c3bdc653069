"""mixenv: language-model pre-training runs as Gymnasium environments.

`import mixenv` registers the environments; `gymnasium.make("DataMixture-v0")` makes one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mixenv import wrappers
from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.metrics import Metric
from mixenv.objective import Objective
from mixenv.problem import Experiment, Outcome, Problem
from mixenv.registration import FAMILIES, register
from mixenv.replica import replica
from mixenv.runs import read_table
from mixenv.runs.problems import TableError
from mixenv.runs.table import RunTable
from mixenv.spaces import Simplex
from mixenv.surfaces import RecordedSurface, Surface, load_surface
from mixenv.task import Task, load_task

if TYPE_CHECKING:
    from mixenv.checks import check_surface, check_task
    from mixenv.surfaces.fitted import FittedSurface
    from mixenv.surfaces.fitting import fit_surface

__version__ = "0.1.0"
__all__ = [
    "FAMILIES", "DataMixtureEnv", "Experiment", "FittedSurface", "Metric", "Objective", "Outcome",
    "Problem", "RecordedSurface", "RunTable", "Simplex", "Surface", "TableError", "Task",
    "check_surface", "check_task", "fit_surface", "load_surface", "load_task", "make_task",
    "read_table", "replica", "wrappers",
]  # fmt: skip

# Imported when first asked for: few need them, or they need parts of SciPy, slow to import.
_LATER = {
    "check_surface": "mixenv.checks",
    "check_task": "mixenv.checks",
    "FittedSurface": "mixenv.surfaces.fitted",
    "fit_surface": "mixenv.surfaces.fitting",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'mixenv' has no attribute {name!r}")


register()
