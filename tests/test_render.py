"""Rendering: what text and image show, that nothing changes by it, errors."""

from __future__ import annotations

import pickle
import sys

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env, data_equivalence

from mixenv.dynamics import Transition
from mixenv.env import DataMixtureEnv
from mixenv.make_task import make_task
from mixenv.render import View, render
from mixenv.surfaces.rows import RowsSurface

UNIFORM = np.full(5, 0.2)


def make(toy, mode="ansi", **options):
    task = make_task(toy, max_share=0.5, budget=4.0)
    return DataMixtureEnv(task=task, render_mode=mode, **options)


def play(env):
    """Three runs: 1 and 2 are one run resumed, the last ends at the target."""
    other = np.array([0.5, 0.1, 0.1, 0.1, 0.2])
    asked = [(UNIFORM, 3, 50), (UNIFORM, 3, 99), (other, 0, 194), (other, 6, 194)]
    return [
        env.reset(seed=1),
        *(env.step({"mixture": m, "scale": s, "steps": t}) for m, s, t in asked),
    ]


def view_of(values, **changes):
    """A view of hand-made experiments on the recorded task: (scale index, steps, metrics)."""

    def done(i, scale, steps, metrics):
        return Transition(
            np.array([0.5, 0.3, 0.2]), scale, 0, steps, i, 0.1, False, np.array([steps]),
            np.array([metrics]),
        )  # fmt: skip

    return [done(i, *value) for i, value in enumerate(values)]


@pytest.mark.parametrize("mode", [None, "ansi", "rgb_array"])
def test_gymnasiums_checker_finds_nothing_in_any_mode(mode):
    env = gym.make("DataMixture-v0", observation="last", render_mode=mode)
    assert env.metadata["render_modes"] == ["ansi", "rgb_array"]
    assert env.metadata["render_fps"] == 4
    check_env(env.unwrapped)


def test_the_text_tells_the_episode(toy):
    env = make(toy)
    steps = play(env)
    text = env.render()
    objective = env.task.objective(steps[-1][-1]["metrics"])
    assert text.startswith("mean_loss at 1B, 19,500 steps (toy, lower is better)\n")
    spent = sum(info["cost"] for *_, info in steps)
    assert f"{spent:.2f} of 4 target runs, 4 experiments, {4 - spent:.2f} left" in text
    assert f"best so far: {objective:.4f}, experiment 4, 1B, 19,500 steps" in text
    bars = {line.split()[0]: line.count("█") + 0.5 * line.count("▌")
            for line in text.splitlines() if line.endswith("%")}  # fmt: skip
    assert list(bars) == list(toy.domains)
    assert list(bars.values()) == [16, 3, 3, 3, 6.5]
    rows = text.splitlines()[-4:]
    assert [row.split()[0].lstrip("*") for row in rows[:3]] == ["1", "2", "3"]
    assert rows[3].startswith("*   4      1B   19,500    1.0000")
    assert ["resumed" in row for row in rows] == [False, True, False, False]
    assert max(map(len, text.splitlines())) <= 100


def test_text_before_the_first_experiment_and_after_the_end(toy):
    env = make(toy)
    env.reset(seed=1)
    assert "0 experiments, 4.00 left" in env.render()
    assert "no experiment yet" in env.render()
    full = {"mixture": UNIFORM, "scale": 6, "steps": 194}
    while not env.step(full)[2]:
        pass
    assert "4.00 of 4 target runs, 4 experiments, ended" in env.render()


def test_the_incumbent_is_at_the_largest_scale_then_at_most_steps(recorded):
    task = make_task(RowsSurface(recorded), metric="web")
    seen = [(0, 300, [1.0, 9, 9]), (1, 400, [3.0, 9, 9]), (1, 400, [2.0, 9, 9]),
            (1, 300, [1.5, 9, 9])]  # fmt: skip
    assert View(task, view_of(seen)).best == 2
    assert View(task, []).best is None


def test_a_resumed_run_is_one_curve(toy):
    env = make(toy, curve=16)
    play(env)
    view = View(env.task, env._shown)
    assert [curve.experiments for curve in view.curves] == [(0, 1), (2,), (3,)]
    for curve in view.curves:
        assert (np.diff(curve.steps) > 0).all()
        assert curve.objective.shape == curve.steps.shape
    assert view.spent == pytest.approx(sum(t.cost for t in env._shown))


def test_long_names_are_cut_in_the_middle(recorded):
    from dataclasses import replace

    names = ("web", "a_very_long_name_of_a_domain", "books")
    view = View(make_task(RowsSurface(replace(recorded, domains=names)), metric="web"), [])
    assert view.names(9) == ["web", "a_ve…main", "books"]


def test_many_domains_fit():
    env = gym.make("DataMixture-v0", task=wide(), render_mode="ansi")
    env.reset(seed=1)
    mixture = np.zeros(12)
    mixture[[3, 5]] = 0.4, 0.6
    env.step({"mixture": mixture, "scale": 0, "steps": 0})
    assert env.render().splitlines()[-1].endswith("d5 60, d3 40")
    env.unwrapped.render_mode = "rgb_array"
    assert env.render().std() > 10


def wide():
    """Two measured runs on twelve domains."""
    from mixenv.metrics import loss
    from mixenv.runs.table import RunTable

    mixture = np.zeros((2, 12))
    mixture[0, [3, 5]], mixture[1, 1] = (0.4, 0.6), 1.0
    table = RunTable(
        name="wide", domains=tuple(f"d{i}" for i in range(12)), metrics=(loss("web"),),
        mixture=mixture, scale=np.full(2, 1e9), step_cost=np.full(2, 1e15), run=np.arange(2),
        steps=np.full(2, 100), values=np.array([[2.0], [3.0]]), provenance="synthetic",
    )  # fmt: skip
    return make_task(RowsSurface(table), metric="web")


def test_images_are_rgb_and_change_with_the_episode(toy):
    env = make(toy, "rgb_array")
    env.reset(seed=1)
    empty = env.render()
    play(env)
    full = env.render()
    assert empty.shape == full.shape == (576, 960, 3)
    assert empty.dtype == full.dtype == np.uint8
    assert (empty != full).mean() > 0.02
    assert data_equivalence(full, env.render(), exact=True)
    assert not np.shares_memory(full, env.render())


def test_the_budget_bar_is_as_long_as_what_was_spent(toy):
    """The light grey of what is left, along the middle of the budget's axes."""
    env = make(toy, "rgb_array")
    env.reset(seed=1)
    before = env.render()
    env.step({"mixture": UNIFORM, "scale": 6, "steps": 194})
    row = round(576 * (1 - 0.1 - 0.035))
    grey = [(image[row] == round(0.93 * 255)).all(axis=1).sum() for image in (before, env.render())]
    assert grey[0] == pytest.approx(0.92 * 960, abs=4)
    assert grey[1] / grey[0] == pytest.approx(0.75, abs=0.01)


def test_an_episode_without_curves_is_drawn_against_experiments(toy):
    env = make(toy, "rgb_array", curve=None)
    play(env)
    assert env.render().std() > 10


@pytest.mark.parametrize("mode", ["ansi", "rgb_array"])
def test_rendering_changes_nothing(toy, mode):
    plain, drawn = make(toy, None), make(toy, mode)
    expected = play(plain)
    drawn.reset(seed=9)
    drawn.render()
    got = [drawn.reset(seed=1)]
    other = np.array([0.5, 0.1, 0.1, 0.1, 0.2])
    for m, s, t in [(UNIFORM, 3, 50), (UNIFORM, 3, 99), (other, 0, 194), (other, 6, 194)]:
        drawn.render()
        got.append(drawn.step({"mixture": m, "scale": s, "steps": t}))
        drawn = pickle.loads(pickle.dumps(drawn))
    assert data_equivalence(got, expected, exact=True)


def test_nothing_is_kept_without_a_mode(toy):
    env = make(toy, None)
    play(env)
    assert env._shown == []


def test_rendering_without_a_mode_warns(toy):
    env = make(toy, None)
    env.reset(seed=1)
    with pytest.warns(UserWarning, match="render: expected a render mode, got None; make with"):
        assert env.render() is None


def test_rendering_before_a_reset_is_refused(toy):
    with pytest.raises(ResetNeeded, match="render: expected an episode, got none that has begun"):
        make(toy).render()


def test_without_matplotlib_the_extra_is_named(toy, monkeypatch):
    monkeypatch.setattr("mixenv.render.find_spec", lambda name: None)
    message = r'expected matplotlib, got none; pip install "mixenv\[bench\]", or take .*"ansi"'
    with pytest.raises(ModuleNotFoundError, match=message):
        render(View(make_task(toy), []), "rgb_array")


def test_images_leave_pyplot_alone(toy):
    env = make(toy, "rgb_array")
    play(env)
    env.render()
    assert "matplotlib.pyplot" not in sys.modules
