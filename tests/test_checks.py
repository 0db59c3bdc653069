"""The public checkers: silent on what is sound, and every fault planted is named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from types import SimpleNamespace

import numpy as np
import pytest

import mixenv
from mixenv import FAMILIES, check_surface, check_task
from mixenv.checks.secrets import found_in
from mixenv.checks.task import DRAWS
from mixenv.make_task import make_task
from mixenv.metrics import accuracy, loss
from mixenv.noise import Noise
from mixenv.region import CappedSimplex
from mixenv.surfaces.rows import RowsSurface
from mixenv.task import Task
from mixenv.truth import Optimum


@dataclass(frozen=True, eq=False)
class Bowl:
    """A sound surface: two quadratic metrics on three domains, at two scales."""

    name: str = "bowl"
    provenance: str = "synthetic"
    support: str = "closed form"
    fingerprint: str = "bowl-1"
    domains: tuple[str, ...] = ("web", "code", "books")
    metric_set: tuple = (loss("web"), accuracy("quiz", 100))
    metric_names: tuple[str, ...] = ("web", "quiz")
    scales: tuple[float, ...] = (1e8, 1e9)
    steps: tuple[int, ...] = (100, 200, 300)
    cost_unit: str = "FLOPs"

    def step_cost(self, scale):
        return 6 * scale

    def metrics(self, mixture, scale, steps, xp=np):
        far = xp.sum((mixture - np.array([0.6, 0.3, 0.1])) ** 2, axis=-1)
        web = 2.0 + far + 1e3 / scale**0.5 + 10.0 / steps
        return xp.stack([web, 0.5 - 0.1 * far + 0 * web], axis=-1)

    def curve(self, mixture, scale, steps, xp=np):
        return self.metrics(mixture[:, None, :], scale[:, None] + 0 * steps, steps, xp)


def changed(base, **members):
    """A subclass of `base` with these members."""
    return type("Changed", (base,), members)


def metrics_with(change):
    """The bowl with its metrics, and so its curve, changed."""

    def metrics(self, mixture, scale, steps, xp=np):
        return change(self, Bowl.metrics(self, mixture, scale, steps, xp), (mixture, scale, steps))

    return changed(Bowl, metrics=metrics)()


def spoil(self, values, asked):
    asked[0][:] = 0.0
    return values


def dream(self, values, asked):
    return values + np.random.default_rng().normal(size=values.shape)


def by_batch(self, values, asked):
    return values + len(values)


def drifting(self, values, asked):
    object.__setattr__(self, "fingerprint", self.fingerprint + "'")
    return values


def only_odd(self, values, asked):
    return values[1:]


def raising(*_):
    raise RuntimeError("no such query")


SURFACES = [
    (Bowl(name=""), r"name: expected a string, got ''"),
    (Bowl(support=3), "support: expected a string, got 3"),
    (Bowl(cost_unit=None), "cost_unit: expected a string, got None"),
    (Bowl(provenance="hearsay"), "provenance: expected one of measured, .*, got 'hearsay'"),
    (Bowl(domains=("web", "web", "books")), "domains: expected at least 2 distinct names, got"),
    (Bowl(metric_names=("web", "web")), "metric_names: expected at least 1 distinct names, got"),
    (Bowl(metric_names=("quiz", "web")), "metric_names: expected those of metric_set, .* got"),
    (Bowl(scales=(1e9, 1e8)), "scales: expected positive numbers, ascending, got"),
    (Bowl(scales=()), r"scales: expected positive numbers, ascending, got \[\]"),
    (Bowl(steps=(0, 100)), r"steps: expected positive numbers, ascending, got \[0, 100\]"),
    (Bowl(steps=(100.5, 200.0)), "steps: expected whole numbers, got others"),
    (changed(Bowl, step_cost=lambda self, s: 0.0)(), r"step_cost\(1e\+08\): expected a positive"),
    (changed(Bowl, step_cost=raising)(), "step_cost: raised RuntimeError: no such query"),
    (changed(Bowl, metrics=raising)(), "metrics: raised RuntimeError: no such query"),
    (metrics_with(lambda s, v, a: v.tolist()), "metrics: expected a float64 array, got list"),
    (metrics_with(lambda s, v, a: v.astype(np.float32)), "metrics: .* float64 array, got float32"),
    (metrics_with(only_odd), r"metrics: expected shape \(8, 2\), got \(7, 2\)"),
    (metrics_with(lambda s, v, a: v * np.nan), "metrics: expected finite numbers, got others"),
    (metrics_with(spoil), "metrics: expected its arguments to stay as they are, got them changed"),
    (metrics_with(dream), "metrics: expected the same numbers when asked again"),
    (metrics_with(by_batch), "metrics: expected a batch to equal its queries alone"),
    (metrics_with(drifting), "fingerprint: expected the same one after queries and in a copy"),
    (Bowl(domains=5), "names: raised TypeError: 'int' object is not iterable"),
    (Bowl(scales=5), "grid: raised TypeError: 'int' object is not iterable"),
    (changed(Bowl, curve=raising)(), "curve: raised RuntimeError: no such query"),
    (
        changed(Bowl, curve=lambda self, m, s, t: Bowl.curve(self, m, s, t + 1))(),
        "curve: expected the metrics at its checkpoints",
    ),
    (
        changed(Bowl, curve=lambda self, m, s, t: Bowl.metrics(self, m, s, t[:, 0]))(),
        r"curve: expected shape \(8, 5, 2\), got \(8, 2\)",
    ),
    (SimpleNamespace(name="stub"), "expected the attributes of a Surface, no .*'step_cost'"),
]


def test_sound_surfaces_pass(toy, recorded):
    for surface in (Bowl(), toy, RowsSurface(recorded), mixenv.load_surface("surrogate")):
        assert check_surface(surface) is None


@pytest.mark.parametrize(("surface", "fault"), SURFACES, ids=[fault for _, fault in SURFACES])
def test_a_fault_of_a_surface_is_named(surface, fault):
    with pytest.raises(ValueError, match=rf"surface .*: \d+ wrong[^$]*\n- {fault}"):
        check_surface(surface)


def test_all_faults_are_listed_at_once():
    surface = changed(Bowl, metrics=raising)(name="", steps=(100, 200), domains=("a", "b", "b"))
    with pytest.raises(ValueError, match="surface '': 4 wrong") as caught:
        check_surface(surface)
    starts = [line.split(":")[0] for line in str(caught.value).splitlines()[1:]]
    assert starts == ["- name", "- domains", "- metrics", "- curve"]


# Recorded runs


def wrong_locate(self, mixture, scale):
    row, _ = RowsSurface.locate(self, mixture, scale)
    return row, 0.5


def other_locate_many(self, mixture, scale):
    rows, distances = RowsSurface.locate_many(self, mixture, scale)
    return rows + 1, distances


ROWS = [
    ({"pool": lambda self, s, t=0: np.empty((0, 3))}, "expected a mixture a run, got 0, 2"),
    (
        {"pool": lambda self, s, t=0: 2 * RowsSurface.pool(self, s, t)},
        "expected shares that sum to 1, got others",
    ),
    ({"locate": wrong_locate}, "expected a recorded mixture to be its own nearest run"),
    ({"locate_many": other_locate_many}, "expected locate_many to say what locate does"),
    ({"length": lambda self, row: 1}, "expected ascending checkpoints that end with length"),
    (
        {"metrics": lambda self, m, s, t: RowsSurface.metrics(self, m, s, t) + 1},
        "expected metrics at a recorded mixture to be what its run recorded",
    ),
    ({"locate_many": raising}, "raised RuntimeError: no such query"),
]


@pytest.mark.parametrize(("members", "fault"), ROWS, ids=[fault for _, fault in ROWS])
def test_a_fault_of_recorded_runs_is_named(recorded, members, fault):
    with pytest.raises(ValueError, match=rf"\n- recorded runs.*: {fault}"):
        check_surface(changed(RowsSurface, **members)(recorded))


# Tasks


def task_on(surface, kind=Task, **changes):
    """A task of this class on a surface."""
    base = make_task(surface, metric="web", max_share=0.7, budget=2.0)
    fields = {name: getattr(base, name) for name in Task.__dataclass_fields__}
    return kind(**fields | changes)


def bent(**members):
    """A task on the bowl with these members."""
    kind = changed(Task, **members)
    for name, member in members.items():
        if isinstance(member, cached_property):
            member.__set_name__(kind, name)
    return task_on(Bowl(), kind)


def best(mixture, value=None, sd=0.1):
    """An optimum at `mixture`, by default with its true value."""

    def of(self):
        at = np.array(mixture)
        scale, steps = self.target
        true = self.surface.metrics(at[None], np.array([scale]), np.array([steps]))[0, 0]
        return Optimum(at, float(true) if value is None else value, sd)

    return property(of)


class Dice(Noise):
    """Noise from no seed at all."""

    def add(self, mean, *_):
        return mean + np.random.default_rng().normal(size=mean.shape)


class Memory(Noise):
    """Noise that grows with every call."""

    def add(self, mean, mixture, growth, own, common, xp=np):
        calls.append(1)
        return mean + len(calls) + 0 * own


class Same(Noise):
    """Noise that no seed changes."""

    def add(self, mean, mixture, growth, own, common, xp=np):
        return mean + 0.1


class Broken(Noise):
    """Noise that is no number."""

    def add(self, mean, mixture, growth, own, common, xp=np):
        return mean * np.nan


calls: list[int] = []


def noisy(kind):
    """A task with this noise."""

    def of(self):
        sound = Task.noise_model.func(self)
        return kind(**{f: getattr(sound, f) for f in Noise.__dataclass_fields__})

    return bent(noise_model=cached_property(of))


def problem_with(**changes):
    """A task whose problem is changed."""

    def of(self):
        problem = Task.problem.func(self)
        given = {k: v(self, problem) for k, v in changes.items()}
        return replace(problem, **given)

    return bent(problem=cached_property(of))


class Nowhere(CappedSimplex):
    """A region whose draws are all alike."""

    def sample(self, rng, n):
        return np.tile([0.4, 0.4, 0.2], (n, 1))


def leaky(task, problem):
    """An objective that closes over the task."""
    return lambda values, xp=np: problem.objective(values, xp) + 0 * task.budget


TASKS = {
    "surface: metric_names: expected at least 1": lambda: task_on(
        Bowl(metric_names=("web", "web"))
    ),
    "optimum: expected a mixture of the region": lambda: bent(optimum=best([0.9, 0.1, 0.0])),
    "optimum: raised ValueError: mixture: expected shares": lambda: bent(
        optimum=best([0.9, 0.1, 0.0])
    ),
    "optimum: expected its value to be the surface's .*, got 1.5": lambda: bent(
        optimum=best([0.6, 0.3, 0.1], 1.5)
    ),
    r"optimum: expected no random mixture to beat .*, got 2\.06": lambda: bent(
        optimum=best([0.1, 0.3, 0.6])
    ),
    "regret: expected 0 at the optimum, got 0.3": lambda: bent(regret=lambda self, w: 0.3),
    "regret: expected at least 0, got -1": lambda: bent(regret=lambda self, w: -1.0),
    "sd: expected about .*, that of random mixtures, got 7": lambda: bent(sd=7.0),
    "sd: expected about .*, that of random mixtures, got -0": lambda: bent(sd=-0.1),
    "objective: expected it to vary over the region": lambda: bent(region=Nowhere(3, 0.7)),
    "objective: expected finite values at target": lambda: bent(
        objective=lambda self, values, xp=np: values[..., 0] * np.nan
    ),
    "cost: expected 1.0 of a run at target, got 2.0": lambda: bent(cost=lambda self, s, t: 2.0),
    r"problem.cost: expected \(2, 3\), got \(3, 2\)": lambda: problem_with(
        cost=lambda task, problem: problem.cost.T
    ),
    "problem.cost: expected positive costs that ascend": lambda: problem_with(
        cost=lambda task, problem: problem.cost[:, ::-1]
    ),
    "budget: expected to pay the cheapest run": lambda: task_on(Bowl(), budget=0.001),
    "noise: expected the same outcome of one seed": lambda: noisy(Dice),
    "noise: expected the same outcome whatever came before": lambda: noisy(Memory),
    "noise: expected seeds to differ only where .* noise='seed' and the same": lambda: noisy(Same),
    "noise: expected finite outcomes, got others": lambda: noisy(Broken),
    "noise: expected seeds to differ only where .* noise=0.0 and other": lambda: wrongly_off(),
    r"problem: .* got it in problem\.pools\['secret'\]": lambda: problem_with(
        pools=lambda task, problem: {"secret": task}
    ),
    r"problem: .* got it in problem\.objective\.__closure__": lambda: problem_with(
        objective=leaky
    ),
    r"problem: .* got it in problem\.pools\['best'\]": lambda: problem_with(
        pools=lambda task, problem: {"best": task.optimum.value}
    ),
    "costs: raised RuntimeError: no such query": lambda: bent(cost=raising),
}  # fmt: skip


def wrongly_off():
    """A task that says its noise is off, and has some."""

    class Hidden(Noise):
        asked = 0

        @property
        def off(self):
            Hidden.asked += 1
            return Hidden.asked > 5  # off when the checker asks

    def of(self):
        sound = Task.noise_model.func(replace(self, noise=1.0))
        return Hidden(**{f: getattr(sound, f) for f in Noise.__dataclass_fields__})

    kind = changed(Task, noise_model=cached_property(of))
    kind.__dict__["noise_model"].__set_name__(kind, "noise_model")
    return task_on(Bowl(), kind, noise=0.0)


def test_sound_tasks_pass(toy, recorded):
    check_task(task_on(Bowl()))
    check_task(task_on(Bowl(), noise=0.0))
    check_task(make_task(toy, max_share=0.5, metric="worst_loss", noise="0.5sd"))
    check_task(make_task(RowsSurface(recorded), metric="web"))
    assert DRAWS >= 1024


SHIPPED = [f for f in FAMILIES if f.ships and not {"instance"} & set(f.options)]


@pytest.mark.parametrize("family", SHIPPED[:2] + SHIPPED[-1:], ids=lambda f: f.id)
def test_tasks_that_ship_pass(family):
    import gymnasium as gym

    check_task(gym.make(family.id).unwrapped.task)


@pytest.mark.parametrize("fault", TASKS)
def test_a_fault_of_a_task_is_named(fault):
    with pytest.raises(ValueError, match=rf"task .*: \d+ wrong[^$]*\n- {fault}"):
        check_task(TASKS[fault]())


def test_an_optimum_off_a_pool_is_named(recorded):
    kind = changed(Task, optimum=best([0.3, 0.3, 0.4]))
    task = make_task(RowsSurface(recorded), metric="web")
    off = kind(**{name: getattr(task, name) for name in Task.__dataclass_fields__})
    with pytest.raises(ValueError, match="- optimum: expected a mixture of the region"):
        check_task(off)


# Where a secret may hide


class Slotted:
    __slots__ = ("inner", "unset")

    def method(self):
        return self


def hidden(secret):
    """Every way from an object to another that is looked into."""
    slotted = Slotted()
    slotted.inner = secret
    return {
        "[0]": [secret],
        "['a']": {"a": secret},
        ".args[1]": partial(print, 1, secret),
        ".inner": slotted,
        ".__self__.inner": slotted.method,
        ".__closure__": lambda: secret,
        ".x.y": SimpleNamespace(x=SimpleNamespace(y=secret)),
        "[2]": np.array([1, 2, secret], dtype=object),
    }


def test_secrets_are_found_wherever_they_hide():
    secret = Bowl()
    for path, holder in hidden(secret).items():
        assert found_in(holder, (), (secret,), 0.5) == [f"problem{path}"]
        assert found_in(holder, (Bowl,), (), 0.5) == [f"problem{path}"]
        assert found_in(holder, (Task,), (), 0.5) == []
    circle: list = [0.5]
    circle.append(circle)
    assert found_in(circle, (), (), 0.5) == ["problem[0]"]
