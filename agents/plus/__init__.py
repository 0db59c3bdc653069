"""MFMS-GP+: what its agents are made of. Importing this imports no JAX."""

from agents.plus.settings import ABLATIONS, Settings

__all__ = ["ABLATIONS", "Settings"]
