"""`check_task`: a task in, silence or a ValueError that lists what is wrong."""

from __future__ import annotations

import numpy as np

from mixenv import dynamics, simplex
from mixenv.checks.faults import Faults
from mixenv.checks.secrets import found_in
from mixenv.checks.surface import surface_faults
from mixenv.noise import Noise
from mixenv.task import Task
from mixenv.truth import AtTarget, Optimum

DRAWS = 4096
EPSILON = 1e-9
SPREAD = 3.0  # factor by which the sd of the draws may differ from the task's


def check_task(task: Task) -> None:
    """Check a task and its surface, on a few thousand mixtures drawn from its region.

    Checked: the surface, as `mixenv.check_surface` does; the optimum lies in the region and no draw
    beats it; regret is 0 there and never negative; the sd is positive and that of the draws (within
    a factor of 3); a full run at the target costs 1.0 and costs ascend; noise depends on seed and
    run alone; `task.problem`, which agents get, holds neither truth nor noise. Raises ValueError
    with a list of all that is wrong.
    """
    faults = Faults(f"task {task.metric!r} on {getattr(task.surface, 'name', task.surface)!r}")
    faults.found += [f"surface: {fault}" for fault in surface_faults(task.surface)]
    checks = {"truth": _truth, "costs": _costs, "noise": _noise, "problem": _problem}
    for what, check in checks.items():
        with faults.guard(what):
            check(faults, task)
    faults.report()


def _truth(faults: Faults, task: Task) -> None:
    """Optimum, regret and sd."""
    mixtures = task.region.sample(np.random.default_rng(12), DRAWS)
    values = task.objective(AtTarget(task.surface, task.target)(mixtures))
    if not faults.expect(np.isfinite(values).all(), "objective: expected finite values at target"):
        return
    optimum = task.optimum
    faults.expect(_inside(task, optimum.mixture), "optimum: expected a mixture of the region")
    with faults.guard("optimum"):
        reached = task.value(optimum.mixture)
        faults.expect(
            abs(reached - optimum.value) <= 1e-6 * task.sd,
            f"optimum: expected its value to be the surface's {reached:.9g}, "
            f"got {optimum.value:.9g}",
        )
        regret = task.regret(optimum.mixture)
        faults.expect(regret <= 1e-6 * task.sd, f"regret: expected 0 at the optimum, got {regret}")
    least = float(values.min())
    slack = EPSILON * max(1.0, abs(least))
    faults.expect(
        least >= optimum.value - slack,
        f"optimum: expected no random mixture to beat {optimum.value:.9g}, got {least:.9g}",
    )
    worst = min(task.regret(mixture) for mixture in mixtures[:64])
    faults.expect(worst >= 0, f"regret: expected at least 0, got {worst}")
    _sd(faults, task, float(np.std(values)))


def _sd(faults: Faults, task: Task, drawn: float) -> None:
    if not faults.expect(drawn > 0, "objective: expected it to vary over the region"):
        return
    sound = np.isfinite(task.sd) and drawn / SPREAD <= task.sd <= drawn * SPREAD
    faults.expect(sound, f"sd: expected about {drawn:.4g}, that of random mixtures, got {task.sd}")


def _inside(task: Task, mixture: np.ndarray) -> bool:
    if task.pool is not None:
        return bool((np.abs(task.region.reference() - mixture).max(axis=1) <= EPSILON).any())
    try:
        simplex.check_mixture(mixture, len(task.surface.domains), task.max_share)
    except ValueError:
        return False
    return True


def _costs(faults: Faults, task: Task) -> None:
    """1.0 at the target; positive, and no less for more steps."""
    full = task.cost(*task.target)
    faults.expect(abs(full - 1) <= EPSILON, f"cost: expected 1.0 of a run at target, got {full}")
    cost, shape = task.problem.cost, (len(task.scales), len(task.steps))
    if faults.expect(cost.shape == shape, f"problem.cost: expected {shape}, got {cost.shape}"):
        ascend = (cost > 0).all() and (np.diff(cost, axis=1) >= 0).all()
        faults.expect(ascend, "problem.cost: expected positive costs that ascend with the steps")
    least = dynamics.cheapest(task)
    faults.expect(
        least <= task.budget,
        f"budget: expected to pay the cheapest run, {least:.4g}, got too little",
    )


def _noise(faults: Faults, task: Task) -> None:
    """The noise of a run depends on the episode's seed and the run, not on what came before."""
    first, other = task.region.sample(np.random.default_rng(13), 64)[[0, -1]]
    scale = int(task.problem.cost[:, 0].argmin())

    def seen(seed: int, *before: np.ndarray) -> np.ndarray:
        state, done = dynamics.State((seed, 7)), None
        for mixture in (*before, first):
            state, done = dynamics.advance(task, state, mixture, scale, 0, np.empty(0, np.int64))
        return np.empty(0) if done is None else done.values

    alone, later = seen(1), seen(1, other)
    finite = bool(np.isfinite(alone).all())
    if not len(alone) or not faults.expect(finite, "noise: expected finite outcomes, got others"):
        return  # of a budget that pays for nothing, `_costs` tells
    faults.expect(np.array_equal(alone, seen(1)), "noise: expected the same outcome of one seed")
    same = not len(later) or np.array_equal(first, other) or np.array_equal(alone, later)
    faults.expect(same, "noise: expected the same outcome whatever came before")
    differs, off = not np.array_equal(alone, seen(2)), bool(task.noise_model.off)
    faults.expect(
        differs != off,
        f"noise: expected seeds to differ only where there is noise, got noise={task.noise!r} "
        f"and {'other' if differs else 'the same'} outcomes",
    )


def _problem(faults: Faults, task: Task) -> None:
    """Nothing that agents get leads to what is hidden from them."""
    for path in found_in(task.problem, (Task, Noise, Optimum), (task.surface,), task.optimum.value):
        faults.found.append(f"problem: expected neither truth nor noise, got it in {path}")
