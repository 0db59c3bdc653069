"""Trained weights in one .npz file: arrays by name and one JSON text of what they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import jax
import jax.numpy as jnp
import numpy as np

from agents.sequence import model
from agents.sequence.config import Config
from agents.sequence.model import Params
from mixenv.shipped import shipped

FORMAT = "mixenv sequence weights 1"
FILE = "sequence.npz"


class Weights(NamedTuple):
    """Weights, the network's size, and how they came about (mask, seed, steps, loss, versions)."""

    params: Params
    config: Config
    about: Mapping[str, Any]


def save(path: str | PathLike[str], weights: Weights) -> None:
    """Write the weights; a file that was there is replaced at once, or left as it was."""
    header = {"format": FORMAT, "config": asdict(weights.config), "about": dict(weights.about)}
    arrays = {name: np.asarray(leaf, np.float32) for name, leaf in _named(weights.params)}
    arrays["header"] = np.array(json.dumps(header))
    beside = Path(f"{os.fspath(path)}.part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]
    beside.replace(path)


def load(path: str | PathLike[str] | Any) -> Weights:
    """Read weights. Raises ValueError for a file that `save` did not write."""
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
        header = json.loads(str(arrays["header"]))
        if header["format"] != FORMAT:
            raise KeyError(header["format"])
        config = Config(**header["config"])
        empty = jax.eval_shape(lambda: model.initial(config, jax.random.key(0)))
        leaves = [_checked(arrays[name], leaf.shape) for name, leaf in _named(empty)]
    except (BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
        raise ValueError(
            f"weights: expected a file that train-sequence wrote ({FORMAT}), got "
            f"{os.fspath(path)!r} ({error}); train them again"
        ) from error
    return Weights(jax.tree.unflatten(jax.tree.structure(empty), leaves), config, header["about"])


@lru_cache(maxsize=1)
def default() -> Weights:
    """The weights that ship. Raises FileNotFoundError where the installation lacks them."""
    return load(shipped(FILE))


def _checked(array: np.ndarray, shape: tuple[int, ...]) -> jax.Array:
    if array.shape != shape:
        raise ValueError(f"an array of shape {array.shape} where {shape} belongs")
    return jnp.asarray(array, jnp.float32)


def _named(params: Any) -> list[tuple[str, Any]]:
    flat, _ = jax.tree.flatten_with_path(params)
    return [(jax.tree_util.keystr(path, simple=True, separator="."), leaf) for path, leaf in flat]
