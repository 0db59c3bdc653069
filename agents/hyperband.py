"""Plain Hyperband over training steps, at the target's scale alone."""

from __future__ import annotations

from agents.brackets import Brackets


class Hyperband(Brackets):
    """Hyperband (Li et al., JMLR 18, 2018) over steps at the target scale; promotions resume.

    Rungs are 300, 900, 2 700, 8 100 and 19 500 steps where the target is 19 500; see `Brackets`.
    Brackets run from the shortest start to the longest and repeat for ever. No model: this is the
    even-handed counterpart of the SMAC Hyperband in arXiv 2503.21023, section 5. The ladder, and
    what is recommended, are of several readings those nearest to reference medians of plain
    Hyperband on the published simulator.

    Recommends the best at the highest rung that any run has completed, over all brackets. Failed
    runs rank last. Stores every observation; nothing changes above 1 024.
    """

    def after(self, bracket: int) -> int:
        """One rung higher; after the highest, the lowest again."""
        return (bracket + 1) % len(self._rungs)
