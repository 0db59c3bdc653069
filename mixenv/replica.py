"""`replica`: synthetic runs in the shape of the 472, made by the surrogate plus noise."""

from __future__ import annotations

import numpy as np

from mixenv.facts import ScaleFacts, slimpajama
from mixenv.noise import seed_noise
from mixenv.runs.table import RunTable
from mixenv.surfaces.protocol import Surface
from mixenv.surfaces.slimpajama import surrogate


def replica(seed: int = 0) -> RunTable:
    """472 synthetic runs: as many a scale as the recorded table has, as many of them empty.

    Mixtures are Dirichlet(1), metrics the surrogate's plus seed noise every 100 steps; the share
    of runs that end early is that of the recorded 1B runs, their ends uniform. Marked
    `provenance="synthetic"`: a stand-in for code that will read the recorded runs, never evidence.
    """
    rng, surface = np.random.default_rng(seed), surrogate()
    scales = [facts for facts in slimpajama().scales for _ in range(facts.runs)]
    mixture = rng.dirichlet(np.ones(len(surface.domains)), len(scales))
    lengths = np.concatenate([_lengths(rng, facts) for facts in slimpajama().scales])
    every = slimpajama().log_every_steps
    run = np.repeat(np.arange(len(scales)), lengths)
    steps = np.concatenate([every * np.arange(1, n + 1) for n in lengths])
    parameters = np.array([facts.parameters for facts in scales])
    return RunTable(
        "replica", surface.domains, surface.metric_set, mixture, parameters,
        np.array([facts.flops_per_step for facts in scales]), run, steps,
        _values(rng, surface, mixture[run], parameters[run], steps, run), provenance="synthetic",
    )  # fmt: skip


def _lengths(rng: np.random.Generator, scale: ScaleFacts) -> np.ndarray:
    """Checkpoints [runs] of one scale's runs: none for the empty ones, all for most."""
    facts = slimpajama()
    full = facts.full_length_steps // facts.log_every_steps
    largest = facts.scales[-1]
    ends = rng.integers(1, full, size=scale.runs)
    ends[: round(scale.usable_runs * facts.full_length_runs_1B / largest.usable_runs)] = full
    ends[scale.usable_runs :] = 0
    return ends


def _values(
    rng: np.random.Generator, surface: Surface, mixture: np.ndarray, scale: np.ndarray,
    steps: np.ndarray, run: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Noisy metrics [m, k]: one draw a run for losses, one a checkpoint for accuracies."""
    noise = seed_noise(surface.metric_set, surface.scales[-1], surface.steps[-1])
    mean = surface.metrics(mixture, scale, steps)
    k = mean.shape[1]
    of_run = rng.normal(size=(int(run[-1]) + 1, k))[run]
    common = np.broadcast_to(rng.normal(size=k), mean.shape)
    z = (of_run, rng.normal(size=mean.shape)[:, None], common)
    return noise.apply(mean[:, None], mixture, scale, steps[:, None], z)[:, 0]
