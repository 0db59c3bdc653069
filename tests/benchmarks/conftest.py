"""Records made by hand, a small suite, and an executor that needs no processes."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.law import Law
from benchmarks.record import Record
from benchmarks.results import Results
from benchmarks.suites import Suite, TaskSpec

OPTIONS = {"surface": "surrogate", "max_share": 0.5, "noise": "seed", "budget": 2.0}


class Inline(Executor):
    """Runs what is submitted at once, in this process."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture
def inline():
    return Inline()


@pytest.fixture
def suite():
    return Suite(
        "small",
        "a suite for tests",
        (TaskSpec("mean_loss", {"metric": "mean_loss", **OPTIONS}),),
        ("random", "corners"),
        seeds=3,
    )


def make_record(
    cost,
    regrets,
    *,
    agent="corners",
    task="mean_loss",
    seed=0,
    budget=8.0,
    truth=None,
    mixture=None,
    predicted=(),
    scale=1e9,
    steps=19_500,
    provenance="synthetic",
):
    """A record with these costs [n] and regrets [n + 1], a recommendation for each regret.

    The optimum is 1.0 and the sd 2.0. Recommendation i + 1 is the mixture of experiment i.
    `predicted`: rows of (cost, mean [65], sd [65], truth [65]).
    """
    n = len(cost)
    shares = np.linspace(0.1, 0.4, n + 1)
    recommended = np.stack([shares, 1 - shares], axis=1)
    regrets = np.array(regrets, dtype=np.float64)
    value = 1.0 + 2.0 * regrets[1:]
    at, *told = zip(*predicted, strict=True) if predicted else ((), (), (), ())
    mean, sd, true = (np.array(t, dtype=np.float32).reshape(len(at), 65) for t in told)
    return Record(
        task=task, agent=agent, seed=seed, surface="toy", provenance=provenance, fingerprint="f",
        noise="seed", max_share=0.5, budget=budget, target=(1e9, 19_500), optimum=1.0, sd=2.0,
        domains=("web", "code"), metric_names=("arxiv", "book"),
        mixture=recommended[1:] if mixture is None else mixture,
        scale=np.broadcast_to(scale, n).astype(float),
        steps=np.broadcast_to(steps, n).astype(int),
        cost=np.array(cost, dtype=np.float64), cut_short=np.zeros(n, dtype=bool),
        resumed=np.zeros(n, dtype=bool), value=value,
        metrics=np.stack([value, value + 1.0], axis=1).astype(np.float32),
        truth=value if truth is None else np.array(truth),
        recommended=recommended, regret=regrets, in_force=np.arange(n + 1),
        predicted_at=np.array(at, dtype=np.float64), predicted_mean=mean, predicted_sd=sd,
        predicted_truth=true, seconds=np.full(n, 0.5), start_seconds=0.1,
        cpu_seconds=1.0,
    )  # fmt: skip


@pytest.fixture(scope="session")
def record():
    return make_record


@pytest.fixture(scope="session")
def results():
    """Two tasks, three agents, ten seeds; corners arrive at 2 target runs, hyperband at 6."""
    agents = ("random", "corners", "hyperband")
    tasks = tuple(TaskSpec(t, {"metric": t, **OPTIONS, "budget": 8.0}) for t in ("arxiv", "book"))
    records = [
        make_record([1.0] * 8, curve, agent=agent, task=task.label, seed=seed)
        for task in tasks
        for agent, curve in {
            "random": np.full(9, 3.0),
            "corners": np.array([3.0, 2.0] + [0.05] * 7),
            "hyperband": np.array([3.0] * 6 + [0.05] * 3),
        }.items()
        for seed in range(10)
    ]
    law = Law(1000, {"0.5": 100, "0.25": 20, "0.1": 0})
    laws = {task.label: law for task in tasks}
    manifest = {"suite": "small", "command": "mixenv bench"}
    suite = Suite("small", "a suite for tests", tasks, agents, seeds=10)
    return Results(suite, records, [], laws, [manifest], len(records))


@pytest.fixture
def without(results):
    """The results less the records of some (task, agent)."""

    def less(*pairs):
        kept = [r for r in results.records if (r.task, r.agent) not in pairs]
        return replace(results, records=kept)

    return less


@pytest.fixture
def noisy(results):
    """Two tasks, ten seeds: b is worse than a by 0.5 sd; each seed has its own level."""
    rng = np.random.default_rng(0)
    records = [
        make_record(
            [4.0, 4.0], [3.0, 2.0, level + extra + wobble], agent=agent, task=task, seed=seed
        )
        for task in ("arxiv", "book")
        for seed in range(10)
        for level in [rng.uniform(0, 2)]
        for agent, extra in {"a": 0.0, "b": 0.5, "c": 0.0}.items()
        for wobble in [0.02 * rng.normal()]
    ]
    suite = replace(results.suite, agents=("c", "b", "a"))
    return replace(results, suite=suite, records=records)


@pytest.fixture
def predicting(results):
    """Ten seeds that predict at 2 and 5.5 target runs: first off by 1 sd, then right."""
    true = np.linspace(1.0, 3.0, 65)

    def one(seed, agent, predicted):
        return make_record([2.0, 3.5], [3.0, 1.0, 0.1], agent=agent, task="arxiv", seed=seed,
                      predicted=predicted)  # fmt: skip

    off = np.where(np.arange(65) < 64, true + 2.0, true)  # the own recommendation comes last
    sd = np.full(65, 0.6)
    told = [(2.0, off, sd, true), (5.5, true, sd, true)]
    records = [one(s, "corners", told) for s in range(10)]
    return replace(results, records=records + [one(s, "random", ()) for s in range(10)])
