"""Every script of docs/examples runs in its small setting, and its claim holds.

Two need no more than the tests do and run with them. `make examples` runs all of them, in an
environment with the libraries that they show.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import mixenv

FOLDER = Path(__file__).parent.parent / "docs" / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))
QUICK = {"bandits", "own_agent"}  # seconds, and no other library
AGENTS = {
    "own_agent": "HillClimber",
    "optuna_ask_tell": "OptunaGP",
    "botorch_ask_tell": "BotorchEI",
}
HERE = {"agents", "benchmarks", "mixenv"}


def libraries(path: Path) -> set[str]:
    """Top-level names of what a script imports from elsewhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found - HERE - set(sys.stdlib_module_names)


def need(path: Path) -> None:
    """Skip where a script's libraries lack, unless they were promised."""
    missing = sorted(name for name in libraries(path) if find_spec(name) is None)
    if missing and os.environ.get("MIXENV_EXAMPLES_REQUIRED"):
        pytest.fail(f"{path.name} needs {', '.join(missing)}, which should have been installed")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}, of the extras `rl` and `peers`: make examples")


def scripts(paths: list[Path]) -> list[object]:
    return [
        pytest.param(path, id=path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
        for path in paths
    ]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("path", scripts(EXAMPLES))
def test_its_claim_holds(path, tmp_path):
    need(path)
    figure = tmp_path / "figure.png"
    command = [sys.executable, str(path), "--small", "--figure", str(figure)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    print(done.stdout)  # what a reader of the log wants: the claim
    assert done.returncode == 0, done.stderr
    assert "[" in done.stdout  # an interval
    assert figure.read_bytes()[:4] == b"\x89PNG"
    assert list(tmp_path.iterdir()) == [figure]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_says_how_to_run_it(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert f"python docs/examples/{path.name} --figure {path.stem}.png" in text
    assert f"python docs/examples/{path.name} --small" in text


@pytest.fixture
def example(monkeypatch):
    """An example as a module, imported from its folder."""
    monkeypatch.syspath_prepend(str(FOLDER))

    def found(name):
        need(FOLDER / f"{name}.py")
        monkeypatch.delitem(sys.modules, name, raising=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what libraries say of each other as they load
            return import_module(name)

    return found


class TestClaimsCanFail:
    """An agent that learns nothing is told so."""

    def test_own_agent(self, example, monkeypatch):
        module = example("own_agent")
        monkeypatch.setattr(module.HillClimber, "tell", lambda *_: None)
        with pytest.raises(AssertionError, match="HillClimber: expected less regret than random"):
            module.main(seeds=3)

    def test_bandits(self, example, monkeypatch):
        module = example("bandits")
        monkeypatch.setattr(module.LinUCB, "ask", module.Uniform.ask)
        with pytest.raises(AssertionError, match="LinUCB: expected less regret than uniform"):
            module.main(seeds=3)

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["optuna_ask_tell", "botorch_ask_tell"])
    def test_ask_and_tell(self, example, monkeypatch, name):
        module = example(name)
        monkeypatch.setattr(module, "RANDOM", 100)  # the model never has a say
        with pytest.raises(AssertionError, match="expected less regret than random"):
            module.main(seeds=10)

    @pytest.mark.slow
    @pytest.mark.timeout(600)
    def test_sb3_ppo(self, example):
        with pytest.raises(AssertionError, match="PPO: expected less regret than"):
            example("sb3_ppo").main(steps=1, tasks=30)


@pytest.mark.parametrize(("name", "kind"), AGENTS.items())
def test_agents_keep_the_contract(example, name, kind):
    """One experiment between two tells, a failed run is legal, and a recommendation at any time."""
    problem = mixenv.make_task("surrogate", max_share=0.5).problem
    agent = vars(example(name))[kind](problem, 0)
    assert agent.recommend() == pytest.approx(0.2)
    for metrics in (np.full(len(problem.metrics), np.nan), np.ones(len(problem.metrics))):
        asked = agent.ask()
        assert agent.ask().mixture is asked.mixture
        agent.tell(asked, mixenv.Outcome(metrics, 1.0))
    assert agent.recommend() == pytest.approx(asked.mixture)
