"""Agents by name, lazily."""

from __future__ import annotations

import subprocess
import sys

import pytest

import agents
from agents.protocol import Agent


@pytest.mark.parametrize("name", agents.names())
def test_every_name_makes_an_agent(lab, name):
    assert isinstance(agents.make(name, lab.make_problem(), 0), Agent)


def test_unknown_name_lists_the_names(lab):
    with pytest.raises(ValueError, match=r"expected one of uniform, .*mfms-gp.*, got 'randon'"):
        agents.make("randon", lab.make_problem(), 0)


def test_a_class_of_ones_own(lab, tmp_path, monkeypatch):
    (tmp_path / "agent_of_mine.py").write_text(
        "class Mine:\n    def __init__(self, problem, seed):\n        self.seed = seed\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert agents.make("agent_of_mine:Mine", lab.make_problem(), 7).seed == 7
    with pytest.raises(ValueError, match="expected a class 'Other' in agent_of_mine"):
        agents.make("agent_of_mine:Other", lab.make_problem(), 0)


def test_a_module_that_is_not_there(lab):
    with pytest.raises(ValueError, match=r"got 'no_such_module'; install it or put its folder"):
        agents.make("no_such_module:Mine", lab.make_problem(), 0)


def test_a_module_whose_own_import_fails_keeps_its_error(lab, tmp_path, monkeypatch):
    (tmp_path / "broken_agent.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        agents.make("broken_agent:Mine", lab.make_problem(), 0)


def test_agents_without_a_gp_or_network_need_no_jax():
    code = (
        "import sys, agents\n"
        "from agents.registry import find, names\n"
        "[find(name) for name in names() if not name.startswith(('mfms', 'gp-', 'seq'))]\n"
        "sys.exit('jax' in sys.modules or 'optax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
