"""The way to our own package `agents`, past any other package of that name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def our_agents() -> ModuleType:
    """Our package `agents`. Raises ImportError where another one hides it."""
    spec = find_spec("agents")
    found = Path(spec.origin).resolve() if spec and spec.origin else None
    expected = Path(__file__).resolve().parent.parent / "agents" / "__init__.py"
    if found != expected:
        raise ImportError(
            f"agents: expected mixenv's own package, got {found or 'none'}; rename or uninstall "
            "the other package, or take its folder off PYTHONPATH"
        )
    return import_module("agents")
