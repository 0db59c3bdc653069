"""The data card: what ships, where it comes from, and how well the surrogate agrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from agreement import FIRST_STEP, POINTS, Agreement
from constants import CAPS

HEAD = """# The files that ship

The wheel installs them as `mixenv/_data`.

| file | holds | provenance |
|---|---|---|
| `surrogate.npz` | a small ReLU network, plain arrays: the default surface of every environment | surrogate: trained from random initialisation to agree with the published simulator, which only answered questions |
| `constants.json` | mean and sd of every metric, optimum and sd of every objective, on the capped region and the whole simplex, for the surrogate and the published simulator | computed by `mixenv.truth` |
| `facts.json` | counts a scale, architectures, FLOPs, column names, token shares, checksums | facts of arXiv 2503.21023 and its repository |
| `sequence.npz` | weights of the transformer of the agents `sequence` and `sequence-single` | trained by `mixenv train-sequence` on made-up tasks |
| `ppo.npz` | weights of the policy of the agent `ppo` | trained by `mixenv train-ppo` on made-up tasks |

No run of anybody's ships: the 472 runs and the other tables are downloaded by `mixenv data fetch`.

All but the weights of agents is rebuilt, and this card printed, by

    make data SIMULATOR=checkpoint_latest.pt

(`mixenv data fetch published-simulator` downloads that file; its sha256 is pinned). The build goes
on from its last checkpoint if it is interrupted. `--only card` measures and prints alone.

## How the surrogate agrees with the published simulator

Neither is a measurement: the simulator is itself a network, fitted by the paper's authors to 422 of
their runs. Near the corners of the simplex, and under 1 000 steps, both are opinions.

The network shipped is the last of about a dozen trainings (widths 96 to 256, Adam and Muon, several
loss weights), chosen by measures like those below: the weights on HellaSwag, ArXiv and the target
were raised where an earlier one fell short. R^2 and rank correlation are on points that no training
saw; the regrets are of the same optima that the choice was made by.
"""


def card(found: Agreement, size: int) -> str:
    """The card as Markdown; `size` of the surrogate's file in bytes."""
    return "\n".join([HEAD, *_fit(found), "", *_regret(found), "", _summary(found, size), ""])


def _fit(found: Agreement) -> list[str]:
    title = (
        f"R^2 within each scale on {_spaced(POINTS)} fresh points (Dirichlet(1) mixtures, "
        f"checkpoints {_spaced(FIRST_STEP)} to 19 500), and Spearman's rank correlation at the "
        "target (1B, 19 500):"
    )
    rows = [
        [name, *(f"{r:.5f}" for r in found.r2[:, i]), f"{found.spearman[i]:.5f}"]
        for i, name in enumerate(found.metrics)
    ]
    return [title, "", *_table(["metric", *found.scales, "Spearman"], rows)]


def _regret(found: Agreement) -> list[str]:
    title = "Regret under the published simulator of the surrogate's own optimum, in sd units:"
    heads = ["objective", *(f"shares <= {cap:g}" for cap in CAPS)]
    rows = [
        [name, *(f"{r:.4f}" for r in found.regret[:, i])] for i, name in enumerate(found.objectives)
    ]
    return [title, "", *_table(heads, rows)]


def _summary(found: Agreement, size: int) -> str:
    return (
        f"Worst R^2 {np.min(found.r2):.5f}, worst Spearman {np.min(found.spearman):.5f}, worst "
        f"regret {np.max(found.regret[0]):.4f} sd with shares capped at 0.5; file {_spaced(size)} bytes."
    )


def _spaced(number: int) -> str:
    """Digits in groups of three, parted by spaces."""
    return f"{number:,}".replace(",", " ")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
