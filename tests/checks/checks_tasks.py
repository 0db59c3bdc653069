"""Tasks on the bowl, sound ones and ones with something wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from checks_bowl import Bowl, changed

from mixenv.make_task import make_task
from mixenv.noise import Noise
from mixenv.region import CappedSimplex
from mixenv.task import Task
from mixenv.truth import Optimum


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
