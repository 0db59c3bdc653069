"""The colours of an image: one a domain, one a scale."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np

# Okabe and Ito's colours, told apart by the colour-blind, and two more.
COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7F3C8D",
    "#A6761D",
)  # fmt: skip
STAR = "#D55E00"


def tints(count: int) -> np.ndarray:
    """A colour for each scale, light to dark as they grow."""
    return mpl.colormaps["viridis_r"](np.linspace(0.95, 0.12, count)[::-1])
