"""`SyntheticEnv`: a synthetic surface as an environment, one always or a new one at each reset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium as gym

from mixenv import options as options_of
from mixenv.env import DataMixtureEnv, Observation
from mixenv.observation import Observer
from mixenv.surfaces.synthetic_maker import make_synthetic, synthetic_name
from mixenv.synthetic_tasks import DRAWN, SPLITS, drawn, drawn_instance, example
from mixenv.task import Task
from mixenv.vector import DataMixtureVectorEnv


class SyntheticEnv(DataMixtureEnv):
    """`DataMixtureEnv` on losses in closed form, whose optimum is known exactly.

    Spaces, reward, episode end and info are those of `DataMixtureEnv`; the formula is in
    `mixenv.surfaces.synthetic`: three losses (nats), seven scales from 20M to 1B, 195 checkpoints.

    **Options**
    - `kind`: "easy" (default), "deceptive" (cheap runs rank mixtures the other way), or
      "heteroscedastic" (easy, with noise of 0.15 or 1.5 sd by the mixture).
    - `domains`: 3 to 30, default 5. `instance`: default 0, always the same; None draws one from the
      environment's generator at each reset: `env.unwrapped.task` is the current episode's.
    - `transfer`: the correlation, from -1 to 1, of the smallest scale's ranking with the target's;
      takes the place of the kind's own (0.95 easy, -0.9 deceptive).
    - with `instance=None`, for agents that learn across tasks: `split`, "train" (default) draws
      instances from a million on, "heldout" those below, which no training meets;
      `transfer=(low, high)` is drawn evenly, `budget=(low, high)` evenly by logarithm (target runs;
      spaces are those of the highest), `metric=[...]` among the metrics given ("weights": a sum of
      the losses with weights from Dirichlet(1)), `noise=[...]` among the levels given.
    - those of `DataMixtureEnv`, but for surface, source and task.

    **Raises** ValueError for options that do not fit, as `DataMixtureEnv` does.

    **Versions**: v0, the first.
    """

    def __init__(
        self, kind: str = "easy", domains: int = 5, instance: int | None = 0,
        transfer: float | Sequence[float] | None = None, split: str = "train", **options: Any,
    ) -> None:  # fmt: skip
        self.kind, self.domains, self.instance, self.split = kind, domains, instance, split
        drawn = {name: options[name] for name in DRAWN if _several(options.get(name))}
        if _several(transfer):
            drawn["transfer"] = transfer
        options_of.one_of("split", split, SPLITS)
        fixed = options | {name: example(name, value) for name, value in drawn.items()}
        self.transfer = fixed.pop("transfer", transfer)
        self._drawn = drawn
        if instance is not None and (drawn or split != "train"):
            name = next(iter(drawn), "split")
            raise ValueError(
                f"{name}: expected one value beside instance={instance!r}, got "
                f"{drawn.get(name, split)!r}; pass instance=None to draw at each reset"
            )
        super().__init__(**_options(kind, domains, instance or 0, self.transfer, fixed))

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode, of a new instance where `instance` is None."""
        if self.instance is None:
            gym.Env.reset(self, seed=seed)
            seed = None  # the generator goes on
            self.task = self._draw()
            self._observer = Observer(self.task, self.rows)
        return super().reset(seed=seed, options=options)

    def _draw(self) -> Task:
        """A task on a new instance, and of what is to be drawn with it."""
        rng, rules = self.np_random, {}
        instance, transfer = drawn_instance(rng, self.split), self.transfer
        for name, values in self._drawn.items():
            rules[name] = drawn(rng, name, values)
        transfer = rules.pop("transfer", transfer)
        name = synthetic_name(self.kind, self.domains, instance, transfer)
        return replace(self.task, surface=make_synthetic(name), **rules)


def vector(
    num_envs: int = 1, kind: str = "easy", domains: int = 5, instance: int | None = 0,
    transfer: float | None = None, **options: Any,
) -> DataMixtureVectorEnv:  # fmt: skip
    """Many episodes of one instance at once. Raises ValueError for instance=None."""
    if instance is None:
        raise ValueError(
            "instance: expected a number for many episodes of one task at once, got None; "
            'pass vectorization_mode="sync" for an instance an episode'
        )
    return DataMixtureVectorEnv(num_envs, **_options(kind, domains, instance, transfer, options))


def _several(value: Any) -> bool:
    """Whether an option is to be drawn from, not one value."""
    return isinstance(value, list | tuple)


def _options(
    kind: str, domains: int, instance: int, transfer: float | None, options: dict[str, Any]
) -> dict[str, Any]:
    """The options of `DataMixtureEnv`."""
    for name in ("surface", "source", "task"):
        if name in options:
            raise ValueError(
                f"{name}: expected none for a synthetic surface, got {options[name]!r}; "
                "make DataMixture-v0 with it"
            )
    noise = "heteroscedastic" if kind == "heteroscedastic" else "seed"
    numbers = options_of.whole("domains", domains), options_of.whole("instance", instance, 0)
    transfer = None if transfer is None else options_of.number("transfer", transfer)
    surface = synthetic_name(kind, *numbers, transfer)
    return {"noise": noise} | options | {"surface": surface}
