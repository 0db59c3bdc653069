"""C6: 64 candidate mixtures at the target under noise, decided by the agent's shipped network.

The tasks of the `noise` suite at its loud levels, each played as a bandit: every pull is a new full
run at the target (`DataMixtureBandit-v0`), 40 rounds. All rules see the same outcomes z = (y -
centre) / sd, constants of the task; they read one network, and differ in how they decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.claims.claim import Bound, Measured, Row
from benchmarks.claims.players import RULES, Agents, Network, Player
from benchmarks.claims.shop import Shop
from benchmarks.statistics.interval import Interval
from benchmarks.statistics.interval import mean as interval
from mixenv.bandit import BanditEnv

METRICS, LEVELS = ("mean_loss", "stack_exchange"), ("0.5sd", "1sd", "heteroscedastic")
ARMS, ROUNDS = 64, 40
RIVAL = "mfms-plus"
QUIET = "0.1sd"  # no claim there, shown only


@dataclass(frozen=True, eq=False)
class Regrets:
    """Cumulative and simple regret [runs], in sd units."""

    cumulative: np.ndarray
    simple: np.ndarray

    def and_(self, other: Regrets) -> Regrets:
        """Both, one after the other."""
        return Regrets(
            np.concatenate([self.cumulative, other.cumulative]),
            np.concatenate([self.simple, other.simple]),
        )

    def lists(self) -> dict[str, list[float]]:
        """As JSON-able values."""
        return {"cumulative": self.cumulative.tolist(), "simple": self.simple.tolist()}


def bandit(shop: Shop) -> Measured:
    """C6: paired differences of cumulative regret, at each noise over both tasks."""
    rows: list[Row] = []
    every = {}
    for level in (*LEVELS, QUIET):
        shop.say(f"C6: noise {level}")
        found = played(shop, level)
        every[level] = {rule: regrets.lists() for rule, regrets in found.items()}
        lead = lead_of(found, "multi", "single")
        rows.append(Row(f"{level}: multi less single, cumulative regret (sd)", lead.value))
        if level in LEVELS:
            above = Bound(high=0, strict=True)
            rows.append(Row(f"{level}: its upper end of 95%", lead.high, above))
    return Measured(tuple(rows), _said(shop), {"mixtures": every})


def _said(shop: Shop) -> str:
    return (
        f"{', '.join(METRICS)}; {shop.effort.bandits} episodes each ({shop.effort.rivals} of "
        f"{RIVAL}), {ARMS} arms, {ROUNDS} rounds; regret in sd units; no claim at {QUIET}"
    )


def lead_of(found: dict[str, Regrets], rule: str, other: str) -> Interval:
    """The difference of cumulative regrets, paired by episode, with its 95% interval."""
    return interval(found[rule].cumulative - found[other].cumulative)


def played(shop: Shop, level: str) -> dict[str, Regrets]:
    """Each rule's regrets at a noise level, over both tasks; the rival plays fewer episodes."""
    found: dict[str, Regrets] = {}
    for metric in METRICS:
        seeds = [1000 * shop.seed + i for i in range(shop.effort.bandits)]
        world = World(metric, level, tuple(seeds))
        each = {rule: play(world, Network(world.envs(), rule, shop.seed)) for rule in RULES}
        few = replace(world, seeds=tuple(seeds[: shop.effort.rivals]))
        if few.seeds and level in LEVELS:
            each[RIVAL] = play(few, Agents(few.envs(), RIVAL, few.seeds))
        for rule, regrets in each.items():
            found[rule] = found[rule].and_(regrets) if rule in found else regrets
    return found


@dataclass(frozen=True)
class World:
    """Episodes on one metric and noise: the seed decides an episode's arms and its noise."""

    metric: str
    level: str
    seeds: tuple[int, ...]

    def envs(self) -> list[BanditEnv]:
        """Fresh environments, reset."""
        made = [
            BanditEnv(ARMS, seed, ROUNDS, self.metric, noise=self.level, max_share=0.5)
            for seed in self.seeds
        ]
        for env, seed in zip(made, self.seeds, strict=True):
            env.reset(seed=seed)
        return made


def play(world: World, player: Player) -> Regrets:
    """Regrets of a player over the episodes of a world."""
    envs = world.envs()
    truth = np.array([env.arm_regrets / env.task.sd for env in envs])
    run, total = np.arange(len(envs)), np.zeros(len(envs))
    for t in range(ROUNDS):
        arm = player.choose(t)
        player.learn(t, arm, [env.step(a)[-1] for env, a in zip(envs, arm, strict=True)])
        total += truth[run, arm]
    return Regrets(total, truth[run, player.best()])
