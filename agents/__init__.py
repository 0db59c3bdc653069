"""Agents that decide what to train next: ask, tell, recommend. Importing this imports no JAX."""

from agents.protocol import Agent
from agents.registry import make, names
from agents.rollout import rollout

__all__ = ["Agent", "make", "names", "rollout"]
