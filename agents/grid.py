"""Checkpoints of a problem's grid, by fraction of the target's steps."""

from __future__ import annotations

from mixenv.problem import Problem


def nearest_steps(problem: Problem, steps: float) -> int:
    """The checkpoint of the grid nearest to `steps` (the lower of two), at most the target's."""
    allowed = [t for t in problem.steps if t <= problem.target[1]]
    return min(allowed, key=lambda t: abs(t - steps))


def fraction_steps(problem: Problem, fraction: float) -> int:
    """The checkpoint nearest to a fraction of the target's steps."""
    return nearest_steps(problem, fraction * problem.target[1])


def ladder(problem: Problem, shortest: float, eta: int) -> tuple[int, ...]:
    """Rungs of steps, ascending: `shortest` (fraction of the target) times eta each, the target.

    Each is snapped to the grid; rungs that fall together count once.
    """
    rungs, target = set(), problem.target[1]
    steps = shortest * target
    while steps < target * (1 - 1e-9):
        rungs.add(nearest_steps(problem, steps))
        steps *= eta
    return tuple(sorted(rungs | {target}))
