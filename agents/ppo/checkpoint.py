"""A training run in one .npz file: every array in order, and the settings as JSON text."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import jax
import jax.numpy as jnp
import numpy as np

from agents.ppo.settings import Settings

FORMAT = "mixenv ppo training 1"


def write(path: str | PathLike[str], settings: Settings, learner: Any) -> None:
    """Write a run; a file that was there is replaced at once, or left as it was."""
    arrays = {f"leaf{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(learner))}
    arrays["header"] = np.array(json.dumps({"format": FORMAT, "settings": asdict(settings)}))
    beside = Path(f"{os.fspath(path)}.part")
    beside.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("wb") as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
    beside.replace(path)


def read(path: str | PathLike[str], settings: Settings, like: Any) -> Any:
    """The run that `write` wrote, in the shape of `like`.

    Raises ValueError for a file that it did not write, and for a run of other settings.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        header = json.loads(str(arrays["header"]))
        if header["format"] != FORMAT:
            raise KeyError(header["format"])
    except (BadZipFile, KeyError, OSError, TypeError, ValueError) as error:
        raise ValueError(
            f"checkpoint: expected a file that training wrote ({FORMAT}), got {os.fspath(path)!r} "
            f"({error}); begin anew"
        ) from error
    for name, value in asdict(settings).items():
        if header["settings"].get(name) != value:
            raise ValueError(
                f"{name}: expected {header['settings'].get(name)!r} as in the checkpoint "
                f"{os.fspath(path)}, got {value!r}; resume with the same settings, or begin anew"
            )
    leaves, shape = jax.tree.flatten(like)
    return jax.tree.unflatten(shape, [jnp.asarray(arrays[f"leaf{i}"]) for i in range(len(leaves))])
