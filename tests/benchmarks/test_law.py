"""Random search's law: the median of a geometric law, against simulation and closed forms."""

import numpy as np
import pytest

import mixenv
from benchmarks.law import FEW, THRESHOLDS, Law, laws


def test_the_median_of_a_geometric_law():
    rng = np.random.default_rng(0)
    for hits in (20, 100, 400):
        cost, few = Law(1000, {"0.5": hits}).cost(0.5)
        simulated = np.median(rng.geometric(hits / 1000, size=200_001))
        assert not few
        assert cost == simulated


def test_an_easy_threshold_takes_one_run():
    assert Law(10, {"0.5": 10}).cost(0.5) == (1.0, False)
    assert Law(1000, {"0.5": 600}).cost(0.5) == (1.0, False)


@pytest.mark.parametrize("hits", [0, FEW - 1])
def test_few_hits_give_a_lower_bound(hits):
    cost, few = Law(10**6, {"0.1": hits}).cost(0.1)
    assert few
    # the 97.5% upper limit of a Poisson mean: 3.69 for no hit, 17.1 for nine
    assert cost == pytest.approx(np.log(2) * 10**6 / {0: 3.689, 9: 17.085}[hits], rel=1e-3)


def test_hits_are_counted_on_the_surface(toy):
    task = mixenv.make_task(toy, metric="arxiv", max_share=0.5)
    (found,) = laws([task], draws=40_000, seed=1)
    mixtures = task.region.sample(np.random.default_rng(2), 40_000)
    regrets = (task.objective(_at_target(task, mixtures)) - task.optimum.value) / task.sd
    assert list(found.hits) == [f"{t:g}" for t in THRESHOLDS]
    for threshold in THRESHOLDS:
        expected = (regrets <= threshold).sum()
        assert abs(found.hits[f"{threshold:g}"] - expected) <= 5 * (expected + 4) ** 0.5
    assert found.hits["0.5"] > 20


def test_tasks_that_share_a_surface_share_the_draws(toy):
    tasks = [mixenv.make_task(toy, metric=m, max_share=0.5) for m in ("arxiv", "worst_loss")]
    both = laws(tasks, draws=10_000)
    assert both == [laws([task], draws=10_000)[0] for task in tasks]
    assert both[0].hits != both[1].hits


def test_tasks_on_other_regions_do_not(toy):
    tasks = [mixenv.make_task(toy, metric="arxiv", max_share=cap) for cap in (0.5, 1.0)]
    with pytest.raises(ValueError, match=r"laws: expected tasks of one surface.*group them"):
        laws(tasks, draws=10)


def _at_target(task, mixtures):
    scale, steps = task.target
    n = len(mixtures)
    return task.surface.metrics(mixtures, np.full(n, scale), np.full(n, steps))
