"""Train a ReLU network that answers as a simulator does, from random initialisation.

The simulator is only asked: batches of fresh inputs are drawn inside the compiled step, its
answers are the targets, and nothing of its inside is read. Interrupted training goes on from its
checkpoint and ends the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from optax import contrib
from questions import Ask, batch, scaling, weights

WIDTHS = (192, 192, 192)
STEPS, SIZE, RATE, WARM_UP = 60_000, 1024, 8e-3, 1_000
CHUNK, SAVE_EVERY = 500, 2_500  # steps of one compiled call, and between checkpoints

Layers = list[tuple[jax.Array, jax.Array]]


def train(
    ask: Ask, out: Path, checkpoint: Path, report: Callable[[int, float], None], seed: int = 0
) -> None:
    """Train and write the network to `out`; `report` gets the steps done and the mean loss.

    Raises ValueError where the checkpoint is that of another run.
    """
    run = f"{seed} {STEPS} {WIDTHS} {RATE} {SIZE}"
    keys = jax.random.split(jax.random.key(seed + 1_000_003), 3)
    scale = jax.jit(lambda: scaling(ask, keys[0]))()
    table = jax.jit(lambda: weights(ask, keys[1], scale["y_std"]))()
    optimiser = _optimiser()
    layers = _initial(keys[2], (len(scale["x_mean"]), *WIDTHS, len(scale["y_mean"])))
    carry, done = _resume(checkpoint, (layers, optimiser.init(layers)), run)
    chunk = _chunk(ask, optimiser, scale, table, seed)
    while done < STEPS:
        carry, loss = chunk(carry, done)
        done += CHUNK
        report(done, float(loss))
        if done % SAVE_EVERY == 0:
            leaves = {f"leaf{i}": v for i, v in enumerate(jax.tree.leaves(carry))}
            _save(checkpoint, leaves | {"done": np.asarray(done), "run": np.asarray(run)})
    _save(out, _export(carry[0], scale))


def _optimiser() -> optax.GradientTransformation:
    """Muon, with Adam for the biases at a fifth of its rate; cosine decay. 0.02 is too fast."""
    rates = (
        optax.warmup_cosine_decay_schedule(0.0, r, WARM_UP, STEPS, r * 1e-3)
        for r in (RATE, RATE / 5)
    )
    muon, adam = rates
    return contrib.muon(muon, adam_learning_rate=adam)


def _chunk(
    ask: Ask, optimiser: Any, scale: dict[str, jax.Array], table: jax.Array, seed: int
) -> Callable[[Any, int], Any]:
    """A compiled function that takes (layers, state) through CHUNK steps; gives the mean loss."""

    def loss(layers: Layers, x: jax.Array, y: jax.Array, w: jax.Array) -> jax.Array:
        found = _forward(layers, (x - scale["x_mean"]) / scale["x_std"])
        return jnp.mean(w * (found - (y - scale["y_mean"]) / scale["y_std"]) ** 2)

    def step(carry: Any, i: jax.Array) -> Any:
        x, s, k = batch(jax.random.fold_in(jax.random.key(seed), i), SIZE)
        value, gradient = jax.value_and_grad(loss)(carry[0], x, ask(x), table[s, k])
        change, state = optimiser.update(gradient, carry[1], carry[0])
        return (optax.apply_updates(carry[0], change), state), value

    def chunk(carry: Any, start: int) -> Any:
        carry, values = jax.lax.scan(step, carry, start + jnp.arange(CHUNK))
        return carry, values.mean()

    return jax.jit(chunk)


def _initial(key: jax.Array, widths: tuple[int, ...]) -> Layers:
    """He-normal weights [out, in]; hidden biases uniform in [-1, 1], which spreads the kinks."""
    keys = jax.random.split(key, (len(widths) - 1, 2))
    layers = []
    for (first, second), fan_in, fan_out in zip(keys, widths[:-1], widths[1:], strict=True):
        weight = jax.random.normal(first, (fan_out, fan_in)) * (2.0 / fan_in) ** 0.5
        layers.append((weight, jax.random.uniform(second, (fan_out,), minval=-1.0, maxval=1.0)))
    weight, bias = layers[-1]
    return [*layers[:-1], (weight, jnp.zeros_like(bias))]


def _forward(layers: Layers, hidden: jax.Array) -> jax.Array:
    """Standardised inputs to standardised outputs."""
    for w, b in layers[:-1]:
        hidden = jax.nn.relu(hidden @ w.T + b)
    w, b = layers[-1]
    return hidden @ w.T + b


def _resume(path: Path, carry: Any, run: str) -> tuple[Any, int]:
    """The saved state and its steps, or the one given and 0."""
    if not path.exists():
        return carry, 0
    tree = jax.tree.structure(carry)
    with np.load(path) as file:
        if str(file["run"]) != run:
            raise ValueError(
                f"{path}: expected a checkpoint of run {run!r}, got one of {str(file['run'])!r}; "
                "remove it to begin anew"
            )
        leaves = [jnp.asarray(file[f"leaf{i}"]) for i in range(tree.num_leaves)]
        return jax.tree.unflatten(tree, leaves), int(file["done"])


def _export(layers: Layers, scale: dict[str, jax.Array]) -> dict[str, np.ndarray]:
    """The network's arrays by the names that a network surface reads, as float32."""
    arrays: dict[str, jax.Array] = dict(scale)
    for i, (w, b) in enumerate(layers):
        arrays |= {f"W{i}": w, f"b{i}": b}
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


def _save(path: Path, arrays: dict[str, Any]) -> None:
    """Write arrays so that the file is either the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, **arrays)
    os.replace(part, path)
