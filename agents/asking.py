"""What an agent that plans ahead asks for: of its design, then by decisions; also in batches."""

from __future__ import annotations

from abc import ABC, abstractmethod

from agents.history import same_run
from mixenv.problem import Experiment

_TRIES = 50


class Asking(ABC):
    """Keeps a `design`, what is pending and what was asked last; subclasses decide what follows."""

    def __init__(self, design: list[Experiment]) -> None:
        self._design = design  # not asked for yet
        self._pending: list[Experiment] = []
        self._asked: Experiment | None = None

    @property
    @abstractmethod
    def _knows(self) -> bool:
        """Whether enough was told to decide by."""

    @abstractmethod
    def _decide(self) -> Experiment:
        """The next experiment once the design is done."""

    @abstractmethod
    def _anything(self) -> Experiment:
        """A random experiment: nothing is known, or a decision would repeat what is pending."""

    def ask(self) -> Experiment:
        """The next experiment, given those pending: of the design, then by decision."""
        if self._asked is None:
            self._asked = self._suggest()
        return self._asked

    def ask_batch(self, k: int) -> list[Experiment]:
        """`k` further experiments, each given the earlier ones; all pending until told.

        Distinct, and from what is pending, as far as the grid has so many. Raises ValueError for
        a `k` under 1.
        """
        if k < 1:
            raise ValueError(f"ask_batch: expected at least 1 experiment, got {k}; ask for more")
        batch = []
        for _ in range(k):
            chosen = self._suggest()
            batch.append(chosen)
            self._pending.append(chosen)
            self._asked = None
        return batch

    def _resolve(self, told: Experiment) -> None:
        """Take what was told off the lists; also what was asked, whatever came of it."""
        waiting = [e for e in self._pending if same_run(told, e)]
        if waiting:
            nearest = min(waiting, key=lambda e: abs(e.steps - told.steps))
            self._pending = [e for e in self._pending if e is not nearest]
        done = (told, self._asked) if self._asked is not None else (told,)
        self._design = [e for e in self._design if not any(same_run(d, e) for d in done)]

    def _suggest(self) -> Experiment:
        waiting = [e for e in self._design if not any(same_run(e, p) for p in self._pending)]
        if waiting:
            return waiting[0]
        chosen = self._decide() if self._knows else self._anything()
        for _ in range(_TRIES):
            if not any(same_run(chosen, p) and chosen.steps == p.steps for p in self._pending):
                break
            chosen = self._anything()
        return chosen
