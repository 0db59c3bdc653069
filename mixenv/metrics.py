"""What a training run is measured by: losses in nats per token, accuracies as fractions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """One measured quantity of a run.

    `sign` is +1 where lower is better (a loss, nats per token) and -1 where higher is better (an
    accuracy, a fraction). `items` is the size of an accuracy's evaluation set, None for a loss.
    `evaluated` is False for a training loss, which no aggregate includes.
    """

    name: str
    sign: int = 1
    items: int | None = None
    evaluated: bool = True

    def __post_init__(self) -> None:
        if self.sign not in (1, -1):
            raise ValueError(
                f"metric {self.name!r}: expected sign +1 (lower is better) or -1 (higher is "
                f"better), got {self.sign!r}"
            )
        if self.items is not None and self.items < 1:
            raise ValueError(
                f"metric {self.name!r}: expected a positive number of evaluation items, "
                f"got {self.items!r}"
            )

    @property
    def is_loss(self) -> bool:
        """True for a loss that aggregates over losses include."""
        return self.sign == 1 and self.items is None and self.evaluated


def loss(name: str) -> Metric:
    """A validation loss in nats per token."""
    return Metric(name)


def accuracy(name: str, items: int) -> Metric:
    """An accuracy (fraction) over an evaluation set of `items` questions."""
    return Metric(name, sign=-1, items=items)


# The eleven metrics of the 472 SlimPajama runs, in the order of arXiv 2503.21023's simulator.
SLIMPAJAMA = (
    Metric("train_cross_entropy", evaluated=False),
    loss("common_crawl"),
    loss("c4"),
    loss("wikipedia"),
    loss("stack_exchange"),
    loss("github"),
    loss("arxiv"),
    loss("book"),
    accuracy("hellaswag", 10_042),
    accuracy("piqa", 1_838),
    accuracy("arc_easy", 2_376),
)
