"""Where the files that ship lie: `mixenv/_data` in an installed wheel, `data/` in a checkout."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def shipped(name: str) -> Traversable:
    """The shipped file `name`. Raises FileNotFoundError where the installation lacks it."""
    installed = files("mixenv") / "_data" / name
    checkout = Path(__file__).parent.parent / "data" / name
    for candidate in (installed, checkout):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(
        f"expected the shipped file {name} in the installation, got none at {installed}; "
        "install mixenv again"
    )
