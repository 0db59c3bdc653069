"""PPO in one file of JAX: thousands of different tasks at once, the whole training loop compiled.

Every episode is another synthetic task: six full runs at the target, whose regret is that of the
best mixture seen. The policy reads the history of the episode and says the next mixture, so it has
to learn how to search: no mixture is good for all tasks. The reward is `improvement`, in standard
deviations of the task's objective; its sum over an episode is how far the best value came down.
Episodes are `mixenv.functional`'s, with the task an argument (`mixenv.randomised`), so one program
plays 2 048 of them, each on a task of its own, and learns from them.

The constant is the mixture of least mean regret, noise-free, over the training tasks, among all of
the lattice of tenths: an oracle's choice. Random search draws mixtures uniformly. All three are
judged on the same held-out tasks and noise, at the same cost.

    python docs/examples/ppo_jax.py --figure ppo_jax.png
    python docs/examples/ppo_jax.py --small               # what the tests run
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.statistics import compare
from mixenv import randomised
from mixenv.randomised import RandomisedGame, TaskArrays
from mixenv.simplex import lattice
from mixenv.synthetic_tasks import SyntheticTasks
from mixenv.task import Task

BUDGET, DOMAINS, CAP = 6, 5, 0.5  # target runs, and experiments: each is a full run at the target
EPISODES, EPOCHS, BATCHES, HIDDEN = 2048, 4, 8, 128
RATE, CLIP, DECAY, ENTROPY = 1e-3, 0.2, 0.95, 0.003


class Step(NamedTuple):
    """Decisions [..., ]: what was seen, coordinates, their log-probability, value and reward."""

    seen: Any
    action: Any
    chance: Any
    value: Any
    reward: Any
    regret: Any


def tasks(split: str, count: int, seed: int) -> tuple[Task, TaskArrays]:
    """A task, and a table of `count` like it; the cost is the same for all, and left out."""
    family = SyntheticTasks(
        DOMAINS, metrics=("mean_loss",), noises=("seed",), budget=(BUDGET, BUDGET), max_share=CAP,
        cost_weight=0.0, split=split,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    drawn = [family.draw(rng) for _ in range(count)]
    return drawn[0], randomised.stack(drawn)


def game(task: Task) -> RandomisedGame:
    """Six experiments, of which the policy sees all that it has made."""
    return randomised.make(task, reward="improvement", curve=None, max_experiments=BUDGET)


def mixture(u: Any) -> Any:
    """The mixture of coordinates [d]: softmax(3 u), moved to the nearest that keeps the cap."""
    w = jax.nn.softmax(3 * u)

    def halve(_: int, ends: Any) -> Any:  # clip(w - t, 0, cap), such that shares sum to one
        middle = 0.5 * (ends[0] + ends[1])
        over = jnp.clip(w - middle, 0, CAP).sum() > 1
        return jnp.where(over, middle, ends[0]), jnp.where(over, ends[1], middle)

    low, high = jax.lax.fori_loop(0, 30, halve, (-1.0, 1.0))
    w = jnp.clip(w - 0.5 * (low + high), 0, CAP)
    return w / w.sum()


def network(key: Any) -> dict[str, Any]:
    """Random weights: two layers each for the policy and for the value, and the policy's spread."""
    sizes = {"actor": DOMAINS, "critic": 1}
    width, weights = BUDGET * (DOMAINS + 4) + 1, {"log_sd": jnp.full(DOMAINS, -0.5)}
    for name, out in sizes.items():
        for i, (n, m) in enumerate([(width, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, out)]):
            key, now = jax.random.split(key)
            gain = 1.0 if i < 2 else 0.01
            weights[f"{name}{i}"] = gain * jax.random.orthogonal(now, max(n, m))[:n, :m]
            weights[f"{name}_bias{i}"] = jnp.zeros(m)
    return weights


def apply(weights: Any, name: str, x: Any) -> Any:
    """The outputs of one of the two networks."""
    for i in range(2):
        x = jnp.tanh(x @ weights[f"{name}{i}"] + weights[f"{name}_bias{i}"])
    return x @ weights[f"{name}2"] + weights[f"{name}_bias2"]


def log_chance(weights: Any, seen: Any, action: Any) -> Any:
    """The policy's log-density of coordinates [..., d]."""
    z = (action - apply(weights, "actor", seen)) / jnp.exp(weights["log_sd"])
    return (-0.5 * z**2 - weights["log_sd"]).sum(-1)


def play(rules: RandomisedGame, weights: Any, task: TaskArrays, key: Any, spread: Any) -> Step:
    """One episode by the policy: steps [BUDGET, ...]; no spread: by its mean."""
    target = {"scale": 6, "steps": 194}
    start, *keys = jax.random.split(key, BUDGET + 1)

    def one(carry: Any, key: Any) -> Any:
        state, best, regret = carry
        told = rules.observe(task, state)
        rows = [told[name] for name in ("mixture", "metrics", "mask")]
        seen = jnp.append(jnp.concatenate(rows, axis=-1).ravel(), told["count"] / BUDGET)
        noise = spread * jnp.exp(weights["log_sd"]) * jax.random.normal(key, (DOMAINS,))
        action = apply(weights, "actor", seen) + noise
        state, done = rules.step(task, state, {"mixture": mixture(action), **target})
        value = rules.objective(task, done.info["metrics"])
        now = rules.regret(task, done.info["experiment"]["mixture"])
        regret, best = jnp.where(value < best, now, regret), jnp.minimum(value, best)
        step = Step(
            seen, action, log_chance(weights, seen, action), apply(weights, "critic", seen)[0],
            done.reward / task.spread, regret,
        )  # fmt: skip
        return (state, best, regret), step

    state = rules.init(task, jax.random.key_data(start))
    return jax.lax.scan(one, (state, jnp.inf, 0.0), jnp.stack(keys))[1]


def advantages(steps: Step) -> Any:
    """Generalised advantage estimates [n, BUDGET], undiscounted."""
    after = jnp.pad(steps.value[:, 1:], ((0, 0), (0, 1)))
    found = [jnp.zeros(len(after))]
    for t in reversed(range(BUDGET)):
        surprise = steps.reward[:, t] + after[:, t] - steps.value[:, t]
        found.append(surprise + DECAY * found[-1])
    return jnp.stack(found[:0:-1], axis=1)


def loss(weights: Any, steps: Step, ahead: Any) -> Any:
    """The clipped objective of PPO over a part of the decisions."""
    ratio = jnp.exp(log_chance(weights, steps.seen, steps.action) - steps.chance)
    scaled = (ahead - ahead.mean()) / (ahead.std() + 1e-8)
    policy = jnp.minimum(ratio * scaled, jnp.clip(ratio, 1 - CLIP, 1 + CLIP) * scaled).mean()
    error = apply(weights, "critic", steps.seen)[..., 0] - steps.value - ahead
    return 0.5 * (error**2).mean() - policy - ENTROPY * weights["log_sd"].sum()


def trainer(rules: RandomisedGame, table: TaskArrays, rounds: int) -> Any:
    """The whole training, one function of a key: weights, and the mean return of each round."""
    rate = optax.linear_schedule(RATE, 0.0, rounds * EPOCHS * BATCHES)
    adam = optax.chain(optax.clip_by_global_norm(0.5), optax.adam(rate))
    table = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), table)

    def part(state: Any, batch: Any) -> Any:
        change, moments = adam.update(jax.grad(loss)(state[0], *batch), state[1])
        return (optax.apply_updates(state[0], change), moments), None

    def learn(state: Any, key: Any) -> Any:
        drawing, playing, mixing = jax.random.split(key, 3)
        chosen = jax.random.randint(drawing, (EPISODES,), 0, len(table.budget))
        several = jax.vmap(lambda t, k: play(rules, state[0], t, k, 1.0))
        keys = jax.random.split(playing, EPISODES)
        steps = several(jax.tree.map(lambda a: a[chosen], table), keys)
        batch = jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), (steps, advantages(steps)))
        for key in jax.random.split(mixing, EPOCHS):
            order = jax.random.permutation(key, EPISODES * BUDGET).reshape(BATCHES, -1)
            state, _ = jax.lax.scan(
                part, state, jax.tree.map(lambda a, order=order: a[order], batch)
            )
        return state, steps.reward.sum(1).mean()

    def train(key: Any) -> Any:
        weights = network(key)
        state, returns = jax.lax.scan(
            learn, (weights, adam.init(weights)), jax.random.split(key, rounds)
        )
        return state[0], returns

    return jax.jit(train)


def judged(
    rules: RandomisedGame, weights: Any, table: TaskArrays, constant: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """Regrets [tasks, BUDGET], sd units, of the best mixture seen after each run."""
    count = len(table.budget)
    keys = jax.random.split(jax.random.key(seed), count)
    of_policy = jax.jit(jax.vmap(lambda t, k: play(rules, weights, t, k, 0.0).regret))(table, keys)
    region = rules.rules.task.region
    drawn = region.sample(np.random.default_rng(seed), count * BUDGET).reshape(count, BUDGET, -1)

    def searched(task: TaskArrays, key: Any, mixtures: Any) -> Any:
        def one(carry: Any, w: Any) -> Any:
            state, best, regret = carry
            state, done = rules.step(task, state, {"mixture": w, "scale": 6, "steps": 194})
            value = rules.objective(task, done.info["metrics"])
            regret = jnp.where(value < best, rules.regret(task, w), regret)
            return (state, jnp.minimum(value, best), regret), regret

        state = rules.init(task, jax.random.key_data(jax.random.split(key, BUDGET + 1)[0]))
        return jax.lax.scan(one, (state, jnp.inf, 0.0), mixtures)[1]

    of_random = jax.jit(jax.vmap(searched))(table, keys, drawn)
    fixed = jax.vmap(rules.regret, (0, None))(table, constant)
    return {
        "PPO": np.asarray(of_policy),
        "random search": np.asarray(of_random),
        "best constant": np.repeat(np.asarray(fixed)[:, None], BUDGET, axis=1),
    }


def best_constant(rules: RandomisedGame, table: TaskArrays) -> np.ndarray:
    """The mixture [d] of the lattice with the least mean regret over training tasks."""
    mixtures = lattice(DOMAINS, 10, CAP)
    over = jax.vmap(jax.vmap(rules.regret, (None, 0)), (0, None))
    return mixtures[int(jax.jit(over)(table, mixtures).mean(axis=0).argmin())]


def draw(curves: dict[str, np.ndarray], path: Path) -> None:
    """Median and quartiles of the regret of curves [tasks, runs]."""
    from matplotlib.figure import Figure

    ax = (figure := Figure(figsize=(5, 3.5), layout="constrained")).subplots()
    for name, curve in curves.items():
        low, middle, high = np.quantile(curve, [0.25, 0.5, 0.75], axis=0)
        runs = np.arange(1, len(middle) + 1)
        ax.fill_between(runs, low, high, alpha=0.2)
        ax.plot(runs, middle, label=name)
    ax.set(xlabel="search cost (target runs)", ylabel="regret (sd)", ylim=(0, None))
    ax.legend(frameon=False)
    figure.savefig(path, dpi=120)


def main(
    steps: int = 6_000_000, count: int = 1000, seed: int = 0, figure: Path | None = None
) -> dict[str, float]:
    """Train, judge, print and assert the claims; mean regrets after the last run."""
    task, table = tasks("train", 4096, seed)
    rules, rounds = game(task), max(1, steps // (EPISODES * BUDGET))
    train = trainer(rules, table, rounds).lower(jax.random.key(seed)).compile()
    began = time.process_time()
    weights, returns = jax.block_until_ready(train(jax.random.key(seed)))
    took = time.process_time() - began
    print(
        f"{rounds} rounds of {EPISODES} episodes: {rounds * EPISODES * BUDGET / took:,.0f} steps/s"
    )
    print(f"return, sd: {returns[0]:.2f} in the first round, {returns[-1]:.2f} in the last")
    _, held_out = tasks("heldout", count, seed)
    curves = judged(rules, weights, held_out, best_constant(rules, table), seed)
    last = {name: curve[:, -1] for name, curve in curves.items()}
    print(f"PPO: regret {last['PPO'].mean():.2f} sd on {count} held-out tasks")
    for name in ("random search", "best constant"):
        difference = compare(last["PPO"], last[name]).difference
        print(f"{name}: {last[name].mean():.2f}; PPO less it {difference.shown()}")
        assert difference.high < 0, f"PPO: expected less regret than {name}"
    if figure:
        draw(curves, figure)
    return {name: float(values.mean()) for name, values in last.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="short training, as in the tests")
    parser.add_argument("--steps", type=int, default=6_000_000)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    small = {"steps": 1_000_000, "count": 400} if given.small else {}
    main(**{"steps": given.steps, "count": given.tasks, **small}, seed=given.seed,
         figure=given.figure)  # fmt: skip
