"""Every number and switch of the sequence agent in one frozen record."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from agents import plus

RULES = ("multi", "single", "greedy", "ucb")
BUCKETS = (64, 128)  # of tokens: what is fewer is padded, so that few sizes compile


def _shared() -> plus.Settings:
    """What the design, the bookkeeping and the candidates share with MFMS-GP+."""
    return plus.Settings(
        parts=False, curve_points=0, middle_price=0.075, middle_fraction=1.0, near_each=20,
        halfway=False,
    )  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """How the sequence agent decides. Prices in target runs, steps as fractions of the target's.

    Raises ValueError for an unknown `rule` and for a number that is not finite or under 0.
    """

    rule: str = "multi"  # Thompson by multi-step draws; "single" draw, "greedy" mean, "ucb"
    anchors: int = 24  # imagined outcomes a draw
    draws: int = 32
    candidates: int = 64  # mixtures among which a decision is made
    tokens: int = 128  # outcomes that the network is shown, at most
    width: float = 1.0  # of "ucb": mean less so many sds
    kappa: float = 0.3  # a decision divides by cost + kappa x spent so far
    fractions: tuple[float, ...] = (1.0, 0.5, 0.25)  # of steps, at the target's scale
    elsewhere: tuple[float, ...] = (1.0,)  # at other scales
    growth: float = 1.2  # of the outcomes, before the unit is chosen again
    shared: plus.Settings = field(default_factory=_shared)

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(
                f"rule: expected one of {', '.join(RULES)}, got {self.rule!r}; choose one"
            )
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, int | float) and not 0 <= value < float("inf"):
                raise ValueError(
                    f"{each.name}: expected a finite number of at least 0, got {value!r}; "
                    "choose another"
                )
        if self.draws < 2:
            raise ValueError(
                f"draws: expected at least 2, got {self.draws}; a variance needs as many"
            )
        if self.tokens > BUCKETS[-1]:
            raise ValueError(
                f"tokens: expected at most {BUCKETS[-1]}, got {self.tokens}; show fewer"
            )
