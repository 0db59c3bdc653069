"""What both implementations of PPO are given."""

from __future__ import annotations

from dataclasses import dataclass

HIDDEN = (64, 64)  # of policy and value each: Stable-Baselines3's own
CLIP, DISCOUNT, DECAY = 0.2, 0.99, 0.95


@dataclass(frozen=True)
class Recipe:
    """`episodes` at once, `length` steps a round, learned from `epochs` times in `batches` parts.

    `rounds` of them are one call.
    """

    episodes: int
    length: int
    epochs: int
    batches: int
    rounds: int = 1

    @property
    def steps(self) -> int:
        """Environment steps of a call."""
        return self.episodes * self.length * self.rounds
