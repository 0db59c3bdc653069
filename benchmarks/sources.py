"""A digest of the source an agent runs on, so that edited agents are not given old results."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from benchmarks.ours import our_agents


@lru_cache(maxsize=64)
def digest(agent: str) -> str:
    """Hash [16 hex] of an agent's module and of what it imports from its own package.

    `agent` is a registered name or "module:Class". Nothing of it is executed, so that naming a
    model-based agent loads no model library; packages it lies in are.
    """
    our_agents()
    from agents.registry import AGENTS

    name = agent.partition("[")[0]  # an ablated agent is made by the same source
    module = AGENTS.get(name, name).partition(":")[0]
    seen: dict[str, bytes] = {}
    _collect(module, module.partition(".")[0], seen)
    whole = hashlib.sha256()
    for name in sorted(seen):
        whole.update(name.encode() + b"\0" + seen[name] + b"\0")
    return whole.hexdigest()[:16]


def _collect(module: str, package: str, seen: dict[str, bytes]) -> None:
    found = _source(module) if module not in seen else None
    if found is None:
        return
    seen[module] = found.read_bytes()
    inside = module if found.name == "__init__.py" else module.rpartition(".")[0]
    for name in _imports(seen[module], inside):
        if name.partition(".")[0] == package:
            _collect(name, package, seen)


def _source(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:  # "package.name" where the name is no module
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


def _imports(source: bytes, inside: str) -> Iterator[str]:
    """Absolute names of the modules that a module of the package `inside` imports.

    `from a import b` is a.b where that is a module: the registry of a package, which its
    __init__ imports, is no part of what an agent does.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, inside)
            names = (f"{base}.{alias.name}" for alias in node.names)
            yield from (name if _source(name) else base for name in names)


def _absolute(node: ast.ImportFrom, inside: str) -> str:
    """The module that is imported from; `from . import` counts up from `inside`."""
    if not node.level:
        return node.module or ""
    parts = inside.split(".")[: len(inside.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])
