"""Play one episode: an agent against an environment."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from agents.protocol import Agent
from mixenv.problem import Experiment, Outcome

OnStep = Callable[[Experiment, Outcome, float], object]


def rollout(
    agent: Agent, env: Any, seed: int, on_step: OnStep | None = None
) -> list[tuple[Experiment, Outcome]]:
    """Ask, step and tell until the episode ends; return what was done and what it showed.

    `env` is a Gymnasium environment with `env.unwrapped.task.problem`, reset with `seed`. A step
    that showed nothing, because nothing was affordable, is neither told nor returned.
    `on_step(experiment, outcome, seconds)` is called after each tell, with the wall-clock seconds
    that the agent took to decide and to learn.
    """
    env.reset(seed=seed)
    problem = env.unwrapped.task.problem
    history: list[tuple[Experiment, Outcome]] = []
    over = False
    while not over:
        started = perf_counter()
        asked = agent.ask()
        thinking = perf_counter() - started
        _, _, terminated, truncated, info = env.step(problem.action(asked))
        over = bool(terminated or truncated)
        done, outcome = Experiment.from_info(info), Outcome.from_info(info)
        if done.steps == 0:
            continue
        started = perf_counter()
        agent.tell(done, outcome)
        thinking += perf_counter() - started
        history.append((done, outcome))
        if on_step is not None:
            on_step(done, outcome, thinking)
    return history
