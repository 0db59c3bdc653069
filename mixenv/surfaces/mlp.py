"""A small regression network: rows of numbers in, plain arrays that predict out.

Only `fit_mlp` needs JAX and optax, and imports them when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

Layers = list[tuple[Any, Any]]
_SCALES = ("x_mean", "x_sd", "y_mean", "y_sd")


def _silu(hidden: Any, xp: Any) -> Any:
    """x / (1 + exp(-x)), spelled so that nothing overflows."""
    return 0.5 * hidden * (1.0 + xp.tanh(0.5 * hidden))


ACTIVATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "silu": _silu,
    "relu": lambda hidden, xp: xp.maximum(hidden, 0.0),
}


@dataclass(frozen=True, eq=False)
class Mlp:
    """What `fit_mlp` found: e members, p inputs, k outputs; the mean of members predicts.

    `weights` are matrices [e, in, out] and `biases` [e, out], layer by layer, of standardised
    inputs and outputs: `x_mean`, `x_sd` [p], `y_mean`, `y_sd` [k]. Raises ValueError when shapes
    disagree.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    activation: str
    x_mean: np.ndarray
    x_sd: np.ndarray
    y_mean: np.ndarray
    y_sd: np.ndarray

    def __post_init__(self) -> None:
        p, k, e = len(self.x_mean), len(self.y_mean), len(self.weights[0])
        widths = [p, *(w.shape[-1] for w in self.weights[:-1]), k]
        expected = {
            "weights": [(e, *pair) for pair in pairwise(widths)],
            "biases": [(e, width) for width in widths[1:]],
            "x_mean": [(p,)], "x_sd": [(p,)], "y_mean": [(k,)], "y_sd": [(k,)],
        }  # fmt: skip
        for field, shapes in expected.items():
            value = getattr(self, field)
            got = [np.shape(a) for a in (value if isinstance(value, tuple) else (value,))]
            if got != shapes:
                raise ValueError(
                    f"network: expected {field} of shape {shapes}, got {got}; fit it again"
                )

    def predict(self, inputs: Any, xp: Any = np) -> Any:
        """Outputs [n, k] at inputs [n, p], in NumPy or JAX."""
        act = ACTIVATIONS[self.activation]
        hidden = (xp.asarray(inputs) - self.x_mean) / self.x_sd
        *inner, (matrix, bias) = zip(self.weights, self.biases, strict=True)
        for weight, offset in inner:
            hidden = act(hidden @ weight + offset[:, None], xp)
        return (hidden @ matrix + bias[:, None]).mean(axis=0) * self.y_sd + self.y_mean

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by name, for a file; `from_arrays` takes them back."""
        named = {f"weight{i}": weight for i, weight in enumerate(self.weights)}
        named |= {f"bias{i}": bias for i, bias in enumerate(self.biases)}
        return named | {field: getattr(self, field) for field in _SCALES}

    @classmethod
    def from_arrays(cls, activation: str, found: Mapping[str, np.ndarray]) -> Mlp:
        """The network of what `arrays` gave. Raises KeyError where an array is missing."""
        count = sum(name.startswith("weight") for name in found)
        weights, biases = (
            tuple(found[f"{part}{i}"] for i in range(count)) for part in ("weight", "bias")
        )
        return cls(weights, biases, activation, *(found[field] for field in _SCALES))


def fit_mlp(
    inputs: np.ndarray,
    outputs: np.ndarray,
    *,
    hidden: Sequence[int] = (64, 64, 64),
    epochs: int = 300,
    weight_decay: float = 1e-3,
    dropout: float = 0.0,
    members: int = 1,
    seed: int = 0,
    rate: float = 3e-3,
    batch: int | None = 128,
    activation: str = "silu",
) -> Mlp:
    """Least squares of outputs [n, k] on inputs [n, p], both standardised, by AdamW.

    The rate falls from `rate` to 0 along a cosine; `batch` rows a step (None: all); NaN outputs are
    left out of the loss. `members` networks differ in their initial weights and order of rows. The
    same arguments give the same arrays on one machine. Raises ValueError for arrays that do not
    fit and for an option out of its range.
    """
    x, y = np.asarray(inputs, dtype=np.float64), np.asarray(outputs, dtype=np.float64)
    _check_rows(x, y)
    _check_options(hidden, epochs, weight_decay, dropout, members, rate, batch, activation)
    x_mean, x_sd = x.mean(axis=0), _spread(x)
    y_mean, y_sd = np.nanmean(y, axis=0), _spread(y)
    size = min(batch or len(x), len(x))
    spare = -len(x) % size  # rows without outputs, so that every batch is as long
    rows = np.pad((x - x_mean) / x_sd, ((0, spare), (0, 0))).astype(np.float32)
    known = np.pad(np.isfinite(y), ((0, spare), (0, 0)))
    targets = np.pad(np.nan_to_num((y - y_mean) / y_sd), ((0, spare), (0, 0))).astype(np.float32)
    rng = np.random.default_rng(seed)
    first = _initial(rng, members, (x.shape[1], *hidden, y.shape[1]))
    numbers = np.float32(rate), np.float32(weight_decay), np.int32(epochs)
    train = _trainer(size, float(dropout), activation)
    layers = train(rng.integers(2**32, dtype=np.uint32), first, rows, targets, known, *numbers)
    weights = tuple(np.asarray(weight, dtype=np.float64) for weight, _ in layers)
    biases = tuple(np.asarray(bias, dtype=np.float64) for _, bias in layers)
    return Mlp(weights, biases, activation, x_mean, x_sd, y_mean, y_sd)


def _initial(rng: np.random.Generator, members: int, widths: Sequence[int]) -> Layers:
    """Normal weights [e, in, out] of variance 2 / in, the last layer's of 1 / in; no biases."""
    last, layers = len(widths) - 2, []
    for i, (fan_in, fan_out) in enumerate(pairwise(widths)):
        scale = ((1.0 if i == last else 2.0) / fan_in) ** 0.5
        weight = scale * rng.normal(size=(members, fan_in, fan_out))
        layers.append((weight.astype(np.float32), np.zeros((members, fan_out), np.float32)))
    return layers


@lru_cache(maxsize=32)
def _trainer(batch: int, dropout: float, activation: str) -> Callable[..., Layers]:
    """A compiled function from initial layers and standardised rows to trained layers."""
    import jax
    import jax.numpy as jnp
    import optax

    act = ACTIVATIONS[activation]

    def loss(layers: Layers, x: Any, y: Any, known: Any, key: Any) -> Any:
        *inner, (matrix, bias) = layers
        for i, (weight, offset) in enumerate(inner):
            x = act(x @ weight + offset, jnp)
            if dropout:
                kept = jax.random.bernoulli(jax.random.fold_in(key, i), 1 - dropout, x.shape)
                x = x * kept / (1 - dropout)
        wrong = jnp.where(known, x @ matrix + bias - y, 0.0)
        return (wrong**2).sum() / jnp.maximum(known.sum(), 1)

    def one(
        layers: Layers, key: Any, x: Any, y: Any, known: Any, rate: Any, decay: Any, epochs: Any
    ) -> Any:
        count = len(x) // batch
        orders, drops = jax.random.split(key)

        def schedule(done: Any) -> Any:
            return 0.5 * rate * (1.0 + jnp.cos(jnp.pi * done / (epochs * count)))

        optimiser = optax.adamw(schedule, weight_decay=decay, mask=[(True, False)] * len(layers))

        def step(carry: Any, rows: Any) -> Any:
            layers, state, drops = carry
            drops, own = jax.random.split(drops)
            slope = jax.grad(loss)(layers, x[rows], y[rows], known[rows], own)
            change, state = optimiser.update(slope, state, layers)
            return (optax.apply_updates(layers, change), state, drops), None

        def epoch(i: Any, carry: Any) -> Any:
            order = jax.random.permutation(jax.random.fold_in(orders, i), len(x))
            return jax.lax.scan(step, carry, order.reshape(count, batch))[0]

        return jax.lax.fori_loop(0, epochs, epoch, (layers, optimiser.init(layers), drops))[0]

    def every(seed: Any, layers: Layers, *rest: Any) -> Layers:
        keys = jax.random.split(jax.random.key(seed), len(layers[0][0]))
        return jax.vmap(one, in_axes=(0, 0) + (None,) * len(rest))(layers, keys, *rest)

    return jax.jit(every)


def _spread(values: np.ndarray) -> np.ndarray:
    """The sd [.] of each column; 1 where it never varies."""
    sd = np.nanstd(values, axis=0)
    return np.where(sd > 1e-12 * np.abs(np.nanmean(values, axis=0)), sd, 1.0)


def _check_rows(x: np.ndarray, y: np.ndarray) -> None:
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or not x.size or not y.size:
        raise ValueError(
            f"fit_mlp: expected inputs [n, p] and outputs [n, k], got shapes {x.shape} and "
            f"{y.shape}; give a row a case"
        )
    if not np.isfinite(x).all():
        row = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ValueError(
            f"fit_mlp: inputs: expected finite numbers, got {x[row].tolist()} in row {row}; "
            "leave the row out"
        )
    if np.isinf(y).any() or not np.isfinite(y).any(axis=0).all():
        raise ValueError(
            "fit_mlp: outputs: expected finite numbers or NaN, and one number or more a column, "
            "got an infinite one or a column of NaN; leave the column out"
        )


def _check_options(
    hidden: Sequence[int], epochs: int, weight_decay: float, dropout: float, members: int,
    rate: float, batch: int | None, activation: str,
) -> None:  # fmt: skip
    ranges = {
        "hidden": (min(hidden, default=1) >= 1, "positive widths", tuple(hidden)),
        "epochs": (epochs >= 1, "1 or more", epochs),
        "weight_decay": (0 <= weight_decay < np.inf, "0 or more", weight_decay),
        "dropout": (0 <= dropout < 1, "a share from 0 to less than 1", dropout),
        "members": (members >= 1, "1 or more", members),
        "rate": (0 < rate < np.inf, "a positive number", rate),
        "batch": (batch is None or batch >= 1, "1 or more, or None for all rows", batch),
        "activation": (activation in ACTIVATIONS, f"one of {', '.join(ACTIVATIONS)}", activation),
    }  # fmt: skip
    for name, (fits, expected, got) in ranges.items():
        if not fits:
            raise ValueError(f"fit_mlp: {name}: expected {expected}, got {got!r}")
