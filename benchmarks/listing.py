"""What a store holds, as a table."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.sources import digest
from benchmarks.store import Entry, Store
from benchmarks.table import Table


def listing(store: Store, entries: list[Entry]) -> tuple[Table, list[str]]:
    """How many cells, by suite, task and agent, and a line on each manifest that is named."""
    made = {n: store.manifest(n) for n in sorted({e.manifest for e in entries})}
    groups: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for e in entries:
        source = "current" if e.code == digest(e.agent) else e.code[:8]
        groups[made[e.manifest].get("suite", ""), e.task, e.agent, source].append(e)
    rows = [
        [*key, str(len(group)), str(sum(bool(e.failure) for e in group)),
         " ".join(map(str, sorted({e.manifest for e in group})))]
        for key, group in sorted(groups.items())
    ]  # fmt: skip
    columns = ["suite", "task", "agent", "source", "cells", "failed", "manifest"]
    title = f"{len(entries)} cells in {store.path}"
    lines = [
        f"manifest {n}: {m.get('started', '')} {m.get('commit', '')[:12]} {m.get('command', '')}"
        for n, m in made.items()
    ]
    return Table(title, columns, rows, [], words=4), lines
