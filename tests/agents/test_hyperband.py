"""Hyperband's ladder, brackets, promotions and recommendation."""

from __future__ import annotations

from itertools import groupby

import numpy as np

import agents
from agents.grid import fraction_steps, ladder, nearest_steps

PAPER_STEPS = tuple(range(100, 19_501, 100))


def record(lab, problem, rounds, value):
    agent = agents.make("hyperband", problem, 0)
    asked = []
    for _ in range(rounds):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(value(asked[-1])))
    return agent, asked


def test_rungs_of_the_full_schedule(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    assert ladder(problem, 1 / 65, 3) == (300, 900, 2700, 8100, 19_500)


def test_rungs_that_fall_together_count_once(lab):
    assert ladder(lab.make_problem(steps=(1000, 2000, 20_000)), 1 / 65, 3) == (1000, 2000, 20_000)
    assert ladder(lab.make_problem(steps=(500,)), 1 / 65, 3) == (500,)


def test_nearest_checkpoint_never_passes_the_target(lab):
    problem = lab.make_problem(steps=(100, 200, 400))
    assert nearest_steps(problem, 149) == 100
    assert nearest_steps(problem, 10_000) == 400
    assert fraction_steps(problem, 0.5) == 200


def test_brackets_of_the_full_schedule(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    _, asked = record(lab, problem, 121 + 49 + 21 + 10 + 5 + 81, lab.quadratic)
    sizes = [(steps, len(list(group))) for steps, group in groupby(e.steps for e in asked)]
    assert sizes == [
        (300, 81), (900, 27), (2700, 9), (8100, 3), (19_500, 1),
        (900, 34), (2700, 11), (8100, 3), (19_500, 1),
        (2700, 15), (8100, 5), (19_500, 1),
        (8100, 8), (19_500, 2 + 5),
        (300, 81),
    ]  # fmt: skip
    assert {e.scale for e in asked} == {problem.target[0]}


def test_the_best_third_goes_on(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    _, asked = record(lab, problem, 108, lab.quadratic)
    ranked = sorted(asked[:81], key=lab.quadratic)
    for promoted, expected in zip(asked[81:], ranked, strict=False):
        np.testing.assert_array_equal(promoted.mixture, expected.mixture)


def test_failed_runs_are_not_promoted(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    failed = []

    def value(experiment):
        if experiment.steps == 300 and len(failed) < 54:
            failed.append(experiment.mixture)
            return np.nan
        return lab.quadratic(experiment)

    _, asked = record(lab, problem, 108, value)
    gone = {tuple(w) for w in failed}
    assert not any(tuple(e.mixture) in gone for e in asked[81:])


def test_recommends_the_best_of_the_longest_runs(lab):
    problem = lab.make_problem(steps=PAPER_STEPS)
    # What is best early is worst late: the first run of the second rung must take over at once.
    agent, asked = record(
        lab, problem, 82, lambda e: lab.quadratic(e) * (1 if e.steps == 300 else 10)
    )
    np.testing.assert_array_equal(agent.recommend(), asked[81].mixture)


def test_pools_drawn_twice_are_trained_once(lab):
    rows = np.random.default_rng(1).dirichlet(np.ones(4), 6)
    problem = lab.make_problem(1.0, PAPER_STEPS, dict.fromkeys(lab.SCALES, rows))
    _, asked = record(lab, problem, 6, lab.quadratic)
    assert len({tuple(e.mixture) for e in asked}) == 6
