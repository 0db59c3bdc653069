"""Peers: what every agent must do, in fewer rounds, where their libraries are installed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import agents
from agents import registry
from agents.peers import library
from agents.registry import NEEDS, PEERS
from mixenv.problem import Experiment

ROUNDS = {"smac": 15, "optuna": 40, "botorch-mf": 18}  # enough for the model's first proposals
VALUES = {
    "failed": lambda i, e: np.nan,
    "constant": lambda i, e: 0.0,
    "half-failed": lambda i, e: np.nan if i % 2 else float(i),
    "wild": lambda i, e: 1e8 * np.sin(i),
}


def play(lab, name, value=None, problem=None, seed=3):
    problem = problem or lab.make_problem()
    agent = agents.make(name, problem, seed)
    asked = []
    for i in range(ROUNDS[name]):
        experiment = agent.ask()
        assert agent.ask() is experiment or agent.ask().steps == experiment.steps
        lab.check(problem, experiment)
        asked.append(experiment)
        shown = value(i, experiment) if value else lab.quadratic(experiment)
        agent.tell(experiment, lab.outcome(shown))
    lab.check(problem, Experiment(agent.recommend(), *problem.target))
    return agent, asked


@pytest.fixture(params=PEERS)
def name(request):
    if not library.installed(PEERS[request.param]):
        pytest.skip(f"needs {PEERS[request.param]}, of the extra `peers`: make peers")
    return request.param


@pytest.mark.timeout(600)
class TestPeers:
    @pytest.mark.parametrize("cap", [0.26, 1.0])
    def test_stays_in_the_region_and_on_the_grid(self, lab, name, cap):
        play(lab, name, problem=lab.make_problem(cap))

    def test_plays_a_pool(self, lab, name):
        rng = np.random.default_rng(0)
        sizes = zip(lab.SCALES, (5, 9, 7), strict=True)
        pools = {s: rng.dirichlet(np.ones(4), n) for s, n in sizes}
        _, asked = play(lab, name, problem=lab.make_problem(1.0, pools=pools))
        for experiment in asked:
            apart = np.abs(pools[experiment.scale] - experiment.mixture).sum(axis=1)
            assert apart.min() < 1e-9

    def test_plays_a_grid_of_one_checkpoint(self, lab, name):
        _, asked = play(lab, name, problem=lab.make_problem(steps=(500,)))
        assert {e.steps for e in asked} == {500}

    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
    def test_survives(self, lab, name, value):
        agent, _ = play(lab, name, value)
        if value is VALUES["failed"]:
            np.testing.assert_allclose(agent.recommend(), 0.25)

    def test_recommends_the_uniform_mixture_before_anything(self, lab, name):
        np.testing.assert_allclose(agents.make(name, lab.make_problem(), 0).recommend(), 0.25)

    def test_what_it_did_not_ask_for_counts_in_the_recommendation(self, lab, name):
        problem = lab.make_problem()
        agent = agents.make(name, problem, 0)
        same = Experiment(np.array([0.4, 0.3, 0.2, 0.1]), *problem.target)
        for _ in range(ROUNDS[name]):
            agent.tell(same, lab.outcome(1.0))
            lab.check(problem, agent.ask())
        np.testing.assert_allclose(agent.recommend(), same.mixture)

    def test_depends_on_the_seed_alone(self, lab, name):
        """Not on the order of Python's hashes, nor on anybody's global stream."""
        code = (
            f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
            "import random, numpy, conftest as lab, agents\n"
            "random.seed(int(sys.argv[1])); numpy.random.seed(int(sys.argv[1]))\n"
            f"agent = agents.make({name!r}, lab.make_problem(), 7)\n"
            f"for _ in range({ROUNDS[name]}):\n"
            "    e = agent.ask()\n"
            "    print(e.mixture.tolist(), e.scale, e.steps)\n"
            "    agent.tell(e, lab.outcome(lab.quadratic(e)))\n"
        )
        shown = [
            subprocess.run(
                [sys.executable, "-W", "ignore", "-c", code, salt],
                env={**os.environ, "PYTHONHASHSEED": salt},
                capture_output=True, text=True, check=True,
            ).stdout
            for salt in ("1", "2")
        ]  # fmt: skip
        assert shown[0].count("\n") == ROUNDS[name]
        assert shown[0] == shown[1]

    def test_leaves_global_streams_and_the_folder_alone(self, lab, name, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        before = repr(np.random.get_state(legacy=False)), random.getstate()  # noqa: NPY002
        play(lab, name)
        assert (repr(np.random.get_state(legacy=False)), random.getstate()) == before  # noqa: NPY002
        assert list(tmp_path.iterdir()) == []

    def test_is_listed(self, name):
        assert name in agents.names()


def test_smac_climbs_by_its_own_rungs(lab):
    pytest.importorskip("smac", reason="needs smac, of the extra `peers`: make peers")
    problem = lab.make_problem(steps=tuple(range(100, 19_501, 100)))
    agent, asked = agents.make("smac", problem, 0), []
    for _ in range(36):  # of the first bracket: no forest yet
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
    first = [e for e in asked if e.steps == 700]
    assert 24 <= len(first) <= 27  # SMAC draws a few of its 27 twice, and asks for them once
    assert asked[: len(first)] == first
    promoted = [tuple(e.mixture) for e in asked if e.steps == 2200]
    best = [tuple(e.mixture) for e in sorted(first, key=lab.quadratic)]
    assert set(promoted) == set(best[: len(promoted)])
    assert {e.steps for e in asked} == {700, 2200, 6500}
    assert {e.scale for e in asked} == {problem.target[0]}


def test_optuna_resumes_a_trial_or_ends_it(lab):
    pytest.importorskip("optuna", reason="needs optuna, of the extra `peers`: make peers")
    _, asked = play(lab, "optuna")
    rungs = (100, 300, 800, 2000)
    for one, two in pairwise(asked):
        if np.array_equal(one.mixture, two.mixture):
            assert two.steps == rungs[rungs.index(one.steps) + 1]
        else:
            assert two.steps == rungs[0]
    assert {e.steps for e in asked} == set(rungs)


def test_botorch_predicts(lab):
    pytest.importorskip("botorch", reason="needs botorch, of the extra `peers`: make peers")
    problem = lab.make_problem()
    agent: Any = agents.make("botorch-mf", problem, 0)
    with pytest.raises(ValueError, match="expected at least one outcome told, got none; tell one"):
        agent.predict(np.full((1, 4), 0.25), *problem.target)
    asked = []
    for _ in range(16):
        asked.append(agent.ask())
        agent.tell(asked[-1], lab.outcome(lab.quadratic(asked[-1])))
    seen = asked[0]
    mean, sd = agent.predict(seen.mixture, seen.scale, seen.steps)
    assert abs(mean[0] - lab.quadratic(seen)) < 0.1
    assert 0 < sd[0] < 0.2


class TestWithoutTheLibrary:
    @pytest.mark.parametrize("peer", PEERS)
    def test_the_error_names_the_extra(self, lab, monkeypatch, peer):
        def lacking(module):
            library = module.partition(".")[0]
            raise ModuleNotFoundError(f"No module named {library!r}", name=library)

        monkeypatch.setattr(library, "import_module", lacking)
        with pytest.raises(ImportError, match=r'got none; pip install "mixenv\[peers\]"') as told:
            agents.make(peer, lab.make_problem(), 0)
        assert str(told.value).startswith(f"library: expected {PEERS[peer]}, got none")

    def test_what_the_library_itself_lacks_keeps_its_error(self, monkeypatch):
        def broken(module):
            raise ModuleNotFoundError("No module named 'leaf'", name="leaf")

        monkeypatch.setattr(library, "import_module", broken)
        with pytest.raises(ModuleNotFoundError, match="No module named 'leaf'"):
            library.load("smac.facade")

    @pytest.mark.parametrize("found", [None, object()], ids=["absent", "present"])
    def test_names_list_those_that_can_be_found(self, monkeypatch, found):
        monkeypatch.setattr(registry, "find_spec", lambda name: found)
        assert (set(PEERS) <= set(agents.names())) == (found is not None)
        assert set(PEERS) <= set(NEEDS)
