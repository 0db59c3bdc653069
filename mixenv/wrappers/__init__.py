"""Views of the environments for libraries that want flat or discrete actions.

Each wraps an environment whose action is a Dict with a mixture, and can be rebuilt from its spec.
For a flat observation use `gymnasium.wrappers.FlattenObservation`, which needs nothing of ours.
"""

from mixenv.wrappers.arms import DiscreteArms
from mixenv.wrappers.fixed import FixedScale, FixedSteps
from mixenv.wrappers.flat import FlatAction
from mixenv.wrappers.multi import MultiDiscreteAction
from mixenv.wrappers.reward import NormalisedReward

__all__ = [
    "DiscreteArms", "FixedScale", "FixedSteps", "FlatAction", "MultiDiscreteAction",
    "NormalisedReward",
]  # fmt: skip
