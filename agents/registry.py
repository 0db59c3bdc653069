"""Agents by name. One table; a name's module is imported only when the agent is made."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from agents.protocol import Agent
from mixenv.problem import Problem

AGENTS = {
    "uniform": "agents.fixed:Uniform",
    "proportional": "agents.fixed:Proportional",
    "random": "agents.sampling:Random",
    "random-logit": "agents.sampling:RandomLogit",
    "sobol": "agents.sobol:Sobol",
    "grid": "agents.lattice:Grid",
    "transfer": "agents.transfer:Transfer",
    "corners": "agents.corners:Corners",
    "halving": "agents.halving:Halving",
    "hyperband": "agents.hyperband:Hyperband",
    "gp-single-scale": "agents.gp_single_scale:GPSingleScale",
    "regmix": "agents.regmix:RegMix",
    "regmix-boost": "agents.regmix_boost:RegMixBoost",
    "mixing-law": "agents.mixing_law:MixingLaw",
    "scaling-law": "agents.scaling_law:ScalingLaw",
    "mfms-gp": "agents.mfms_gp:MFMSGP",
    "mfms-gp-tv": "agents.mfms_gp:TotalVariation",
    "mfms-gp-jsd": "agents.mfms_gp:JensenShannon",
    "mfms-plus": "agents.mfms_plus:MFMSPlus",
    "mfms-thompson": "agents.mfms_plus:Thompson",
    "sequence": "agents.sequence_agent:Sequence",
    "sequence-single": "agents.sequence_agent:SingleStep",
    "ppo": "agents.ppo.agent:PPO",
    "smac": "agents.peers.smac:Smac",
    "botorch-mf": "agents.peers.botorch:BotorchMF",
    "optuna": "agents.peers.optuna:Optuna",
}
PEERS = {"smac": "smac", "botorch-mf": "botorch", "optuna": "optuna"}  # the library of each
NEEDS = {**PEERS, "regmix-boost": "sklearn"}  # what else than our dependencies an agent imports

ABLATED = "mfms-plus"  # also made as "mfms-plus[LABEL]", without the idea that LABEL names


def names() -> tuple[str, ...]:
    """Names of the agents that `make` knows; those of an extra only where its library is found."""
    return tuple(n for n in AGENTS if n not in NEEDS or find_spec(NEEDS[n]) is not None)


def make(name: str, problem: Problem, seed: int = 0) -> Agent:
    """Make an agent from its name, or from "module:Class" as `Class(problem, seed)`.

    Raises ValueError for an unknown name, a module that cannot be found and a class that it lacks.
    """
    return find(name)(problem, seed)


def find(name: str) -> Any:
    """The class that `name` stands for. Raises ValueError like `make`.

    "mfms-plus[LABEL]" is MFMS-GP+ without one idea: LABEL is one of `agents.plus.ABLATIONS`.
    """
    if name.startswith(f"{ABLATED}["):
        return _without(name)
    if name not in AGENTS and ":" not in name:
        raise ValueError(
            f"agent: expected one of {', '.join(names())}, or module:Class, got {name!r}"
        )
    module_name, _, class_name = AGENTS.get(name, name).partition(":")
    module = _import(name, module_name)
    if not hasattr(module, class_name):
        raise ValueError(
            f"agent {name!r}: expected a class {class_name!r} in {module_name}, got none; "
            "write module:Class"
        )
    return getattr(module, class_name)


def _without(name: str) -> Any:
    """MFMS-GP+ with the settings of the label in brackets."""
    plus, label = import_module("agents.plus"), name.removeprefix(f"{ABLATED}[").removesuffix("]")
    if label not in plus.ABLATIONS or not name.endswith("]"):
        known = ", ".join(f"{ABLATED}[{known}]" for known in plus.ABLATIONS)
        raise ValueError(f"agent: expected one of {known}, got {name!r}; choose a label")
    return partial(find(ABLATED), settings=plus.Settings(**plus.ABLATIONS[label]))


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
