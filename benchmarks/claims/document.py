"""The page of the claims: verdicts, figures with bounds, what each seed said, the manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.claims.verdict import Found, summary, table
from benchmarks.paper.document import write
from benchmarks.table import Table

TOP = (
    "What an autoregressive model of exchangeable sequences is said to do (arXiv 2503.01215), "
    "measured on models trained here, beside exact answers computed without them."
)


def save(
    found: Sequence[Found], seeds: int, quick: bool, beside: Sequence[Table],
    pictures: Sequence[Path], manifest: Mapping[str, Any], stem: Path,
) -> list[Path]:  # fmt: skip
    """Write STEM.md and STEM.json; return their paths."""
    page = write(markdown(found, seeds, quick, beside, pictures, manifest), stem.with_suffix(".md"))
    content = {"manifest": dict(manifest), "seeds": seeds, "quick": quick,
               "claims": [f.record() for f in found]}  # fmt: skip
    record = write(json.dumps(content, indent=1) + "\n", stem.with_suffix(".json"))
    return [page, record]


def markdown(
    found: Sequence[Found], seeds: int, quick: bool, beside: Sequence[Table],
    pictures: Sequence[Path], manifest: Mapping[str, Any],
) -> str:  # fmt: skip
    """The page's text; pictures lie in a folder beside it."""
    said = [f"- {f.claim.id}: {words}" for f in found for words in dict.fromkeys(f.said) if words]
    parts = [
        "# mixenv claims", TOP, summary(found).markdown(), table(found, seeds, quick).markdown(),
        *(t.markdown() for t in beside),
        "### Beside the figures", "\n".join(said),
        *(f"![{p.stem}]({p.parent.name}/{p.name})" for p in pictures),
        f"### Manifest\n\n```json\n{json.dumps(dict(manifest), indent=1)}\n```",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"
