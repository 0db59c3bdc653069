"""The suites: which tasks, which agents and how many seeds a benchmark plays.

A task is a label and the JSON-able options of `mixenv.make_task`; costs and budgets are in target
runs. The commands iterate over `SUITES`; a user's choices make a changed copy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.suite import Suite, TaskSpec
from mixenv.metrics import SLIMPAJAMA
from mixenv.objective import AGGREGATES
from mixenv.registration import FAMILIES

__all__ = ["SUITES", "Suite", "TaskSpec"]

METRICS = tuple(m.name for m in SLIMPAJAMA if m.evaluated)
LOSSES = tuple(m.name for m in SLIMPAJAMA if m.is_loss)
ALL = (*METRICS, *AGGREGATES)
AGENTS = ("random", "corners", "hyperband", "mfms-gp")
BASELINES = (  # cheap to play: no Gaussian process, nothing but our own dependencies
    "uniform", "proportional", "random", "random-logit", "sobol", "grid", "transfer", "corners",
    "halving", "hyperband", "regmix", "mixing-law", "scaling-law",
)  # fmt: skip
EVERY = (
    *BASELINES, "gp-single-scale", "mfms-gp", "mfms-plus", "sequence", "sequence-single", "ppo",
)  # fmt: skip
GROUPS = {"baselines": BASELINES}  # what `--agents` may name in place of agents
CAPPED: dict[str, Any] = {"surface": "surrogate", "max_share": 0.5, "noise": "seed"}
WHOLE: dict[str, Any] = {"surface": "surrogate", "max_share": 1.0, "noise": 0.0}
PUBLISHED: dict[str, Any] = {**WHOLE, "surface": "published"}
IN_FULL = "/full"  # ends the label of a task where nothing is resumed: runs are paid in full
LEVELS = (0.0, "seed", 2.0, "0.5sd", "1sd", "heteroscedastic")
# Synthetic surfaces from faithful to deceptive: kind, or rank correlation of the smallest scale.
SYNTHETIC = {"easy": 3, "0.5": 2, "0.0": 2, "deceptive": 3}  # instances of each
TRANSFERS = (0.95, 0.7, 0.4, 0.2, 0.0, -0.2, -0.4, -0.6, -0.8, -0.95, 0.9, -0.9)
HELDOUT_FROM = 1000  # the first instance of the suite heldout
DECEPTIVE = range(46, 49)  # instances; the race was chosen on 0 to 9, and in view of 40 to 45
HELDOUT_METRICS: tuple[tuple[str, Any], ...] = (
    ("mean_loss", "mean_loss"), ("loss_1", "loss_1"), ("loss_2", "loss_2"),
    ("sum", {"loss_1": 0.6, "loss_2": 0.1, "loss_3": 0.3}),
)  # fmt: skip
HELDOUT_NOISES = ("seed", "0.5sd", "heteroscedastic", "seed")
REAL = ("DataMixturePile-v0", "DataMixtureInstruct-v0", "DataMixtureSlimPajama7-v0")


def tasks(metrics: Sequence[str], options: dict[str, Any], budget: float) -> tuple[TaskSpec, ...]:
    """One task a metric, with the same options and budget."""
    return tuple(TaskSpec(m, {"metric": m, "budget": budget, **options}) for m in metrics)


def paid_in_full(specs: Sequence[TaskSpec]) -> tuple[TaskSpec, ...]:
    """The same tasks without resuming: whoever asks for more steps pays for all of them."""
    return tuple(
        replace(t, label=t.label + IN_FULL, options={**t.options, "resume": False}) for t in specs
    )


def noisy(metrics: Sequence[str], budget: float) -> tuple[TaskSpec, ...]:
    """Each metric at each level of noise; labels carry the level."""
    return tuple(
        replace(t, label=f"{t.label}/noise-{level if isinstance(level, str) else f'{level:g}'}")
        for level in LEVELS
        for t in tasks(metrics, {**CAPPED, "noise": level}, budget)
    )


def synthetic(budget: float) -> tuple[TaskSpec, ...]:
    """Mean loss on several instances of synthetic surfaces, from faithful to deceptive."""
    return tuple(
        TaskSpec(
            f"{kind if kind.isalpha() else f'transfer-{kind}'}/{instance}",
            {**CAPPED, "surface": f"synthetic:{kind}:5:{instance}", "budget": budget},
        )
        for kind, count in SYNTHETIC.items()
        for instance in range(count)
    )


def deceptive(budget: float) -> tuple[TaskSpec, ...]:
    """Single losses of synthetic surfaces whose small runs rank mixtures the other way round.

    Instances apart from those of `synthetic`.
    """
    return tuple(
        TaskSpec(
            f"{instance}/{metric}",
            {**CAPPED, "surface": f"synthetic:deceptive:5:{instance}", "metric": metric,
             "budget": budget},
        )
        for instance in DECEPTIVE
        for metric in ("loss_1", "loss_2", "loss_3")
    )  # fmt: skip


def heldout(budget: float) -> tuple[TaskSpec, ...]:
    """Tasks such as `ppo` was trained on, on surfaces held out: transfer, objective and noise vary.

    Instances lie below `mixenv.synthetic_tasks.HELD_OUT`, from which no training task is drawn, and
    apart from those of `synthetic`.
    """
    return tuple(
        TaskSpec(
            f"{name}/transfer{transfer:+g}/noise-{noise}",
            {
                **CAPPED, "surface": f"synthetic:{transfer}:5:{HELDOUT_FROM + i}", "metric": metric,
                "noise": noise, "budget": budget,
            },
        )
        for i, (transfer, (name, metric), noise) in enumerate(
            zip(TRANSFERS, 3 * HELDOUT_METRICS, 3 * HELDOUT_NOISES, strict=True)
        )
    )  # fmt: skip


def recorded(budget: float) -> tuple[TaskSpec, ...]:
    """The environments of recorded runs, as registered."""
    families = {family.id: family for family in FAMILIES}
    return tuple(
        TaskSpec(
            id.removeprefix("DataMixture").removesuffix("-v0").lower(),
            json.loads(json.dumps({**families[id].options, "budget": budget})),  # no tuples
        )
        for id in REAL
    )


def distinct(specs: Sequence[TaskSpec]) -> tuple[TaskSpec, ...]:
    """Those of the tasks whose options differ from those of every earlier one."""
    return tuple(t for i, t in enumerate(specs) if t.options not in [s.options for s in specs[:i]])


MAIN = tasks(ALL, CAPPED, 60.0)
NOISE = noisy(("mean_loss", "stack_exchange"), 60.0)
TRANSFER = (
    *synthetic(60.0), *tasks(("book", "piqa", "worst_loss", "arxiv", "hellaswag"), CAPPED, 60.0)
)  # fmt: skip

SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            "quick",
            "three tasks with shares capped at 0.5: a first look in minutes",
            tasks(("mean_loss", "hellaswag", "stack_exchange"), CAPPED, 16.0),
            AGENTS,
            seeds=20,
        ),
        Suite(
            "main",
            "the headline: ten metrics and three aggregates, shares capped at 0.5",
            MAIN,
            EVERY,
            seeds=20,
        ),
        Suite(
            "paper",
            "the paper's problems: single metrics over the whole simplex, without noise",
            tasks(METRICS, WHOLE, 16.0),
            AGENTS,
            seeds=10,
        ),
        Suite(
            "noise",
            "two tasks under noise from none to as large as the signal, and of two levels",
            NOISE,
            EVERY,
            seeds=20,
        ),
        Suite(
            "transfer",
            "from tasks whose small runs rank mixtures as the target does to deceptive ones",
            TRANSFER,
            EVERY,
            seeds=20,
        ),
        Suite(
            "deceptive",
            "single losses of synthetic surfaces whose small runs rank the other way round",
            deceptive(16.0),
            (*AGENTS, "mfms-plus"),
            seeds=20,
        ),
        Suite(
            "heldout",
            "synthetic tasks held out from training: any transfer, objectives and noise",
            heldout(16.0),
            ("random", "corners", "hyperband", "ppo"),
            seeds=20,
        ),
        Suite(
            "real",
            "measured runs only: RegMix on the Pile, ADMIRE instruct tuning, SlimPajama-7",
            recorded(8.0),
            EVERY,
            seeds=20,
        ),
        Suite(
            "full",
            "every task of main, noise and transfer, once",
            distinct((*MAIN, *NOISE, *TRANSFER)),
            EVERY,
            seeds=20,
        ),
        Suite(
            "gate",
            "a few short tasks, frozen: what `python -m benchmarks.gate` compares",
            (
                *tasks(("mean_loss", "hellaswag", "stack_exchange"), CAPPED, 4.0),
                TaskSpec(
                    "deceptive/0",
                    {**CAPPED, "surface": "synthetic:deceptive:5:0", "budget": 4.0},
                ),
            ),
            ("random", "corners", "hyperband", "mfms-gp"),
            seeds=16,
            more_seeds={"mfms-gp": 2},
        ),
        Suite(
            "reference",
            "baselines against values computed elsewhere: shares capped at 0.5, without noise",
            tasks(ALL, {**CAPPED, "noise": 0.0}, 16.0),
            ("random", "hyperband"),
            seeds=20,
            more_seeds={"random": 1000},
        ),
        Suite(
            "authors",
            "the authors' baselines: seven losses, whole simplex, published simulator, no noise; "
            "promotions resumed, and paid in full",
            (*tasks(LOSSES, PUBLISHED, 82.0), *paid_in_full(tasks(LOSSES, PUBLISHED, 82.0))),
            ("random-logit", "smac"),
            seeds=5,
        ),
    )
}
