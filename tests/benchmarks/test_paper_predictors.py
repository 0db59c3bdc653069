"""E1 to E8: the network's use, the score, the interval, what is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from benchmarks.paper import claims, experiments, predictors
from benchmarks.paper.experiments import KINDS, WAYS, play
from benchmarks.paper.memory import Memory, key
from benchmarks.paper.predictor import Effort, learn, r2
from benchmarks.paper.resampled import difference, verdict
from benchmarks.paper.splits import BUDGETS, QUESTIONS, split
from benchmarks.paper.studies import STUDIES, Study, finals
from benchmarks.statistics import Interval
from mixenv import read_table
from mixenv.metrics import loss
from mixenv.runs.table import RunTable
from mixenv.surfaces import mlp

STUDY = Study("made-up", 1e9, ((4, 1.0), (6, 0.7), (8, 0.5)), "A study for tests.")
SMALL = Effort(splits=2, updates=40, members=1)


def table(flip=False, seed=0, each=20):
    """Runs at 1M, 30M and 1B with two checkpoints; losses curved in the shares, lower with scale.

    `flip`: at the smaller scales the mixture's effect is turned round.
    """
    rng = np.random.default_rng(seed)
    scale = np.repeat([1e6, 3e7, 1e9], each)
    mixture = rng.dirichlet(np.ones(3), len(scale))
    effect = np.stack([np.sin(4 * mixture[:, 0]), mixture[:, 1] ** 2], axis=1)
    if flip:
        effect = np.where((scale < 1e9)[:, None], -effect, effect)
    level = 3 - 0.1 * np.log10(scale / 1e6)
    final = level[:, None] + 0.3 * effect
    return RunTable(
        name="made-up", domains=("a", "b", "c"), metrics=(loss("a"), loss("stackexchange")),
        mixture=mixture, scale=scale, step_cost=scale, run=np.repeat(np.arange(len(scale)), 2),
        steps=np.tile([50, 100], len(scale)), provenance="synthetic",
        values=np.stack([final + 0.2, final], axis=1).reshape(-1, 2),
    )  # fmt: skip


@dataclass
class Linear:
    """Least squares in place of the network, which is slow; remembers how it was asked for."""

    asked: list

    def __call__(self, inputs, outputs, **options):
        self.asked.append(SimpleNamespace(inputs=inputs, outputs=outputs, **options))

        def wide(x):
            return np.concatenate([x, np.ones((len(x), 1))], axis=1)

        found = np.linalg.lstsq(wide(inputs), outputs, rcond=None)[0]
        return SimpleNamespace(predict=lambda x: wide(x) @ found)


def half(runs, study, question, seed, *, fresh=True, updates=40):
    """R^2 of one question and split, mean over metrics."""
    train, held = split(runs, study, QUESTIONS[question], seed, fresh=fresh)
    predict = learn(
        runs.mixture[train], runs.scale[train], runs.values[train],
        by_scale=True, effort=Effort(1, updates, 1), seed=seed,
    )  # fmt: skip
    return r2(runs.values[held], predict(runs.mixture[held], runs.scale[held])).mean()


@pytest.fixture
def linear(monkeypatch):
    found = Linear([])
    monkeypatch.setattr(mlp, "fit_mlp", found)
    return found


# The score


def test_r2_is_one_less_the_errors_share():
    y, p = np.array([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]]), np.array([[1.5, 5.0], [2, 5], [5.5, 5]])
    assert r2(y, p)[0] == pytest.approx(1 - 0.5 / 14)
    assert np.isnan(r2(y, p)[1])
    assert r2(y, np.full_like(y, 3.0))[0] == pytest.approx(0.0)


def test_r2_within_groups():
    y = np.array([[1.0], [3.0], [11.0], [13.0]])
    p = y + np.array([[0.5], [-0.5], [0.5], [-0.5]])
    assert r2(y, p, np.array([1, 1, 2, 2]))[0] == pytest.approx(1 - 1.0 / 4)
    assert r2(y, p)[0] == pytest.approx(1 - 1.0 / 104)


# The network's use


def test_as_many_steps_whatever_the_rows(linear):
    rng = np.random.default_rng(0)
    for n, epochs in ((20, 900), (128, 900), (300, 300)):
        learn(
            rng.random((n, 3)), np.full(n, 1e9), rng.random((n, 2)),
            by_scale=False, effort=Effort(1, 900, 3), seed=5,
        )  # fmt: skip
        asked = linear.asked[-1]
        assert (asked.epochs, asked.members, asked.seed) == (epochs, 3, 5)
        np.testing.assert_allclose(asked.inputs[:, -1], np.log(1e9))


def test_by_scale_takes_the_levels_away(linear):
    """A slope that differs by scale is no line; within standardised scales it is one."""
    rng = np.random.default_rng(1)
    scale = np.repeat([1e6, 1e9], 30)
    x = rng.random((60, 2))
    y = np.where(scale == 1e6, 9 + 4 * x[:, 0], 2 + 0.1 * x[:, 0])[:, None]
    x[30:] = x[:30]  # so that both scales have one mean and sd
    y[30:, 0] = 2 + 0.1 * x[30:, 0]
    y[:30, 0] = 9 + 4 * x[:30, 0]
    for by_scale, exact in ((True, True), (False, False)):
        predict = learn(x, scale, y, by_scale=by_scale, effort=SMALL, seed=0)
        assert np.allclose(predict(x, scale), y) is exact
    assert linear.asked[0].outputs[:30].std() == pytest.approx(1.0)


def test_one_run_at_a_scale_has_a_level(linear):
    predict = learn(
        np.eye(3), np.array([1e6, 1e6, 1e9]), np.array([[1.0], [2.0], [7.0]]),
        by_scale=True, effort=SMALL, seed=0,
    )  # fmt: skip
    np.testing.assert_allclose(predict(np.eye(3)[2:], np.array([1e9])), [[7.0]], atol=1e-9)


@pytest.mark.parametrize(("flip", "helps"), [(False, True), (True, False)])
def test_planted_help_and_planted_harm_are_found(linear, flip, helps):
    """Smaller scales that share the mixture's effect help; ones where it is turned round hurt."""
    runs = finals(table(flip))
    scores = [np.mean([half(runs, STUDY, q, seed) for seed in range(5)]) for q in ("E1", "E2")]
    gain = scores[1] - scores[0] if helps else scores[0] - scores[1]
    assert gain > 0.2


# One split of everything


def test_every_experiment_is_scored(linear, monkeypatch):
    monkeypatch.setattr(experiments, "read_table", lambda name, source: table(seed=2))
    monkeypatch.setitem(STUDIES, "made-up", STUDY)
    found = play("made-up", None, 0, SMALL)
    assert set(found) == {(w, q) for w in WAYS for q in QUESTIONS} | {
        (kind, e) for kind in KINDS for e in BUDGETS
    }
    assert all(scores.shape == (2,) for scores in found.values())
    for question in ("E1", "E4"):
        assert len({found[way, question].tobytes() for way in WAYS}) == 1
    assert (found["all", "E6"] > found["within", "E6"]).all()
    for score in play("made-up", None, 0, SMALL), found:
        np.testing.assert_array_equal(score["as the paper", "E2"], found["as the paper", "E2"])
    monkeypatch.setitem(STUDIES, "made-up", replace(STUDY, cuts=()))
    assert set(play("made-up", None, 0, SMALL)) == {(w, q) for w in WAYS for q in QUESTIONS}


@pytest.mark.reference
def test_small_runs_that_screen_candidates_help(reference):
    """SlimPajama-7, held-out mixtures trained at 310M: the paper's network, one split of E5."""
    runs, study = (
        finals(read_table("slimpajama-7", reference / "runs/dmsl")),
        STUDIES["slimpajama-7"],
    )
    assert half(runs, study, "E5", 0, fresh=False, updates=300) > 0.6


# Intervals and verdicts


def test_without_overlap_the_interval_is_students():
    first, second = np.random.default_rng(0).normal(size=(2, 12)) + np.array([[0], [0.8]])
    found = difference(first, second, held=0, train=1)
    expected = ttest_1samp(second - first, 0.0).confidence_interval(0.95)
    assert found.value == pytest.approx((second - first).mean())
    np.testing.assert_allclose((found.low, found.high), expected)


def test_overlap_widens_it():
    first, second = np.zeros(10), np.arange(10.0)
    alone, halved = (difference(first, second, held=h, train=1) for h in (0, 1))
    assert (halved.high - halved.low) / (alone.high - alone.low) == pytest.approx(11**0.5)


def test_an_interval_needs_two_splits():
    for first, second in ((np.ones(1), np.ones(1)), (np.ones(3), np.ones(2))):
        with pytest.raises(ValueError, match=r"splits: expected at least two, .* play more"):
            difference(first, second, held=1, train=1)


@pytest.mark.parametrize(
    ("interval", "says"),
    [
        (Interval(0.2, 0.1, 0.3, 10), "smaller scales help"),
        (Interval(-0.2, -0.3, -0.1, 10), "smaller scales hurt"),
        (Interval(0.2, -0.1, 0.5, 10), "not shown"),
        (Interval(0.2, 0.1, 0.3, 9), "too few splits"),
    ],
)
def test_verdicts(interval, says):
    assert verdict(interval) == says


def test_the_papers_rows_by_any_spelling():
    assert claims.predictor("stackexchange") == claims.predictor("stack_exchange")
    assert claims.predictor("CommonCrawl") == (0.84, 0.98, 0.98, 0.81, 0.94)
    assert claims.predictor("pile_cc") is None
    assert all(r[0] < r[1] and r[3] < r[4] for r in claims.PREDICTORS.values())


# What is kept


def test_scores_come_back(tmp_path):
    path = tmp_path / "new" / "scores.json"
    scores = {("as the paper", "E1"): np.array([0.1, -3.0]), ("log", "E8"): np.array([np.pi, 0])}
    Memory(path).keep("k", scores)
    found = Memory(path).get("k")
    assert found is not None
    assert found.keys() == scores.keys()
    for at in scores:
        np.testing.assert_array_equal(found[at], scores[at])
    assert Memory(path).get("other") is None
    assert [p.name for p in path.parent.iterdir()] == ["scores.json"]


@pytest.mark.parametrize("text", ["{", "[1]", "\xff"])
def test_another_file_is_refused_and_left(tmp_path, text):
    path = tmp_path / "scores.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match="expected scores written by `mixenv paper`; move it away"):
        Memory(path)
    assert path.read_text(encoding="latin-1") == text


def test_what_a_key_hangs_on():
    some, effort = table(), Effort(2, 40, 1)
    same = key(some, 0, effort)
    assert key(table(), 0, Effort(9, 40, 1)) == same
    others = [
        key(table(seed=1), 0, effort), key(some, 1, effort), key(some, 0, Effort(2, 41, 1)),
        key(some, 0, Effort(2, 40, 2)), key(replace(some, name="x"), 0, effort),
    ]  # fmt: skip
    assert len({same, *others}) == 6


def test_only_what_was_not_kept_is_played(tmp_path, monkeypatch, inline):
    played, some = [], table()

    def fake(name, source, seed, effort):
        played.append(seed)
        scores = np.array([0.1 * seed, 0.5])
        return {(way, q): scores for way in WAYS for q in QUESTIONS}

    monkeypatch.setattr(predictors, "play", fake)
    monkeypatch.setitem(STUDIES, "made-up", STUDY)
    effort, words = Effort(3, 40, 1), []
    memory = Memory(tmp_path / "scores.json")
    memory.keep(key(some, 1, effort), fake("made-up", None, 1, effort))
    assert predictors.count_due({"made-up": some}, effort, memory) == 2
    played.clear()
    for _ in range(2):
        (found,) = predictors.answer(
            {"made-up": some}, {}, effort, Memory(tmp_path / "scores.json"), inline, words.append
        )
        assert sorted(played) == [0, 2]
        np.testing.assert_allclose(
            found.of("by scale", "E2"), [[0, 0.5, 0.25], [0.1, 0.5, 0.3], [0.2, 0.5, 0.35]]
        )
    assert len(words) == 2


def test_tables_at_hand_and_others(monkeypatch):
    def read(name, source=None):
        if name == "regmix" or source == "nowhere":
            raise FileNotFoundError(f"{name}: no such file")
        return table()

    monkeypatch.setattr(predictors, "read_table", read)
    found, missing = predictors.at_hand({})
    assert set(found) == {"slimpajama-472", "slimpajama-7"}
    assert missing == ["regmix: not at hand; `mixenv data fetch regmix`, or --source regmix=PATH"]
    with pytest.raises(FileNotFoundError, match="slimpajama-7: no such file"):
        predictors.at_hand({"slimpajama-7": "nowhere"})
