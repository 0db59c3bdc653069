"""The checker of surfaces: silent on what is sound, and every fault planted is named."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from checks_bowl import Bowl, changed, raising

import mixenv
from mixenv import check_surface
from mixenv.surfaces.rows import RowsSurface


def metrics_with(change):
    """The bowl with its metrics, and so its curve, changed."""

    def metrics(self, mixture, scale, steps, xp=np):
        return change(self, Bowl.metrics(self, mixture, scale, steps, xp), (mixture, scale, steps))

    return changed(Bowl, metrics=metrics)()


def spoil(self, values, asked):
    asked[0][:] = 0.0
    return values


def dream(self, values, asked):
    return values + np.random.default_rng().normal(size=values.shape)


def by_batch(self, values, asked):
    return values + len(values)


def drifting(self, values, asked):
    object.__setattr__(self, "fingerprint", self.fingerprint + "'")
    return values


def only_odd(self, values, asked):
    return values[1:]


SURFACES = [
    (Bowl(name=""), r"name: expected a string, got ''"),
    (Bowl(support=3), "support: expected a string, got 3"),
    (Bowl(cost_unit=None), "cost_unit: expected a string, got None"),
    (Bowl(provenance="hearsay"), "provenance: expected one of measured, .*, got 'hearsay'"),
    (Bowl(domains=("web", "web", "books")), "domains: expected at least 2 distinct names, got"),
    (Bowl(metric_names=("web", "web")), "metric_names: expected at least 1 distinct names, got"),
    (Bowl(metric_names=("quiz", "web")), "metric_names: expected those of metric_set, .* got"),
    (Bowl(scales=(1e9, 1e8)), "scales: expected positive numbers, ascending, got"),
    (Bowl(scales=()), r"scales: expected positive numbers, ascending, got \[\]"),
    (Bowl(steps=(0, 100)), r"steps: expected positive numbers, ascending, got \[0, 100\]"),
    (Bowl(steps=(100.5, 200.0)), "steps: expected whole numbers, got others"),
    (changed(Bowl, step_cost=lambda self, s: 0.0)(), r"step_cost\(1e\+08\): expected a positive"),
    (changed(Bowl, step_cost=raising)(), "step_cost: raised RuntimeError: no such query"),
    (changed(Bowl, metrics=raising)(), "metrics: raised RuntimeError: no such query"),
    (metrics_with(lambda s, v, a: v.tolist()), "metrics: expected a float64 array, got list"),
    (metrics_with(lambda s, v, a: v.astype(np.float32)), "metrics: .* float64 array, got float32"),
    (metrics_with(only_odd), r"metrics: expected shape \(8, 2\), got \(7, 2\)"),
    (metrics_with(lambda s, v, a: v * np.nan), "metrics: expected finite numbers, got others"),
    (metrics_with(spoil), "metrics: expected its arguments to stay as they are, got them changed"),
    (metrics_with(dream), "metrics: expected the same numbers when asked again"),
    (metrics_with(by_batch), "metrics: expected a batch to equal its queries alone"),
    (metrics_with(drifting), "fingerprint: expected the same one after queries and in a copy"),
    (Bowl(domains=5), "names: raised TypeError: 'int' object is not iterable"),
    (Bowl(scales=5), "grid: raised TypeError: 'int' object is not iterable"),
    (changed(Bowl, curve=raising)(), "curve: raised RuntimeError: no such query"),
    (
        changed(Bowl, curve=lambda self, m, s, t: Bowl.curve(self, m, s, t + 1))(),
        "curve: expected the metrics at its checkpoints",
    ),
    (
        changed(Bowl, curve=lambda self, m, s, t: Bowl.metrics(self, m, s, t[:, 0]))(),
        r"curve: expected shape \(8, 5, 2\), got \(8, 2\)",
    ),
    (SimpleNamespace(name="stub"), "expected the attributes of a Surface, no .*'step_cost'"),
]


def test_sound_surfaces_pass(toy, recorded):
    for surface in (Bowl(), toy, RowsSurface(recorded), mixenv.load_surface("surrogate")):
        assert check_surface(surface) is None


@pytest.mark.parametrize(("surface", "fault"), SURFACES, ids=[fault for _, fault in SURFACES])
def test_a_fault_of_a_surface_is_named(surface, fault):
    with pytest.raises(ValueError, match=rf"surface .*: \d+ wrong[^$]*\n- {fault}"):
        check_surface(surface)


def test_all_faults_are_listed_at_once():
    surface = changed(Bowl, metrics=raising)(name="", steps=(100, 200), domains=("a", "b", "b"))
    with pytest.raises(ValueError, match="surface '': 4 wrong") as caught:
        check_surface(surface)
    starts = [line.split(":")[0] for line in str(caught.value).splitlines()[1:]]
    assert starts == ["- name", "- domains", "- metrics", "- curve"]
