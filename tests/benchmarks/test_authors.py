"""Our means beside the authors'."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.authors import MEANS, TOLERANCE, authors_table, best_trained, comparisons
from benchmarks.suites import IN_FULL, LOSSES, SUITES


@pytest.fixture
def theirs(results, record):
    """Two seeds of each task and agent; every run ends `off` sd (of 2.0) above the authors' mean.

    A short run is better than any full one, and one beyond the budget better than all.
    """

    def make(off):
        suite = SUITES["authors"]
        records = [
            record(
                [0.5, 41.5, 40.0, 1.0], [9.0] * 5, agent=agent, task=task.label, seed=seed,
                budget=83.0, truth=[0.1, best + 1.0, best + 2.0 * off + 0.2 * (seed - 0.5), 0.0],
                steps=np.array([300, 19_500, 19_500, 19_500]),
            )
            for task in suite.tasks
            for i, agent in enumerate(("smac", "random-logit"))
            for seed in range(2)
            for best in [MEANS[task.label.removesuffix(IN_FULL)][i]]
        ]  # fmt: skip
        return replace(results, suite=suite, records=records)

    return make


def test_the_suite_has_every_loss_resumed_and_paid_in_full():
    labels = [task.label for task in SUITES["authors"].tasks]
    assert set(LOSSES) == set(MEANS)
    assert labels == [*LOSSES, *(loss + IN_FULL for loss in LOSSES)]
    for task in SUITES["authors"].tasks:
        assert task.options.get("resume", True) == (not task.label.endswith(IN_FULL))


def test_means_of_fully_trained_models(theirs):
    found = comparisons(theirs(0.1))
    assert len(found) == 28
    for comparison in found:
        assert comparison.gap == pytest.approx(0.1)
        assert comparison.any == pytest.approx(0.1)  # nats, the short run's
        assert comparison.seeds == 2


def test_the_table_counts_those_within_tolerance(theirs):
    notes = authors_table(theirs(TOLERANCE - 0.01)).notes
    assert "smac, resumed: 7 of 7 within 0.15 sd." in notes
    assert "random-logit, paid in full: 7 of 7 within 0.15 sd." in notes
    notes = authors_table(theirs(TOLERANCE + 0.01)).notes
    assert "smac, resumed: 0 of 7 within 0.15 sd." in notes


def test_smaller_budgets_are_not_compared(theirs):
    found = theirs(0.1)
    short = [replace(record, budget=16.0) for record in found.records]
    assert comparisons(replace(found, records=short)) == []


def test_nothing_fully_trained(record):
    assert best_trained(record([1.0], [3.0, 3.0], steps=300)) == np.inf
