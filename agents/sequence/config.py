"""The size of a network, frozen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    """A two-stream transformer over points of `inputs` features: `layers` x `width`, `heads`.

    `hidden` is the feed-forward width, `floor` the least sd that it predicts. Raises ValueError
    for a size under 1, heads that do not divide the width and a floor that is not positive.
    """

    inputs: int
    layers: int = 3
    width: int = 64
    heads: int = 4
    hidden: int = 128
    floor: float = 0.05

    def __post_init__(self) -> None:
        sizes = {n: getattr(self, n) for n in ("inputs", "layers", "width", "heads", "hidden")}
        for name, size in sizes.items():
            if size < 1:
                raise ValueError(f"{name}: expected at least 1, got {size}; choose a larger one")
        if self.width % self.heads:
            raise ValueError(
                f"heads: expected a divisor of the width {self.width}, got {self.heads}; "
                "choose 1, 2 or 4"
            )
        if not self.floor > 0:
            raise ValueError(f"floor: expected a positive sd, got {self.floor}; choose 0.05 or so")
