"""Speedups over results made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.headline import challengers, level, to_the_best
from benchmarks.speedup import costs_of, speedup


def test_a_speedup_over_two_tasks(results):
    found = speedup(results, "corners", "hyperband", "search", 0.5, results.tasks)
    assert found is not None
    assert found.tasks == ("arxiv", "book")
    assert found.interval.value == pytest.approx(3.0)  # 6 against 2 target runs
    assert (found.worst, found.at_least, found.never) == (3.0, False, False)


def test_accountings(results):
    by = {a: costs_of(results, "arxiv", "corners", 0.5, a) for a in ("search", "final", "paper")}
    assert {a: c.median for a, c in by.items() if c} == {"search": 2.0, "final": 2.0, "paper": 3.0}


def test_random_search_comes_from_its_law(results):
    costs = costs_of(results, "arxiv", "random", 0.5, "search")
    assert costs is not None
    assert costs.costs.tolist() == [7.0]
    found = speedup(results, "corners", "random", "search", 0.5, ["arxiv"])
    assert found is not None
    assert found.interval.value == pytest.approx(3.5)
    beyond = speedup(results, "corners", "random", "search", 0.25, ["arxiv"])
    assert beyond is not None
    assert not beyond.at_least
    assert beyond.interval.value == pytest.approx(17.5)  # 35 target runs, over the budget of 8


def test_where_neither_gets_there_the_speedup_is_a_half(results):
    short = replace(results, records=[r for r in results.records if r.agent == "random"])
    stuck = [replace(r, agent="corners") for r in short.records]
    both = replace(short, records=[*short.records, *stuck])
    found = speedup(both, "corners", "random", "search", 0.1, ["arxiv"])
    assert found is not None
    assert (found.interval.value, found.at_least, found.never) == (0.5, True, True)


def test_without_records_there_is_no_speedup(results):
    assert speedup(results, "nobody", "hyperband", "search", 0.5, results.tasks) is None
    bare = replace(results, laws={})
    assert speedup(bare, "corners", "random", "search", 0.5, bare.tasks) is None


def test_to_the_best_as_the_paper_counts(results):
    # the baseline's best, 0.05 sd over the optimum of 1.0 with sd 2.0, is there after 6 target
    # runs; the agent's incumbent after 2 and one more
    assert level(results, "arxiv", "hyperband") == pytest.approx(1.1)
    found = to_the_best(results, "corners", "hyperband", results.tasks)
    assert found is not None
    assert found.interval.value == pytest.approx(2.0)
    assert np.isnan(found.threshold)
    assert challengers(results) == ["corners"]
    assert to_the_best(results, "nobody", "hyperband", results.tasks) is None
