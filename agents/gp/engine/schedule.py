"""When hyper-parameters are to be fitted anew."""

from __future__ import annotations

SHARE, MOST = 10, 20  # a fit after a tenth more observations, and after 20 at most
SURPRISE = 5.0  # nats


class Schedule:
    """Counts observations since the last fit, and how badly they were predicted.

    A Gaussian prediction expects a squared error of its variance: (z^2 - 1) / 2 is by how many
    nats the log density of an observation fell short of what was expected of it. Where these add
    up to more than `SURPRISE`, the hyper-parameters no longer fit.
    """

    def __init__(self) -> None:
        self._fitted = 0
        self._short = 0.0

    def due(self, n: int) -> bool:
        """Whether to fit now that there are `n` observations."""
        new = n - self._fitted
        return new > 0 and (
            self._short > SURPRISE or new >= min(MOST, max(1, self._fitted // SHARE))
        )

    def seen(self, squared: float) -> None:
        """An observation was appended, `squared` the square of its error in predicted sds."""
        self._short = max(0.0, self._short + 0.5 * (squared - 1))

    def fitted(self, n: int) -> None:
        """A fit was made with `n` observations."""
        self._fitted, self._short = n, 0.0
