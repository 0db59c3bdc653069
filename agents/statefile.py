"""An agent's moment in one .npz file: arrays and one JSON header, nothing pickled."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

Arrays = dict[str, np.ndarray]


def write(
    path: str | PathLike[str], form: str, header: Mapping[str, Any], arrays: Mapping[str, Any]
) -> None:
    """Write both, `form` naming what they are; a file that was there is replaced at once."""
    text = np.array(json.dumps({"format": form, **header}))
    beside = Path(f"{os.fspath(path)}.part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **{**arrays, "header": text})  # pyright: ignore[reportArgumentType]
    beside.replace(path)


def read(path: str | PathLike[str], form: str) -> tuple[dict[str, Any], Arrays]:
    """The header and the arrays. Raises ValueError for a file that `write` of `form` did not."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        header = json.loads(str(arrays["header"]))
        if header["format"] != form:
            raise KeyError(header["format"])
    except (BadZipFile, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"state: expected a file that an agent's save wrote ({form}), got {os.fspath(path)!r}"
            f" ({error}); save it again"
        ) from error
    return header, arrays


def tuples(value: Any) -> Any:
    """A value of a header, tuples where JSON made lists of them."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value
