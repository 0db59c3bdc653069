"""Imports go one way: mixenv -> agents -> benchmarks; nothing imports the data directory."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "mixenv": {"agents", "benchmarks", "data", "jax", "jaxlib", "optax", "torch"},
    "agents": {"benchmarks", "data", "torch", "sklearn"},
    "benchmarks": {"data"},
}
JAX_ALLOWED = {
    "mixenv/functional.py": {"jax", "jaxlib"},
    "mixenv/randomised.py": {"jax"},  # the same, with the task an argument
    "mixenv/surfaces/mlp.py": {"jax", "optax"},  # to fit, when asked to
    "agents/regmix_boost.py": {"sklearn"},  # an extra, when such an agent is made
}


def imported(source: str) -> set[str]:
    """Top-level names of every package that `source` imports, at any depth."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def violations(root: Path) -> list[str]:
    found = []
    for layer, forbidden in FORBIDDEN.items():
        for path in sorted((root / layer).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            refused = forbidden - JAX_ALLOWED.get(name, set())
            wrong = imported(path.read_text(encoding="utf-8")) & refused
            found += [f"{name} imports {bad}" for bad in sorted(wrong)]
    return found


def test_imports_go_one_way():
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        ("mixenv", "import agents.registry"),
        ("mixenv", "def f():\n    from jax import numpy"),
        ("agents", "from benchmarks import suites"),
        ("benchmarks", "import data.build"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, layer, line):
    (tmp_path / layer).mkdir()
    (tmp_path / layer / "planted.py").write_text(line)
    assert [v.split(" imports ")[0] for v in violations(tmp_path)] == [f"{layer}/planted.py"]


def test_import_mixenv_loads_no_heavy_package():
    code = (
        "import sys, mixenv, gymnasium; gymnasium.make('DataMixture-v0');"
        "print(sorted({'jax', 'agents', 'benchmarks', 'matplotlib', 'pooch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
