"""BoTorch's model and its multi-fidelity knowledge gradient, on features [n, k] in [0, 1].

The last two columns are the fidelities, scale and steps, 1 at the target. Values are maximised.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from agents.peers.fidelity import Fidelities
from agents.peers.library import load

FANTASIES, STARTS, RAW, CLIMB = 8, 2, 32, 20  # the last: iterations of L-BFGS-B
FITTING = {"maxiter": 50}
OVERHEAD = 0.01  # target runs added to each price, or the cheapest would always win


@contextmanager
def quietly(seed: int) -> Iterator[Any]:
    """PyTorch on one thread, seeded and without its warnings; all as before on leaving."""
    torch = load("torch")
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield torch
        finally:
            torch.set_num_threads(threads)


def fit(x: np.ndarray, y: np.ndarray) -> Any:
    """A `SingleTaskMultiFidelityGP` of values y [n] at features x [n, k], standardised by it."""
    torch, models = load("torch"), load("botorch.models")
    data = torch.from_numpy(x), torch.from_numpy(y[:, None])
    columns = [x.shape[1] - 2, x.shape[1] - 1]
    model = models.SingleTaskMultiFidelityGP(*data, data_fidelities=columns)
    likelihood = load("gpytorch.mlls").ExactMarginalLogLikelihood(model.likelihood, model)
    try:
        load("botorch.fit").fit_gpytorch_mll(likelihood, optimizer_kwargs={"options": FITTING})
    except load("botorch.exceptions").ModelFittingError:
        model.eval()  # with the hyper-parameters it started from
    return model


def climb(model: Any, fidelities: Fidelities) -> np.ndarray:
    """The point [k] of the largest knowledge gradient over cost, from a few random starts."""
    torch, k = load("torch"), model.train_inputs[0].shape[-1]
    target = {k - 2: 1.0, k - 1: 1.0}
    bounds = torch.tensor([[0.0] * k, [1.0] * k], dtype=torch.float64)
    utilities, tools = load("botorch.acquisition.cost_aware"), load("botorch.acquisition.utils")
    gradient = load("botorch.acquisition").qMultiFidelityKnowledgeGradient(
        model,
        FANTASIES,
        current_value=_best(model, bounds, target),
        cost_aware_utility=utilities.InverseCostWeightedUtility(_cost(fidelities)),
        project=lambda x: tools.project_to_target_fidelity(x, target, k),
    )
    fixed = {column: 1.0 for column, free in zip(target, fidelities.free, strict=True) if not free}
    optimise = load("botorch.optim").optimize_acqf
    point, _ = optimise(
        gradient, bounds, 1, STARTS, RAW, {"maxiter": CLIMB}, fixed_features=fixed or None
    )
    return point[0].detach().numpy()


def _best(model: Any, bounds: Any, target: dict[int, float]) -> Any:
    """The largest posterior mean at the target."""
    mean = load("botorch.acquisition").PosteriorMean(model)
    kind = load("botorch.acquisition.fixed_feature").FixedFeatureAcquisitionFunction
    at_target = kind(mean, bounds.shape[1], list(target), list(target.values()))
    free = bounds[:, : -len(target)]
    return load("botorch.optim").optimize_acqf(at_target, free, 1, STARTS, RAW)[1]


def _cost(fidelities: Fidelities) -> Any:
    """Cost in target runs as a model of BoTorch's, the overhead included."""
    torch, (a, b, c) = load("torch"), fidelities.log_cost
    return load("botorch.models.deterministic").GenericDeterministicModel(
        lambda x: OVERHEAD + torch.exp(a + b * x[..., -2:-1] + c * x[..., -1:])
    )
