"""How much is trained and played: the full table, or a quick look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Sizes that measures read. `quick` says which rows a look cannot judge."""

    quick: bool
    steps: int  # of training on the one-dimensional process
    means_steps: int  # of training on arms and regions
    space_steps: int  # of training in each dimension
    layers: int
    width: int
    tasks: int  # test tasks of the process
    runs: int  # of the two-arm bandit
    learners: int  # of active learning
    bandits: int  # of the candidate mixtures, a task and noise
    rivals: int  # of them, played by MFMS-GP+ too
    dimensions: tuple[int, ...]
    space_tasks: int
    space_runs: int


FULL = Effort(
    quick=False, steps=3000, means_steps=2000, space_steps=2000, layers=3, width=64,
    tasks=2000, runs=1000, learners=24, bandits=20, rivals=3,
    dimensions=(1, 4, 8, 16), space_tasks=64, space_runs=64,
)  # fmt: skip
QUICK = Effort(
    quick=True, steps=100, means_steps=150, space_steps=50, layers=2, width=32,
    tasks=400, runs=40, learners=4, bandits=5, rivals=0,
    dimensions=(1,), space_tasks=16, space_runs=16,
)  # fmt: skip
_WORDS = {
    "steps": "steps of training on the process", "means_steps": "on arms and regions",
    "space_steps": "in each dimension", "layers": "layers", "width": "width",
    "dimensions": "dimensions", "tasks": "test tasks", "runs": "runs of C4",
    "learners": "of C5", "bandits": "episodes a task of C6", "rivals": "of them by a rival",
    "space_tasks": "tasks of C10", "space_runs": "runs of C10",
}  # fmt: skip


def smaller() -> str:
    """What a quick look has less of, and how much less, in words."""
    return ", ".join(
        f"{words} {_shown(getattr(QUICK, name))} for {_shown(getattr(FULL, name))}"
        for name, words in _WORDS.items()
    )


def _shown(size: int | tuple[int, ...]) -> str:
    return "/".join(map(str, size)) if isinstance(size, tuple) else str(size)
