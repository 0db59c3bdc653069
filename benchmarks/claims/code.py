"""A digest of what source files do: comments, docstrings and layout leave it as it is."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path


@lru_cache(maxsize=8)
def digest(modules: Sequence[str]) -> str:
    """Of modules and packages by name, in full depth."""
    files = [file for name in modules for file in _files(name)]
    return sha256(
        "\n".join(meaning(f.read_text(encoding="utf-8")) for f in files).encode()
    ).hexdigest()


def meaning(source: str) -> str:
    """The syntax tree of a source without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _files(name: str) -> list[Path]:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"code: expected a module with a source file, got {name!r}")
    origin = Path(spec.origin)
    return sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
