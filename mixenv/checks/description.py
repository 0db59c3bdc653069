"""How a surface describes itself: names, scales and steps, costs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from mixenv.checks.faults import Faults
from mixenv.surfaces.protocol import Surface

PROVENANCES = ("measured", "surrogate", "published", "fitted", "synthetic")


def names(faults: Faults, surface: Surface) -> None:
    """Names and provenance."""
    for part in ("name", "support", "fingerprint", "cost_unit"):
        value = getattr(surface, part)
        faults.expect(isinstance(value, str) and value, f"{part}: expected a string, got {value!r}")
    kind = surface.provenance
    known = ", ".join(PROVENANCES)
    faults.expect(kind in PROVENANCES, f"provenance: expected one of {known}, got {kind!r}")
    for part, least in (("domains", 2), ("metric_names", 1)):
        given = list(getattr(surface, part))
        unique = len(set(given)) == len(given) >= least and all(isinstance(n, str) for n in given)
        faults.expect(unique, f"{part}: expected at least {least} distinct names, got {given}")
    named, listed = [m.name for m in surface.metric_set], list(surface.metric_names)
    faults.expect(
        named == listed, f"metric_names: expected those of metric_set, {named}, got {listed}"
    )


def grid(faults: Faults, surface: Surface) -> bool:
    """Scales and steps; whether there are any to ask at."""
    sound = True
    for part in ("scales", "steps"):
        values = list(getattr(surface, part))
        ascending = all(a < b for a, b in pairwise(values)) and all(v > 0 for v in values)
        sound &= faults.expect(
            values and ascending, f"{part}: expected positive numbers, ascending, got {values[:9]}"
        )
    whole = all(isinstance(t, int | np.integer) for t in surface.steps)
    return faults.expect(whole, "steps: expected whole numbers, got others") and sound


def costs(faults: Faults, surface: Surface) -> None:
    """What a step costs at each scale."""
    for scale in surface.scales:
        cost = surface.step_cost(scale)
        sound = np.isfinite(cost) and cost > 0
        faults.expect(sound, f"step_cost({scale:g}): expected a positive number, got {cost!r}")
