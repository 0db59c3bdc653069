"""Scales: labels to parameters and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixenv.scale import parse_scale, scale_label


@pytest.mark.parametrize(
    ("label", "parameters"),
    [("1B", 1e9), ("20M", 2e7), ("1.5b", 1.5e9), (" 70 M ", 7e7), ("2T", 2e12), ("300K", 3e5),
     ("1000", 1e3), (".5B", 5e8)],
)  # fmt: skip
def test_labels_are_parameters(label, parameters):
    assert parse_scale(label) == pytest.approx(parameters, rel=1e-15)


def test_numbers_are_parameters():
    assert parse_scale(70_000_000) == 7e7
    assert isinstance(parse_scale(7), float)


@pytest.mark.parametrize("label", ["", "big", "1G", "-1B", "1B3", "B", "1e9", "nan"])
def test_other_text_is_refused(label):
    with pytest.raises(ValueError, match=r'scale: expected a label such as "1B" or "20M", got'):
        parse_scale(label)


@pytest.mark.parametrize(
    ("parameters", "label"),
    [(1e9, "1B"), (2e7, "20M"), (1.5e9, "1.5B"), (1e3, "1K"), (12, "12"), (2e12, "2T")],
)
def test_labels_are_the_shortest(parameters, label):
    assert scale_label(parameters) == label


@given(st.integers(1, 9999), st.sampled_from([1.0, 1e3, 1e6, 1e9, 1e12]))
def test_four_digits_survive_the_round_trip(digits, unit):
    assert parse_scale(scale_label(digits * unit)) == pytest.approx(digits * unit, rel=1e-12)
