"""What is known of the 472 runs, checked on a table; and how a surface agrees with a table."""

import numpy as np
import pytest

from mixenv import facts
from mixenv.metrics import SLIMPAJAMA
from mixenv.runs.table import RunTable
from mixenv.runs.verification import agreement, verify_slimpajama


def like_the_472(**changes):
    """A table that satisfies everything known of the 472 runs."""
    scale, length = [], []
    for known in facts.slimpajama().scales:
        full = 42 if known.scale == "1B" else 0
        used = known.usable_runs - full
        scale += [known.parameters] * known.runs
        length += [19_500] * full + [19_400] * used + [0] * (known.runs - known.usable_runs)
    run = np.flatnonzero(length)
    fields = {
        "mixture": np.full((472, 5), 0.2), "scale": np.array(scale),
        "step_cost": np.ones(472), "run": run,
        "steps": np.array(length)[run], "values": np.full((len(run), 11), 2.0),
    }  # fmt: skip
    fields["values"][100, 4] = 0.82574
    return RunTable("like", facts.slimpajama().domains, SLIMPAJAMA, **fields | changes)


def test_what_is_known_of_the_472_runs_is_checked():
    checks = verify_slimpajama(like_the_472())
    assert [check for check in checks if not check.ok] == []
    names = [check.check for check in checks]
    assert "runs with a history at 300M" in names
    assert "runs at 1B ending at 19500 steps" in names
    assert len(names) == len(set(names)) == 18


def test_a_table_of_other_runs_fails_the_checks():
    whole = like_the_472()
    values = whole.values.copy()
    values[100, 4] = 0.8256
    scale = whole.scale.copy()
    scale[0] = 6e7
    steps = np.where(whole.steps == 19_500, 19_600, whole.steps)
    failed = {
        check.check: (check.expected, check.got)
        for check in verify_slimpajama(like_the_472(values=values, scale=scale, steps=steps))
        if not check.ok
    }
    assert failed == {
        "runs at 20M": (115, 114),
        "runs with a history at 20M": (112, 111),
        "runs at 60M": (71, 72),
        "runs with a history at 60M": (71, 72),
        "runs at 1B ending at 19500 steps": (42, 0),
        "best final stack_exchange loss": (0.8257, 0.8256),
    }


def test_a_table_without_rows_fails_the_checks():
    nothing = {"run": np.zeros(0, int), "steps": np.zeros(0, int), "values": np.zeros((0, 11))}
    checks = {check.check: check for check in verify_slimpajama(like_the_472(**nothing))}
    assert checks["runs with an empty history"].got == 472
    assert not checks["best final stack_exchange loss"].ok


class Linear:
    """A surface that is exact for metric 0 and off by 0.1 and -0.1 for metric 1, by run."""

    metric_names = ("common_crawl", "train_cross_entropy")

    def metrics(self, mixture, scale, steps):
        truth = np.log(steps)
        return np.stack([truth + np.where(mixture[:, 0] > 0.5, 0.1, -0.1), truth], axis=1)


def two_metric_table(**changes):
    steps = np.array([100, 200, 100, 200, 100, 300])
    fields = {
        "metrics": SLIMPAJAMA[:2],
        "mixture": np.array([[0.6, 0.4], [0.4, 0.6], [0.7, 0.3]]),
        "scale": np.array([1e9, 1e9, 2e7]), "step_cost": np.ones(3),
        "run": np.repeat([0, 1, 2], 2), "steps": steps,
        "values": np.stack([np.log(steps)] * 2, axis=1),
    }  # fmt: skip
    return RunTable("two", ("a", "b"), **fields | changes)


def test_agreement_of_a_surface_with_rows():
    found = agreement(Linear(), two_metric_table())
    variance = np.var(np.log([100, 200, 100, 200, 100, 300]))
    np.testing.assert_allclose(found.r2, [1.0, 1 - 0.01 / variance])
    # At 1B and 200 steps the residuals are -0.1 and 0.1.
    np.testing.assert_allclose(found.noise_sd, [0.0, 0.1 * 2**0.5], atol=1e-12)
    assert found.rows == 2


def test_agreement_leaves_out_missing_cells():
    values = two_metric_table().values.copy()
    values[:5, 1] = np.nan
    found = agreement(Linear(), two_metric_table(values=values))
    assert np.isnan([found.r2[1], found.noise_sd[1]]).all()
    assert found.r2[0] == 1


def test_agreement_without_rows_is_unknown():
    nothing = {"run": np.zeros(0, int), "steps": np.zeros(0, int), "values": np.zeros((0, 2))}
    found = agreement(Linear(), two_metric_table(**nothing))
    assert np.isnan(found.r2).all()
    assert found.rows == 0


def test_agreement_needs_the_tables_metrics():
    table = two_metric_table(metrics=SLIMPAJAMA[1:3])
    with pytest.raises(ValueError, match=r"expected a surface with the metrics of 'two', .*out c4"):
        agreement(Linear(), table)
