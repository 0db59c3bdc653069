"""A training run in one .npz file, and back: arrays by number and one JSON text."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import jax
import jax.numpy as jnp
import numpy as np

FORMAT = "mixenv sequence checkpoint 1"


class About(NamedTuple):
    """What makes a training run the one that it is."""

    config: Any
    mask: str
    plan: Any
    seed: int

    def values(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {
            "format": FORMAT,
            "config": asdict(self.config),
            "mask": self.mask,
            "plan": asdict(self.plan),
            "seed": self.seed,
        }


def save(path: str | PathLike[str], about: About, state: Any, losses: np.ndarray) -> None:
    """Write a state; a file that was there is replaced at once, or left as it was."""
    arrays = {f"leaf.{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(state))}
    arrays |= {"header": np.array(json.dumps(about.values())), "losses": losses}
    beside = Path(f"{os.fspath(path)}.part")
    with beside.open("wb") as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
    beside.replace(path)


def resume(path: str | PathLike[str], about: About, state: Any) -> tuple[Any, np.ndarray]:
    """The state and losses that were saved, or `state` and none where there is no file.

    Raises ValueError for a file that is no checkpoint, or one of another run.
    """
    if not Path(path).exists():
        return state, np.zeros(0, np.float32)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        header = json.loads(str(arrays["header"]))
        if header["format"] != FORMAT:
            raise KeyError(header["format"])
    except (BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
        raise ValueError(
            f"checkpoint: expected a file that training wrote ({FORMAT}), got "
            f"{os.fspath(path)!r} ({error}); name another file"
        ) from error
    for name, value in about.values().items():
        if header[name] != value:
            raise ValueError(
                f"checkpoint: expected a run of {name} {value}, got {header[name]}; "
                "name another file, or train with the same options"
            )
    leaves, shape = jax.tree.flatten(state)
    saved = [jnp.asarray(arrays[f"leaf.{i}"]) for i in range(len(leaves))]
    return jax.tree.unflatten(shape, saved), arrays["losses"]
