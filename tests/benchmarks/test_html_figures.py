"""Figures of the report as one HTML file: they show the records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.figure import costs_of_curves, quartiles
from benchmarks.html.arrived import arrivals
from benchmarks.html.content import html
from benchmarks.html.costs import breakdown, decisions
from benchmarks.html.curves import POINTS, regret_curves
from benchmarks.html.fidelities import MOST, fidelities
from benchmarks.html.mixtures import domain_keys, recommended
from benchmarks.html.numbers import short
from benchmarks.html.speedups import speedups
from benchmarks.html.standing import standing
from benchmarks.look import look
from benchmarks.speedup import speedup


def test_curves_are_the_quartiles(results):
    varied = [replace(r, regret=r.regret * (1 + 0.1 * r.seed)) for r in results.records]
    varied = replace(results, records=varied)
    costs = costs_of_curves(varied, "arxiv", POINTS)
    expected = quartiles(varied.groups["arxiv", "corners"], costs)
    traces = regret_curves(varied).plots[0].traces
    found = [trace for trace in traces if trace["name"] == "corners"]
    for trace, row in zip([found[0], found[2], found[1]], expected, strict=True):
        at = np.searchsorted(np.array(trace["x"]) * (1 - 1e-3), costs, side="right") - 1
        assert np.allclose(np.array(trace["y"])[at], row, rtol=6e-3)
    assert len(found[0]["x"]) < 10


def test_an_agent_looks_the_same_everywhere(results):
    assert len({(look(i).colour, look(i).dash) for i in range(49)}) == 49
    fewer = [r for r in results.records if (r.task, r.agent) != ("arxiv", "random")]
    plots = regret_curves(replace(results, records=fewer)).plots
    colours = [{t["name"]: t["line"].get("color") for t in plot.traces} for plot in plots]
    assert colours[0] == {k: v for k, v in colours[1].items() if k != "random"}


def test_regret_curves_without_an_experiment(results, record):
    """An agent that never trained still stands at its first recommendation."""
    idle = [record([], [2.0], agent="corners", task="arxiv", seed=s) for s in range(10)]
    alone = replace(results, records=idle)
    (plot,) = regret_curves(alone).plots
    assert plot.traces[-1]["y"] == [2, 2]
    assert fidelities(alone, "arxiv").plots == []
    assert "arxiv" in html(alone)


def test_fidelities_are_the_experiments(results, record):
    mixed = [
        record([0.5] * 4, np.ones(5), agent="corners", task="arxiv", seed=seed,
               scale=[2e7, 2e7, 1e9, 1e9], steps=[100, 1000, 100, 10_000])
        for seed in range(3)
    ]  # fmt: skip
    (plot,) = fidelities(replace(results, records=mixed), "arxiv").plots
    (trace,) = plot.traces
    assert sorted(trace["x"]) == sorted([0.5, 1, 1.5, 2] * 3)
    assert trace["text"][:3] == ["20M, 100 steps"] * 3
    lanes = dict(zip(trace["text"], trace["y"], strict=True))
    assert 0 < lanes["20M, 100 steps"] < lanes["20M, 1,000 steps"] < 1
    assert 1 < lanes["1B, 100 steps"] < lanes["1B, 10,000 steps"] < 2
    many = [record([0.01] * 300, np.ones(301), agent="corners", task="arxiv", seed=0)]
    (plot,) = fidelities(replace(results, records=many), "arxiv").plots
    assert len(plot.traces[0]["x"]) == MOST
    assert plot.traces[0]["x"][-1] == 3


def test_mixtures_go_from_least_regret_to_most(results, record):
    group = [
        record([1.0], [1.0, regret], agent="corners", task="arxiv", seed=seed,
               mixture=np.array([[0.5, 0.5]]))
        for seed, regret in enumerate((0.3, 0.1, 0.2))
    ]  # fmt: skip
    shares = [0.9, 0.2, 0.6]
    group = [
        replace(r, recommended=np.array([[0.5, 0.5], [w, 1 - w]]))
        for r, w in zip(group, shares, strict=True)
    ]
    web, code = recommended(replace(results, records=group), "arxiv").plots[0].traces
    assert web["x"] == [0.2, 0.6, 0.9]
    assert np.allclose(np.array(web["x"]) + code["x"], 1)
    assert web["y"] == sorted(web["y"])


def test_the_best_mixture_is_shown_where_the_surface_is_known(results):
    from benchmarks.cell import task_of

    made = task_of(results.suite.tasks[0])
    known = [
        replace(r, fingerprint=made.surface.fingerprint, domains=made.surface.domains,
                recommended=np.tile(made.optimum.mixture, (9, 1)))
        for r in results.records
    ]  # fmt: skip
    traces = recommended(replace(results, records=known), "arxiv").plots[0].traces
    assert [t["x"][0] for t in traces] == short(made.optimum.mixture)
    assert "least regret" in recommended(replace(results, records=known), "arxiv").caption
    unknown = recommended(results, "arxiv").plots[0]
    assert "the best" not in unknown.layout["yaxis"]["ticktext"]


def test_many_domains_differ_by_more_than_colour():
    keys = domain_keys(tuple(f"domain {i}" for i in range(30)))
    assert len({(key.colour, key.mark) for key in keys}) == 30


def test_costs_add_up(results, record):
    mixed = [
        record([0.25, 0.75, 2.0], np.ones(4), agent="corners", task="arxiv", seed=seed,
               scale=[2e7, 2e7, 1e9])
        for seed in range(2)
    ]  # fmt: skip
    figure = breakdown(replace(results, records=mixed))
    small, large = figure.plots[0].traces
    assert (small["name"], small["x"], large["x"]) == ("20M", [1], [2])
    assert [key.name for key in figure.legend] == ["20M", "1B"]
    ticks = decisions(results).plots[0].traces
    assert [trace["x"] for trace in ticks] == [[0.5, 0.5]] * 3


def test_speedups_are_those_of_the_table(results):
    figure = speedups(results)
    assert [p.title for p in figure.plots][:2] == [
        "against hyperband, to 0.5 sd", "against hyperband, to 0.25 sd",
    ]  # fmt: skip
    traces = {t["name"]: t for t in figure.plots[0].traces}
    found = speedup(results, "corners", "hyperband", "final", 0.5, results.tasks)
    assert traces["final"]["x"] == short([found.interval.value])
    assert traces["final"]["error_x"]["array"] == [0]
    few = replace(results, records=[r for r in results.records if r.seed < 3])
    assert speedups(few).plots[0].traces[0]["error_x"]["array"] == [None]


def test_lower_bounds_bear_an_arrow(results):
    never = [
        replace(r, regret=np.full(9, 3.0)) if r.agent == "hyperband" else r for r in results.records
    ]
    plots = speedups(replace(results, records=never)).plots
    against = {plot.title: plot.layout["annotations"] for plot in plots}
    arrows = against["against hyperband, to 0.5 sd"]
    assert [note["text"] for note in arrows] == ["→"] * 2  # "paper" counts models it trained
    (trace,) = [t for t in plots[3].traces if t["name"] == "search"]
    assert trace["marker"]["symbol"] == ["circle", "circle-open-dot"]


def test_the_standing(results):
    figure = standing(results)
    means, profile = figure.plots[:2]
    last = {t["name"]: t["y"][-1] for t in means.traces}
    assert last == {"corners": 0.05, "hyperband": 0.05, "random": 3}
    assert "random 0%" in profile.about
    assert "corners 100%" in profile.about
    three = [t for t in arrivals(results, 0.5).plots[0].traces if t["line"]["width"]]
    assert {t["name"]: t["y"][-1] for t in three} == {"corners": 1, "hyperband": 1}
