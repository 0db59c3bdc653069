"""One line of a verification: what was checked, what was expected and what was found."""

from __future__ import annotations

from typing import Any, NamedTuple


class Check(NamedTuple):
    """A check by its name; `ok` says whether `got` is what was `expected`."""

    check: str
    expected: Any
    got: Any
    ok: bool
