"""Agents by name. One table; a name's module is imported only when the agent is made."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from agents.protocol import Agent
from mixenv.problem import Problem

AGENTS = {
    "random": "agents.sampling:Random",
    "random-logit": "agents.sampling:RandomLogit",
    "corners": "agents.corners:Corners",
    "hyperband": "agents.hyperband:Hyperband",
    "mfms-gp": "agents.mfms_gp:MFMSGP",
}


def names() -> tuple[str, ...]:
    """Names of the agents that `make` knows."""
    return tuple(AGENTS)


def make(name: str, problem: Problem, seed: int = 0) -> Agent:
    """Make an agent from its name, or from "module:Class" as `Class(problem, seed)`.

    Raises ValueError for an unknown name, a module that cannot be found and a class that it lacks.
    """
    return find(name)(problem, seed)


def find(name: str) -> Any:
    """The class that `name` stands for. Raises ValueError like `make`."""
    if name not in AGENTS and ":" not in name:
        raise ValueError(
            f"agent: expected one of {', '.join(AGENTS)}, or module:Class, got {name!r}"
        )
    module_name, _, class_name = AGENTS.get(name, name).partition(":")
    module = _import(name, module_name)
    if not hasattr(module, class_name):
        raise ValueError(
            f"agent {name!r}: expected a class {class_name!r} in {module_name}, got none; "
            "write module:Class"
        )
    return getattr(module, class_name)


def _import(name: str, module_name: str) -> Any:
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise  # the module is there; something that it imports is not
        raise ValueError(
            f"agent {name!r}: expected a module that can be imported, got {module_name!r}; "
            "install it or put its folder on PYTHONPATH"
        ) from error
