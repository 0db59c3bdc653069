"""Published shares of tokens, and the problems that carry them."""

from __future__ import annotations

from dataclasses import replace

import pytest

import mixenv
from mixenv.proportions import natural_shares
from mixenv.runs import read_table
from mixenv.surfaces.rows import RowsSurface


def test_the_training_domains_of_slimpajama():
    shares = natural_shares(mixenv.load_surface("surrogate"))
    assert sum(shares) == pytest.approx(1)
    assert shares[2] == pytest.approx(0.052 / 0.211)  # GitHub


@pytest.mark.reference
def test_all_seven_domains_of_slimpajama(reference):
    table = read_table("slimpajama-7", str(reference / "runs" / "dmsl"))
    shares = dict(zip(table.domains, natural_shares(RowsSurface(table)), strict=True))
    assert shares["commoncrawl"] == pytest.approx(0.522, abs=1e-3)
    assert shares["stackexchange"] == pytest.approx(0.033, abs=1e-3)


def test_other_corpora_are_not_known(toy):
    assert natural_shares(toy) is None  # SlimPajama's domains, but nobody's tokens
    assert mixenv.make_task(toy).problem.proportions is None


@pytest.mark.parametrize(
    ("shares", "complaint"),
    [((0.5, 0.5), "expected 5 shares"), ((0.5,) * 5, "expected shares that sum to 1, got 2.5")],
)
def test_proportions_that_are_none(toy, shares, complaint):
    problem = mixenv.make_task(toy).problem
    with pytest.raises(ValueError, match=f"proportions: mixture: {complaint}"):
        replace(problem, proportions=shares)
