"""E1 to E8 as tables, beside the paper's numbers, with a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.paper import claims
from benchmarks.paper.experiments import KINDS, WAYS, Scores
from benchmarks.paper.resampled import difference, verdict
from benchmarks.paper.splits import BUDGETS, HELD_OUT, QUESTIONS
from benchmarks.paper.studies import Study
from benchmarks.statistics import Interval
from benchmarks.table import Table

ALL = "mean over metrics"
PAIRS = (("E1", "E2"), ("E1", "E3"), ("E4", "E5"))
_WAYS = {
    "as the paper": "One network for the metrics of all scales as recorded; held-out mixtures were "
    "trained at no scale that the network saw.",
    "by scale": "Metrics standardised within each scale before the network sees them; held-out "
    "mixtures were trained at no scale that it saw.",
    "by scale, mixtures recur": "Metrics standardised within each scale; a held-out mixture may "
    "have been trained at a smaller scale, as when small runs screen candidates.",
}


@dataclass(frozen=True, eq=False)
class Answers:
    """What a study's splits scored: `scores` one a split, R^2 by metric."""

    study: Study
    provenance: str
    metrics: tuple[str, ...]
    scores: Sequence[Scores]

    def of(self, way: str, experiment: str) -> np.ndarray:
        """R^2 [splits, k + 1] of an experiment; the last column is the mean over metrics."""
        found = np.array([scores[way, experiment] for scores in self.scores])
        return np.concatenate([found, found.mean(axis=1, keepdims=True)], axis=1)

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the columns of `of`."""
        return (*self.metrics, ALL)

    @property
    def caption(self) -> str:
        """What goes under every table."""
        return (
            f"Provenance: {self.provenance} ({self.study.table}). R² of held-out runs' last "
            f"metrics, mean ± sd over {len(self.scores)} random splits. {self.study.about}"
        )


def scales_table(answers: Answers, way: str) -> Table:
    """E1 to E5 in one way of learning, with what the smaller scales bring."""
    values = {q: answers.of(way, q) for q in QUESTIONS}
    rows = []
    for i, metric in enumerate(answers.rows):
        gains = [_gain(values[a][:, i], values[b][:, i]) for a, b in PAIRS]
        rows.append([
            metric, *(_spread(values[q][:, i]) for q in QUESTIONS),
            *(text for gain in gains for text in (gain.shown(), verdict(gain))),
            _theirs(metric),
        ])  # fmt: skip
    gains = [text for a, b in PAIRS for text in (f"{b} - {a}", f"{b} > {a}?")]
    columns = ["metric", *QUESTIONS, *gains, "the paper's E1 to E5"]
    notes = [answers.caption, _WAYS[way], _ABOUT]
    return Table(f"Do smaller scales help? {answers.study.table}, {way}", columns, rows, notes)


def verdicts(answers: Answers) -> list[str]:
    """One sentence a way: does E1 < E2 and E4 < E5 hold, over all metrics and metric by metric."""
    return [
        f"{answers.study.table}, {way}: {'; '.join(_verdict(answers, way, *p) for p in PAIRS)}."
        for way in WAYS
    ]


def _verdict(answers: Answers, way: str, a: str, b: str) -> str:
    first, second = answers.of(way, a), answers.of(way, b)
    *each, whole = [verdict(_gain(x, y)) for x, y in zip(first.T, second.T, strict=True)]
    counts = ", ".join(f"{each.count(word)} {word}" for word in dict.fromkeys(each))
    means = f"{a} {first[:, -1].mean():.2f}, {b} {second[:, -1].mean():.2f}"
    return f"{means}: {whole} (of {len(each)} metrics: {counts})"


def budgets_table(answers: Answers) -> Table | None:
    """E6 to E8 by metric, and their mean over metrics; None for a table without checkpoints."""
    if not answers.study.cuts:
        return None
    rows = []
    for i, metric in enumerate(answers.rows):
        found = [answers.of(kind, e)[:, i] for kind in KINDS for e in BUDGETS]
        rows.append([metric, *(_spread(values) for values in found), _more(answers, i).shown()])
    theirs = [f"{claims.BUDGETS[e][i]:.2f}" for i in (0, 1) for e in BUDGETS]
    rows.append(["the paper's", *theirs, *[""] * (len(BUDGETS) + 1)])
    columns = ["metric", *(f"{e}{_HEADS[kind]}" for kind in KINDS for e in BUDGETS), "E8 - E6"]
    notes = [answers.caption, _cuts(answers.study)]
    return Table(f"Few long or many short? {answers.study.table}", columns, rows, notes)


_HEADS = {"all": "", "log": " log", "within": " within"}


def _cuts(study: Study) -> str:
    cuts = zip(BUDGETS, study.cuts, strict=True)
    drawn = "; ".join(f"{name}: {count} runs to {part:.0%}" for name, (count, part) in cuts)
    return (
        f"{drawn} of their length, every checkpoint a row. Held out: {HELD_OUT:.0%} of the "
        "mixtures, at every scale. Log: of logarithms. Within: deviations from each scale's own "
        "mean; the other two are mostly the difference between scales. The runs of E6 and E8 have "
        "the same scales, so nearly the same FLOPs; E8 - E6: as above, over all scales."
    )


_ABOUT = (
    "E1: half of the top scale's runs predict the other half; E2: with all runs one scale below; "
    "E3: with all smaller ones; E4 and E5: E1 and E2 one scale down. E1 and E2 (E4 and E5) have "
    "the same halves and seeds. Differences: mean over splits with the 95% interval corrected for "
    "overlapping splits (Nadeau and Bengio 2003); verdicts by that interval, a metric at a time."
)


def _gain(first: np.ndarray, second: np.ndarray) -> Interval:
    return difference(first, second, held=1, train=1)  # halves


def _more(answers: Answers, column: int) -> Interval:
    """What many short runs bring over few long ones."""
    few, many = (answers.of("all", name)[:, column] for name in (BUDGETS[0], BUDGETS[-1]))
    return difference(few, many, held=3, train=7)


def _spread(values: np.ndarray) -> str:
    sd = f" ± {values.std(ddof=1):.2f}" if len(values) > 1 else ""
    return f"{values.mean():.2f}{sd}"


def _theirs(metric: str) -> str:
    row = claims.predictor(metric)
    if metric == ALL:
        row = tuple(np.mean(list(claims.PREDICTORS.values()), axis=0).tolist())
    return "" if row is None else " ".join(f"{value:.2f}"[-3:] for value in row)
