"""Pictures of an episode, from what it showed: text and images, never the noise-free truth."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from mixenv.render.view import View

MODES = ("ansi", "rgb_array")


def render(view: View, mode: str) -> Any:
    """The episode as text ("ansi", str) or as an image ("rgb_array", uint8 [H, W, 3]).

    Raises ModuleNotFoundError naming the extra where an image is wanted without matplotlib.
    """
    if mode == "ansi":
        from mixenv.render.panel import panel

        return panel(view)
    if find_spec("matplotlib") is None:
        raise ModuleNotFoundError(
            'render_mode "rgb_array": expected matplotlib, got none; '
            'pip install "mixenv[bench]", or take render_mode="ansi"'
        )
    from mixenv.render.picture import picture

    return picture(view)


__all__ = ["MODES", "View", "render"]
