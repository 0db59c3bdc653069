"""The weights of the policy as they ship: float16 arrays in data/ppo.npz, and what made them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from agents.ppo.network import Weights, fresh
from mixenv.shipped import shipped

NAME, FORMAT = "ppo.npz", "mixenv ppo 1"


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """Those of data/ppo.npz."""
    return parse(shipped(NAME).read_bytes(), NAME)


def save(path: str | PathLike[str], weights: Weights, about: Mapping[str, Any]) -> None:
    """Write weights, with what made them as JSON."""
    header = json.dumps({"format": FORMAT, **about})
    arrays = {name: np.asarray(array, np.float16) for name, array in weights.items()}
    arrays["header"] = np.array(header)
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]


def load(path: str | PathLike[str]) -> Weights:
    """Read weights. Raises ValueError for a file that `save` did not write."""
    return parse(Path(path).read_bytes(), str(path))


def parse(content: bytes, name: str) -> Weights:
    """Weights from the bytes of a file, in float64. Raises ValueError like `load`."""
    arrays, _ = _read(content, name)
    return {key: np.asarray(array, np.float64) for key, array in arrays.items()}


def about(content: bytes, name: str) -> dict[str, Any]:
    """What made the weights in the bytes of a file. Raises ValueError like `load`."""
    return _read(content, name)[1]


def _read(content: bytes, name: str) -> tuple[Weights, dict[str, Any]]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file)
        header = json.loads(str(arrays.pop("header")))
        if header["format"] != FORMAT:
            raise KeyError(header["format"])
        _check(arrays)
    except (BadZipFile, KeyError, OSError, TypeError, ValueError) as error:
        raise ValueError(
            f"weights: expected a file that mixenv train-ppo wrote ({FORMAT}), got {name!r} "
            f"({error}); train it again"
        ) from error
    return arrays, header


def _check(arrays: Weights) -> None:
    """Raise ValueError where the arrays are not those of this policy's network."""
    hidden = tuple(arrays[f"b{i}"].size for i in range(sum(n.startswith("w") for n in arrays) - 2))
    for key, array in fresh(np.random.default_rng(0), hidden).items():
        if key not in arrays or arrays[key].shape != array.shape:
            raise ValueError(f"{key}: expected shape {array.shape}")
