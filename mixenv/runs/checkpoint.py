"""A PyTorch checkpoint (zip format) in, nested Python values and NumPy arrays out; no torch."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mixenv.runs import arrays
from mixenv.runs.pickles import Record, UnsafePickleError, read_pickle

# The element type of each storage class, without its byte order.
_STORAGES = {
    "torch.FloatStorage": "f4",
    "torch.DoubleStorage": "f8",
    "torch.HalfStorage": "f2",
    "torch.LongStorage": "i8",
    "torch.IntStorage": "i4",
    "torch.ShortStorage": "i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "?",
}
_TENSOR, _PARAMETER = "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"
_ALLOWED = (*arrays.GLOBALS, *_STORAGES, _TENSOR, _PARAMETER)

# The inputs the published network was given, of the nine that its scaler was fitted on: the five
# shares, the size in millions and the step; d_model (6) and the number of heads (7) were dropped.
_INPUTS = [0, 1, 2, 3, 4, 5, 8]
_LAYERS = (0, 3, 6, 9)


@dataclass(frozen=True, eq=False)
class _Storage:
    """A flat array as it lies in the file."""

    values: np.ndarray


def read_checkpoint(path: str | Path, allow: tuple[str, ...] = ()) -> dict[str, Any]:
    """The contents of a checkpoint: dicts, lists, numbers, and arrays in place of tensors.

    Strides and offsets are honoured; arrays are copies, in native byte order. A global admitted by
    `allow` ("module.name") stays a `Record`. Raises FileNotFoundError where there is no file,
    UnsafePickleError for a global outside the allow-list, ValueError for a file that is not a
    whole checkpoint.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, str(path), allow)
    except (FileNotFoundError, UnsafePickleError):
        raise
    except Exception as error:  # a damaged archive may raise anything
        raise ValueError(
            f"{path}: expected a whole PyTorch checkpoint (zip format), got a file that does not "
            f"read as one ({error}); fetch it again (the published simulator: "
            "`mixenv data fetch published-simulator`)"
        ) from error


def published_arrays(path: str | Path, allow: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """The published simulator as plain float64 arrays.

    `W0`..`W3` [out, in] and `b0`..`b3` [out] are its layers; `x_mean`, `x_std` [7] standardise the
    inputs (five shares, size in millions of parameters, step); `y_mean`, `y_std` [11] the metrics
    in the order of `metrics.SLIMPAJAMA`. Raises what `read_checkpoint` does, and ValueError for a
    checkpoint of another network.
    """
    checkpoint = read_checkpoint(path, allow)
    try:
        return _published(checkpoint["model_state_dict"], checkpoint["normalization_stats"])
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: expected the published simulator (four linear layers and "
            f"normalization_stats), got another checkpoint ({type(error).__name__}: {error}); "
            "fetch it with `mixenv data fetch published-simulator`"
        ) from error


def _published(state: dict[str, Any], stats: dict[str, Any]) -> dict[str, np.ndarray]:
    found = {}
    for i, layer in enumerate(_LAYERS):
        found[f"W{i}"] = state[f"layers.{layer}.weight"].astype(np.float64)
        found[f"b{i}"] = state[f"layers.{layer}.bias"].astype(np.float64)
    found |= {"x_mean": stats["X_mean"][_INPUTS], "x_std": stats["X_std"][_INPUTS]}
    return found | {"y_mean": stats["y_mean"], "y_std": stats["y_std"]}


def _read(archive: zipfile.ZipFile, source: str, allow: tuple[str, ...]) -> dict[str, Any]:
    root = _root(archive)
    load = partial(_storage, archive, root, _byte_order(archive, root))
    value = read_pickle(archive.read(f"{root}/data.pkl"), source, _ALLOWED, allow, load)
    return arrays.resolve(value, arrays.RULES | {_TENSOR: _tensor, _PARAMETER: _parameter})


def _root(archive: zipfile.ZipFile) -> str:
    roots = [n.removesuffix("/data.pkl") for n in archive.namelist() if n.endswith("/data.pkl")]
    if len(roots) != 1:
        raise ValueError(f"expected one data.pkl in the archive, got {len(roots)}")
    return roots[0]


def _byte_order(archive: zipfile.ZipFile, root: str) -> str:
    name = f"{root}/byteorder"
    big = name in archive.namelist() and archive.read(name).strip() == b"big"
    return ">" if big else "<"


def _storage(archive: zipfile.ZipFile, root: str, order: str, pid: Any) -> _Storage:
    """The flat array behind a persistent id ("storage", class, key, device, size)."""
    kind, storage, key, _, size = pid
    if kind != "storage":
        raise ValueError(f"expected a persistent id of a storage, got {kind!r}")
    data = archive.read(f"{root}/data/{key}")
    return _Storage(np.frombuffer(data, dtype=order + _STORAGES[storage.path], count=size))


def _tensor(record: Record, again: arrays.Resolve) -> np.ndarray:
    """The view (storage, offset, size, stride) of a storage, as an array of its own."""
    storage, offset, size, stride = record.args[:4]
    flat = storage.values
    last = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if min((offset, *size, *stride)) < 0 or (0 not in size and last >= len(flat)):
        raise ValueError(f"expected a tensor inside its {len(flat)} values, got one up to {last}")
    steps = [s * flat.itemsize for s in stride]
    view = np.lib.stride_tricks.as_strided(flat[offset:], size, steps)
    return view.astype(flat.dtype.newbyteorder("="))


def _parameter(record: Record, again: arrays.Resolve) -> np.ndarray:
    return again(record.args[0])
