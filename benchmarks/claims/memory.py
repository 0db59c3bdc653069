"""What was measured already: one JSON file a claim and seed, named by all that made it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.claims import probe
from benchmarks.claims.claim import Bound, Claim, Measured, Row
from benchmarks.claims.code import digest
from benchmarks.claims.effort import Effort
from benchmarks.claims.shop import Shop
from mixenv.shipped import shipped

_SHARED = ("agents.oracles", "benchmarks.claims.claim")
_TRAINED = ("priors", "recipe", "shop")
_OWN = {  # what else a module uses
    "structure": _TRAINED, "joint": (*_TRAINED, "likelihood"), "rollouts": _TRAINED,
    "arms": _TRAINED, "regions": (*_TRAINED, "arms"), "mixtures": ("players",),
    "order": (*_TRAINED, "likelihood"), "spaces": (*_TRAINED, "likelihood"),
}  # fmt: skip


def recall(claim: Claim, shop: Shop, folder: Path) -> Measured:
    """What is kept of a claim and seed; measured now and kept where there is nothing."""
    path = folder / f"{claim.id}-{shop.seed}-{key(claim, shop.effort)}.json"
    if not path.exists():
        write(claim.measure(shop), path)
    return read(path)


def key(claim: Claim, effort: Effort) -> str:
    """Names a measurement by effort, code, what the sequence package computes and its weights."""
    module = claim.where.partition(":")[0]
    own = tuple(f"benchmarks.claims.{name}" for name in (module, *_OWN.get(module, ())))
    content: list[Any] = [asdict(effort), claim.where, digest((*_SHARED, *own))]
    content += [probe.training(), probe.generation()]
    if module == "mixtures":
        content.append(sha256(shipped("sequence.npz").read_bytes()).hexdigest())
    return sha256(json.dumps(content).encode()).hexdigest()[:12]


def write(measured: Measured, path: Path) -> None:
    """The file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(asdict(measured)), encoding="utf-8")
    beside.replace(path)


def read(path: Path) -> Measured:
    """What `write` wrote."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    rows = tuple(_row(row) for row in kept.pop("rows"))
    return Measured(rows, **kept)


def _row(kept: dict[str, Any]) -> Row:
    row = Row(**kept)
    return replace(row, bound=Bound(**kept["bound"]) if kept["bound"] else None)
