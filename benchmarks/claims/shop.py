"""Where claims are measured: one seed, one effort, and the models it has trained so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import jax

from agents.sequence import train, weights
from agents.sequence.config import Config
from agents.sequence.model import Params
from benchmarks.claims.effort import Effort
from benchmarks.claims.recipe import Recipe

Say = Callable[[str], None]
_POLISH = 0x706F6C  # its own stream of tasks


@dataclass(frozen=True)
class Shop:
    """`seed` decides the training and the test tasks; weights are kept in `folder`."""

    folder: Path
    effort: Effort
    seed: int = 0
    say: Say = print

    def model(self, recipe: Recipe) -> tuple[Params, Config]:
        """Weights of a recipe, trained now or before; an interrupted training goes on."""
        kept = self.folder / f"{recipe.key(self.seed)}.npz"
        if not kept.exists():
            self._train(recipe, kept)
        return weights.load(kept).params, recipe.config

    def _train(self, recipe: Recipe, kept: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        half = kept.with_suffix(".part.npz")
        name = f"{recipe.prior} {dict(recipe.options)}, {recipe.mask}, seed {self.seed}"

        told = _Quarters(self.say, f"training {name}", recipe.steps)
        found = train.train(
            recipe.sampler(), recipe.config, recipe.mask, recipe.plan, self.seed, path=half,
            every=max(recipe.steps // 8, 1), progress=told,
        )  # fmt: skip
        about = {
            "recipe": asdict(recipe),
            "seed": self.seed,
            "loss": float(found.losses[-500:].mean()),
        }
        params = polished(recipe, found.params, self.seed)
        weights.save(kept, weights.Weights(params, recipe.config, about))
        half.unlink()


def polished(recipe: Recipe, params: Params, seed: int) -> Params:
    """Weights after the last steps of a recipe: larger batches, a smaller rate."""
    if not recipe.polish:
        return params
    state = train.start(recipe.config, recipe.finish, seed)._replace(params=params)
    step = train.stepper(recipe.sampler(), recipe.config, recipe.mask, recipe.finish)
    key = jax.random.fold_in(jax.random.key(seed), _POLISH)
    for _ in range(recipe.polish):
        state, _ = step(state, key)
    return state.params


class _Quarters:
    """Progress of a training, said when another quarter is done."""

    def __init__(self, say: Say, what: str, steps: int) -> None:
        self._say, self._what, self._steps, self._done = say, what, steps, -1

    def __call__(self, done: int, loss: float) -> None:
        """`done` steps so far."""
        quarter = 4 * done // self._steps
        if quarter > self._done:
            self._done = quarter
            self._say(f"{self._what}: {done} of {self._steps} steps, loss {loss:.3f}")
