"""The checker of tasks: silent on what is sound, and every fault planted is named."""

from __future__ import annotations

import numpy as np
import pytest
from checks_bowl import Bowl, changed, raising
from checks_tasks import (
    Broken,
    Dice,
    Memory,
    Nowhere,
    Same,
    bent,
    best,
    leaky,
    noisy,
    problem_with,
    task_on,
    wrongly_off,
)

from mixenv import FAMILIES, check_task
from mixenv.checks.task import DRAWS
from mixenv.make_task import make_task
from mixenv.surfaces.rows import RowsSurface
from mixenv.task import Task

TASKS = {
    "surface: metric_names: expected at least 1": lambda: task_on(
        Bowl(metric_names=("web", "web"))
    ),
    "optimum: expected a mixture of the region": lambda: bent(optimum=best([0.9, 0.1, 0.0])),
    "optimum: raised ValueError: mixture: expected shares": lambda: bent(
        optimum=best([0.9, 0.1, 0.0])
    ),
    "optimum: expected its value to be the surface's .*, got 1.5": lambda: bent(
        optimum=best([0.6, 0.3, 0.1], 1.5)
    ),
    r"optimum: expected no random mixture to beat .*, got 2\.06": lambda: bent(
        optimum=best([0.1, 0.3, 0.6])
    ),
    "regret: expected 0 at the optimum, got 0.3": lambda: bent(regret=lambda self, w: 0.3),
    "regret: expected at least 0, got -1": lambda: bent(regret=lambda self, w: -1.0),
    "sd: expected about .*, that of random mixtures, got 7": lambda: bent(sd=7.0),
    "sd: expected about .*, that of random mixtures, got -0": lambda: bent(sd=-0.1),
    "objective: expected it to vary over the region": lambda: bent(region=Nowhere(3, 0.7)),
    "objective: expected finite values at target": lambda: bent(
        objective=lambda self, values, xp=np: values[..., 0] * np.nan
    ),
    "cost: expected 1.0 of a run at target, got 2.0": lambda: bent(cost=lambda self, s, t: 2.0),
    r"problem.cost: expected \(2, 3\), got \(3, 2\)": lambda: problem_with(
        cost=lambda task, problem: problem.cost.T
    ),
    "problem.cost: expected positive costs that ascend": lambda: problem_with(
        cost=lambda task, problem: problem.cost[:, ::-1]
    ),
    "budget: expected to pay the cheapest run": lambda: task_on(Bowl(), budget=0.001),
    "noise: expected the same outcome of one seed": lambda: noisy(Dice),
    "noise: expected the same outcome whatever came before": lambda: noisy(Memory),
    "noise: expected seeds to differ only where .* noise='seed' and the same": lambda: noisy(Same),
    "noise: expected finite outcomes, got others": lambda: noisy(Broken),
    "noise: expected seeds to differ only where .* noise=0.0 and other": lambda: wrongly_off(),
    r"problem: .* got it in problem\.pools\['secret'\]": lambda: problem_with(
        pools=lambda task, problem: {"secret": task}
    ),
    r"problem: .* got it in problem\.objective\.__closure__": lambda: problem_with(
        objective=leaky
    ),
    r"problem: .* got it in problem\.pools\['best'\]": lambda: problem_with(
        pools=lambda task, problem: {"best": task.optimum.value}
    ),
    "costs: raised RuntimeError: no such query": lambda: bent(cost=raising),
}  # fmt: skip


def test_sound_tasks_pass(toy, recorded):
    check_task(task_on(Bowl()))
    check_task(task_on(Bowl(), noise=0.0))
    check_task(make_task(toy, max_share=0.5, metric="worst_loss", noise="0.5sd"))
    check_task(make_task(RowsSurface(recorded), metric="web"))
    assert DRAWS >= 1024


SHIPPED = [f for f in FAMILIES if f.ships and not {"instance"} & set(f.options)]


@pytest.mark.parametrize("family", SHIPPED[:2] + SHIPPED[-1:], ids=lambda f: f.id)
def test_tasks_that_ship_pass(family):
    import gymnasium as gym

    check_task(gym.make(family.id).unwrapped.task)


@pytest.mark.parametrize("fault", TASKS)
def test_a_fault_of_a_task_is_named(fault):
    with pytest.raises(ValueError, match=rf"task .*: \d+ wrong[^$]*\n- {fault}"):
        check_task(TASKS[fault]())


def test_an_optimum_off_a_pool_is_named(recorded):
    kind = changed(Task, optimum=best([0.3, 0.3, 0.4]))
    task = make_task(RowsSurface(recorded), metric="web")
    off = kind(**{name: getattr(task, name) for name in Task.__dataclass_fields__})
    with pytest.raises(ValueError, match="- optimum: expected a mixture of the region"):
        check_task(off)
