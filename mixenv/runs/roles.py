"""Which column of a table is what: names in, roles out.

Shares are `weight_*`, `ratio_*`, `phase_0_*` or `train_*`; outcomes are `metric_*`, `metric/*`,
`eval/*`, `eval_*`, `val/*` and names that say what they are (`arxiv_loss`, `piqa_acc`). A name that
says loss, perplexity, entropy, bits or error is a loss (lower is better); every other outcome is an
accuracy, a fraction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mixenv.metrics import Metric
from mixenv.runs.problems import Findings

SHARES = ("weight_", "ratio_", "phase_0_", "train_")
SCALE = ("model_size", "params", "parameters", "n_params", "num_params", "scale", "size", "model")
STEPS = ("steps", "step", "_step", "n_steps")
TOKENS = ("n_tokens", "tokens", "num_tokens", "total_tokens")
FLOPS = ("flops", "total_flops", "train_flops", "cost_flops")
RUN = ("run", "run_id", "run_name")
KINDS = ("loss", "accuracy", "ignore")

_LOSS = re.compile(r"loss|perplexity|ppl|nll|entropy|bpb|bits|error", re.IGNORECASE)
_ACCURACY = re.compile(r"(^|[_/.])(acc|accuracy|acc_norm|exact_match|em|f1)$", re.IGNORECASE)
_PREFIX = re.compile(r"^(metric[_/]|eval[_/]|val/)", re.IGNORECASE)
_SUFFIX = re.compile(r"[_/](val_loss|loss|crossentropyloss|cross_entropy_loss)$", re.IGNORECASE)


@dataclass(frozen=True)
class Roles:
    """Columns by role: shares and outcomes by column; None where a table has no such column."""

    shares: dict[str, str]
    metrics: dict[str, Metric]
    scale: str | None
    steps: str | None
    tokens: str | None
    cost: str | None
    run: str | None


def find_roles(
    columns: Sequence[str],
    findings: Findings,
    *,
    shares: str | Sequence[str] | Mapping[str, str] | None = None,
    metrics: Mapping[str, str] | None = None,
    **given: str | None,
) -> Roles:
    """The roles of `columns`; arguments name those that the spellings do not tell.

    Raises TableError where shares or outcomes are not found, or a column named is not there.
    """
    known = {"scale": SCALE, "steps": STEPS, "tokens": TOKENS, "cost": FLOPS, "run": RUN}
    single = {r: _one(columns, given.get(r), names, findings) for r, names in known.items()}
    taken = {name for name in single.values() if name}
    mixed = _shares(columns, shares, taken | set(metrics or ()), findings)
    outcomes = _outcomes(columns, metrics or {}, taken | set(mixed), findings)
    if len(mixed) < 2 and not findings.problems:
        spelled = ", ".join(f"{prefix}<domain>" for prefix in SHARES)
        findings.refuse(
            f"expected the shares of two domains or more ({spelled}), got {list(columns)}; "
            "name them with shares=", None, 0
        )  # fmt: skip
    if not outcomes and not findings.problems:
        findings.refuse(
            f"expected outcomes (<domain>_loss, metric_<task>, eval/...), got {list(columns)}; "
            'name them with metrics={column: "loss" or "accuracy"}', None, 0
        )  # fmt: skip
    findings.check()
    ignored = [name for name in columns if name not in taken | set(mixed) | set(outcomes)]
    if ignored:
        findings.notes.append(f"columns left out: {', '.join(ignored)}")
    return Roles(mixed, outcomes, **single)


def _one(
    columns: Sequence[str], given: str | None, names: Iterable[str], findings: Findings
) -> str | None:
    """The column of a role: the one named, else the first of the known spellings."""
    if given is not None:
        return given if _there([given], columns, findings) else None
    lower = {name.lower(): name for name in reversed(columns)}
    return next((lower[name] for name in names if name in lower), None)


def _shares(
    columns: Sequence[str],
    given: str | Sequence[str] | Mapping[str, str] | None,
    taken: set[str],
    findings: Findings,
) -> dict[str, str]:
    """Share columns and their domains."""
    if isinstance(given, str):
        return _prefixed(columns, given, set())
    if given is not None:
        named = dict(given) if isinstance(given, Mapping) else {name: name for name in given}
        return named if _there(named, columns, findings) else {}
    outcome = {c for c in columns if _LOSS.search(c) or _ACCURACY.search(c) or c == "train_time"}
    groups = {p: _prefixed(columns, p, taken | outcome) for p in SHARES}
    groups = {p: group for p, group in groups.items() if len(group) > 1}
    if any(re.match(r"phase_[1-9]\d*_", name) for name in columns):
        findings.refuse("expected one phase, got phase_1_...; choose one with shares='phase_0_'")
    elif len(groups) > 1 and set(groups) != {next(iter(groups)), "train_"}:
        findings.refuse(f"expected shares of one spelling, got {list(groups)}; choose with shares=")
    return next(iter(groups.values()), {})


def _prefixed(columns: Sequence[str], prefix: str, taken: set[str]) -> dict[str, str]:
    return {
        name: name.removeprefix(prefix)
        for name in columns
        if name.startswith(prefix) and name != prefix and name not in taken
    }


def _outcomes(
    columns: Sequence[str], given: Mapping[str, str], taken: set[str], findings: Findings
) -> dict[str, Metric]:
    """Outcome columns and their metrics; `given` adds to, and overrules, what names tell."""
    for column, kind in given.items():
        if kind not in KINDS:
            findings.refuse(f"metrics: expected one of {', '.join(KINDS)}, got {kind!r}", column, 0)
    if not _there(given, columns, findings):
        return {}
    kinds = {c: _kind(c) for c in columns if c not in taken} | dict(given)
    chosen = {column: kind for column, kind in kinds.items() if kind in ("loss", "accuracy")}
    plain = [_plain(column) for column in chosen]
    return {
        column: Metric(
            name if plain.count(name) == 1 else column, 1 if kind == "loss" else -1,
            evaluated=not column.lower().startswith("train"),
        )
        for (column, kind), name in zip(chosen.items(), plain, strict=True)
    }  # fmt: skip


def _kind(column: str) -> str | None:
    if _LOSS.search(column):
        return "loss"
    return "accuracy" if _PREFIX.match(column) or _ACCURACY.search(column) else None


def _plain(column: str) -> str:
    """A metric's name: its column without what only says that it is a metric."""
    return _SUFFIX.sub("", _PREFIX.sub("", column)) or column


def _there(named: Iterable[str], columns: Sequence[str], findings: Findings) -> bool:
    missing = [name for name in named if name not in columns]
    for name in missing:
        findings.refuse(f"expected a column of that name, got {', '.join(columns)}", name, 0)
    return not missing
