"""Successive halving over training steps, at the target's scale alone."""

from __future__ import annotations

from agents.brackets import Brackets


class Halving(Brackets):
    """Successive halving (Jamieson and Talwalkar, AISTATS 2016) over steps at the target scale.

    Hyperband's most aggressive bracket and no other: 81 fresh mixtures at 300 steps, the best 27 on
    to 900, 9 to 2 700, 3 to 8 100, 1 to 19 500 where the target is 19 500 (see `Brackets`), then
    again with fresh ones, for ever. Where short runs mislead there is no long bracket to notice.

    Recommends the best at the highest rung that any run has completed. Failed runs rank last.
    Stores every observation; nothing changes above 1 024.
    """

    def after(self, bracket: int) -> int:
        """The lowest rung, always."""
        return 0
