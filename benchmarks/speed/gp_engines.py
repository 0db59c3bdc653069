"""GP engines behind one face: ours, Optuna's GPSampler, BoTorch with 280 starts in one batch."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from benchmarks.speed.gp_data import DOMAINS, LEVELS, SCALES, Data, grid

NEEDED = {"optuna": ("optuna", "torch"), "botorch": ("botorch", "torch")}
STARTS, RAW = 4, 16  # of BoTorch, at each of the 70 places


class Engine(Protocol):
    """What is timed."""

    def add(self, data: Data, row: int) -> None:
        """Take one observation."""
        ...

    def suggest(self) -> Any:
        """Fit what needs fitting, and maximise the acquisition."""
        ...

    def predict(self, data: Data) -> tuple[np.ndarray, np.ndarray]:
        """Mean [n] and sd [n] of observations, noise included, by the model of the last call."""
        ...


def absent(name: str) -> list[str]:
    """What an engine needs and is not installed."""
    return [library for library in NEEDED.get(name, ()) if find_spec(library) is None]


def make(name: str, seed: int = 0) -> Engine:
    """An engine without data: "ours", "optuna" or "botorch"."""
    return {"ours": Ours, "optuna": Optuna, "botorch": Botorch}[name](seed)


class Ours:
    """`agents.gp.engine`."""

    def __init__(self, seed: int) -> None:
        from agents.gp.engine.suggester import Suggester

        self.inner = Suggester(DOMAINS, 1.0, grid(), np.random.default_rng(seed))

    def add(self, data: Data, row: int) -> None:
        """Take one observation."""
        self.inner.add(data.features[row], data.losses[row])

    def suggest(self) -> np.ndarray:
        """Append or refit, then search."""
        return self.inner.suggest()

    def predict(self, data: Data) -> tuple[np.ndarray, np.ndarray]:
        """Of noisy observations."""
        mean, sd = self.inner.predict(data.features)
        return mean, np.hypot(sd, self.inner.noise)


class Optuna:
    """`GPSampler` as it comes, on five shares, an integer scale and an integer step level.

    It knows of no simplex: its shares are five numbers from 0 to 1. Its model is read from where
    the sampler keeps it for the next call.
    """

    def __init__(self, seed: int) -> None:
        self._optuna: Any = import_module("optuna")
        self._torch: Any = import_module("torch")
        self._torch.set_num_threads(1)
        self._optuna.logging.set_verbosity(self._optuna.logging.ERROR)
        kinds = self._optuna.distributions
        shares = {f"w{i}": kinds.FloatDistribution(0.0, 1.0) for i in range(DOMAINS)}
        places = {
            "s": kinds.IntDistribution(0, SCALES - 1),
            "t": kinds.IntDistribution(0, LEVELS - 1),
        }
        self._kinds = {**shares, **places}
        self._sampler: Any = self._optuna.samplers.GPSampler(seed=seed)
        self._study: Any = self._optuna.create_study(sampler=self._sampler)
        self._values: list[float] = []

    def add(self, data: Data, row: int) -> None:
        """A completed trial."""
        value = float(data.losses[row])
        self._values.append(value)
        self._study.add_trial(
            self._optuna.trial.create_trial(
                params=self._parameters(data, row), distributions=self._kinds, value=value
            )
        )

    def suggest(self) -> Any:
        """Ask for a trial; it is told to have failed, so that it is not pending."""
        trial = self._study.ask(self._kinds)
        self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
        return trial.params

    def predict(self, data: Data) -> tuple[np.ndarray, np.ndarray]:
        """Of noisy observations."""
        space = import_module("optuna._gp.search_space").SearchSpace(
            dict(sorted(self._kinds.items()))
        )
        rows = [self._parameters(data, row) for row in range(len(data.losses))]
        (model,) = self._sampler._gprs_cache_list
        x = self._torch.from_numpy(space.get_normalized_params(rows, rows))
        with self._torch.no_grad():
            mean, variance = (part.numpy() for part in model.posterior(x))
        centre, spread = np.mean(self._values), np.std(self._values)
        return centre - spread * mean, spread * np.sqrt(variance + model.noise_var.item())

    def _parameters(self, data: Data, row: int) -> dict[str, Any]:
        shares = {f"w{i}": float(share) for i, share in enumerate(data.shares[row])}
        return {**shares, "s": int(data.index[row, 0]), "t": int(data.index[row, 1])}


class Botorch:
    """`SingleTaskGP` and log EI, as an expert has it: 4 starts at each of 70 places, one batch.

    The shares are a softmax of what L-BFGS-B moves, so that candidates lie in the simplex. Starts
    are the best of 16 a place.
    """

    def __init__(self, seed: int) -> None:
        import_module("botorch")  # sets filters of warnings, and others may be set after
        self._torch: Any = import_module("torch")
        self._torch.set_num_threads(1)
        self._torch.manual_seed(seed)
        self._x: list[np.ndarray] = []
        self._y: list[float] = []
        self._model: Any = None

    def add(self, data: Data, row: int) -> None:
        """Keep one observation."""
        self._x.append(data.features[row])
        self._y.append(float(data.losses[row]))

    def suggest(self) -> Any:
        """A new model, its fit, and the best of 280 ascents."""
        self._fit()
        torch = self._torch
        best = -min(self._y)
        improvement = import_module("botorch.acquisition").LogExpectedImprovement(self._model, best)
        places = torch.from_numpy(np.repeat(grid(), RAW, axis=0))
        raw = torch.cat([torch.randn(len(places), DOMAINS, dtype=torch.float64), places], dim=-1)

        def score(z: Any) -> Any:
            """At logits and places [m, 1, 7], of which the places stay where they are."""
            shares = torch.softmax(z[..., :DOMAINS], dim=-1)
            return improvement(torch.cat([shares, z[..., DOMAINS:].detach()], dim=-1))

        with torch.no_grad():
            scores = score(raw[:, None]).reshape(-1, RAW)
        kept = scores.topk(STARTS).indices + RAW * torch.arange(len(scores))[:, None]
        moved, values = import_module("botorch.generation.gen").gen_candidates_scipy(
            raw[kept.flatten()][:, None], score,
            lower_bounds=-12.0, upper_bounds=12.0, options={"maxiter": 200},
        )  # fmt: skip
        best = moved[int(values.argmax())]
        return torch.cat([torch.softmax(best[..., :DOMAINS], dim=-1), best[..., DOMAINS:]], dim=-1)

    def predict(self, data: Data) -> tuple[np.ndarray, np.ndarray]:
        """Of noisy observations."""
        torch = self._torch
        with torch.no_grad():
            found = self._model.posterior(torch.from_numpy(data.features), observation_noise=True)
        mean, variance = (part.detach().numpy()[:, 0] for part in (found.mean, found.variance))
        return -mean, np.sqrt(variance)

    def _fit(self) -> None:
        torch = self._torch
        x = torch.from_numpy(np.array(self._x))
        y = -torch.tensor(self._y, dtype=torch.float64)[:, None]
        self._model = import_module("botorch.models").SingleTaskGP(x, y)
        mll = import_module("gpytorch.mlls").ExactMarginalLogLikelihood
        import_module("botorch").fit_gpytorch_mll(mll(self._model.likelihood, self._model))
