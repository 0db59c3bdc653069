"""What `mixenv paper` is to play, from its options, checked before anything is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ours import our_agents
from benchmarks.page import parse_sources
from benchmarks.paper.kernels import KERNELS
from benchmarks.paper.predictor import FULL, QUICK, Effort
from benchmarks.paper.predictors import at_hand
from benchmarks.paper.problems import AGENTS
from benchmarks.paper.studies import STUDIES
from benchmarks.suites import SUITES, Suite
from mixenv.runs.table import RunTable

PARTS = ("problems", "kernels", "predictors")
SURFACES = ("surrogate", "published")
SIMULATOR = "published-simulator"  # what `mixenv data fetch` calls the published surface
_QUICK_TASKS, _QUICK_SEEDS, _QUICK_BUDGET = ("stack_exchange", "hellaswag", "piqa"), 3, 4.0


@dataclass(frozen=True, eq=False)
class Plan:
    """`suites` by part; `tables` at hand with the `sources` they came from, `missing` in words."""

    parts: tuple[str, ...]
    surface: str
    suites: dict[str, Suite]
    tables: dict[str, RunTable]
    missing: list[str]
    sources: dict[str, str]
    effort: Effort


def make(
    parts: Sequence[str],
    *,
    surface: str = "surrogate",
    sources: tuple[str, ...] = (),
    seeds: int | None = None,
    quick: bool = False,
) -> Plan:
    """The plan of some of `PARTS`. Raises ValueError and FileNotFoundError for a user's mistake."""
    if surface not in SURFACES:
        raise ValueError(f"surface: expected one of {', '.join(SURFACES)}, got {surface!r}")
    local, file = _sources(sources, surface)
    tables, missing = at_hand(local) if "predictors" in parts else ({}, [])
    our_agents()
    return Plan(
        tuple(part for part in PARTS if part in parts),
        surface,
        _suites(parts, surface, file, seeds, quick),
        tables,
        missing,
        local,
        QUICK if quick else FULL,
    )


def _sources(sources: tuple[str, ...], surface: str) -> tuple[dict[str, str], str | None]:
    """Paths by run table, and the surface's own file."""
    bare = [given for given in sources if "=" not in given]
    named = parse_sources(tuple(given for given in sources if "=" in given))
    files = [*bare, *([named.pop(SIMULATOR)] if SIMULATOR in named else [])]
    unused = [name for name in named if name not in STUDIES]
    if unused:
        raise ValueError(
            f"--source: expected a run table of {', '.join(STUDIES)}, got {unused[0]}; leave it out"
        )
    if len(files) > 1 or (files and surface != "published"):
        raise ValueError(
            f"--source: expected NAME=PATH, and one file of the surface at most, with --surface "
            f"published; got {', '.join(files)} for the {surface} surface"
        )
    return named, str(Path(files[0]).resolve()) if files else None


def _suites(
    parts: Sequence[str], surface: str, file: str | None, seeds: int | None, quick: bool
) -> dict[str, Suite]:
    """The suite "paper" with the agents of each part."""
    agents: Mapping[str, tuple[str, ...]] = {"problems": AGENTS, "kernels": tuple(KERNELS)}
    chosen = SUITES["paper"].choose(
        tasks=_QUICK_TASKS if quick else (),
        seeds=seeds or (_QUICK_SEEDS if quick else None),
        surface=surface,
        source=file,
        budget=_QUICK_BUDGET if quick else None,
    )
    return {p: chosen.choose(agents=agents[p]) for p in ("problems", "kernels") if p in parts}
