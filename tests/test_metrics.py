"""Metrics: signs, evaluation sets, and the eleven of the SlimPajama runs."""

from __future__ import annotations

import pytest

from mixenv.metrics import SLIMPAJAMA, Metric, accuracy, loss


@pytest.mark.parametrize("sign", [0, 2, -1.5])
def test_a_sign_is_one_or_minus_one(sign):
    with pytest.raises(ValueError, match=r"metric 'x': expected sign \+1 .* or -1 .*, got"):
        Metric("x", sign=sign)


@pytest.mark.parametrize("items", [0, -3])
def test_an_evaluation_set_has_items(items):
    with pytest.raises(ValueError, match=f"'x': expected a positive number .* items, got {items}"):
        Metric("x", sign=-1, items=items)


def test_losses_are_lower_better_and_accuracies_are_not():
    assert loss("c4").is_loss
    assert loss("c4").sign == 1
    assert not accuracy("piqa", 1838).is_loss
    assert accuracy("piqa", 1838).sign == -1
    assert not Metric("train", evaluated=False).is_loss


def test_the_slimpajama_metrics_are_the_papers():
    """Order of the simulator's outputs; sizes of the public evaluation sets."""
    assert [m.name for m in SLIMPAJAMA] == [
        "train_cross_entropy", "common_crawl", "c4", "wikipedia", "stack_exchange", "github",
        "arxiv", "book", "hellaswag", "piqa", "arc_easy",
    ]  # fmt: skip
    assert [m.items for m in SLIMPAJAMA] == [None] * 8 + [10_042, 1_838, 2_376]
    assert [m.sign for m in SLIMPAJAMA] == [1] * 8 + [-1] * 3
    assert [m.is_loss for m in SLIMPAJAMA] == [False] + [True] * 7 + [False] * 3
    assert [m.evaluated for m in SLIMPAJAMA] == [False] + [True] * 10
