"""How the policy is trained: sizes, rates and the tasks, checked once."""

from __future__ import annotations

from dataclasses import dataclass, fields

from agents.ppo.losses import Rates


@dataclass(frozen=True)
class Settings:
    """Numbers of a training run.

    `tasks` are drawn with `seed` and played in `episodes` at once, `length` decisions a round; each
    round is learned from `epochs` times in `batches` parts. `most` experiments an episode; `steps`
    decisions in all, over which the `rate` of Adam falls to 0. Returns are undiscounted; `decay`
    is lambda of the advantages. Raises ValueError for a number that is not above 0.
    """

    seed: int = 0
    tasks: int = 8192
    episodes: int = 256
    length: int = 32
    most: int = 96
    steps: int = 8_000_000
    epochs: int = 3
    batches: int = 4
    rate: float = 1e-3
    discount: float = 1.0
    decay: float = 0.97
    clip: float = 0.2
    value: float = 0.5
    entropy: float = 0.002

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (value > 0 or (value == 0 and field.name in ("seed", "entropy"))):
                raise ValueError(f"{field.name}: expected a number above 0, got {value!r}")
        if self.episodes * self.length % self.batches:
            raise ValueError(
                f"batches: expected a divisor of {self.episodes} episodes x {self.length}, got "
                f"{self.batches}; change one of them"
            )

    @property
    def rates(self) -> Rates:
        """What the loss takes."""
        return Rates(self.clip, self.value, self.entropy)

    @property
    def rounds(self) -> int:
        """Rounds of playing and learning in all, at least one."""
        return max(1, self.steps // (self.episodes * self.length))


# A training run of seconds.
SMALL = {"tasks": 64, "episodes": 32, "length": 16, "most": 24, "steps": 20_000, "batches": 2}
