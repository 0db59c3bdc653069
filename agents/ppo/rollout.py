"""Episodes of randomised tasks under the policy, all in one program of JAX.

The reward is minus the regret (sd units) of the mixture recommended so far, over the logarithm of
cost: an episode's return is minus the mean regret between a tenth of a target run and its budget,
whatever remains of the budget at the end counting with the last recommendation. The regret is the
surface's own: known where tasks are synthetic, and never shown to the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from agents.ppo import belief, moves, network, region, warp
from agents.ppo.belief import Belief
from agents.ppo.look import START, Books, look
from agents.ppo.warp import Warp
from mixenv.functional import GameState
from mixenv.randomised import RandomisedGame, TaskArrays
from mixenv.task import Task


class Play(NamedTuple):
    """One episode under way: its task's number, the game, what is known and bought, the regret."""

    task: Any
    game: GameState
    known: Belief
    books: Books
    regret: Any
    earned: Any
    warp: Warp


class Seen(NamedTuple):
    """One decision: what was looked at, action, its log-probability, value, reward, end.

    `total` is the return of an episode that ended here, else 0.
    """

    look: Any
    action: Any
    chance: Any
    value: Any
    reward: Any
    over: Any
    total: Any


@dataclass(frozen=True, eq=False)
class Arena:
    """The tasks of `table` [n, ...], all like `task`, played by `game`."""

    game: RandomisedGame
    table: TaskArrays
    task: Task

    def begin(self, key: Any) -> Play:
        """A new episode of a random task."""
        chosen, noise, warping = jax.random.split(key, 3)
        number = jax.random.randint(chosen, (), 0, len(self.table.budget))
        task, d = self._of(number), len(self.task.surface.domains)
        equal, zero = jnp.full(d, 1 / d, jnp.float32), jnp.zeros((), jnp.int32)
        return Play(
            number, self.game.init(task, jax.random.key_data(noise)),
            belief.nothing(d, jnp, jnp.float32),
            Books(
                jnp.zeros(()), jnp.float32(task.budget), jnp.zeros(moves.RUNGS), equal, zero, zero,
                equal, equal,
            ),
            self.game.regret(task, equal), jnp.zeros(()), warp.drawn(warping, d),
        )  # fmt: skip

    def decide(self, weights: network.Weights, play: Play, key: Any) -> tuple[Play, Seen]:
        """One experiment by the policy; a new episode where it was the last."""
        drawing, choosing, again = jax.random.split(key, 3)
        cap = self.task.max_share
        rows = region.CORNERS + region.INSIDE, len(play.books.last)
        uniforms = jax.random.uniform(drawing, rows, minval=1e-6)
        offer = moves.offer(play.known, play.books.best, play.books.last, cap, uniforms, jnp)
        seen = look(play.known, play.books, offer, jnp)
        logits, value = network.act(weights, seen, jnp)
        action = jax.random.categorical(choosing, logits)
        chance = jax.nn.log_softmax(logits)[action]
        play, reward, over = self._buy(play, offer, action)
        total = jnp.where(over, play.earned, 0.0)
        fresh = self.begin(again)
        play = jax.tree.map(lambda new, old: jnp.where(over, new, old), fresh, play)
        return play, Seen(seen, action, chance, value, reward, over, total)

    def _of(self, number: Any) -> TaskArrays:
        return TaskArrays(*(jnp.asarray(array, jnp.float32)[number] for array in self.table))

    def _buy(self, play: Play, offer: moves.Offer, action: Any) -> tuple[Play, Any, Any]:
        """Carry out an action: the episode after it, the reward, whether it ended."""
        task, (which, size, length) = self._of(play.task), moves.parts(action)
        sizes, lengths = (jnp.asarray(rungs) for rungs in moves.rungs(self.task.problem))
        mixture = offer.mixtures[which]
        asked = {"mixture": mixture, "scale": sizes[size], "steps": lengths[length]}
        game, result = self.game.step(task, play.game, asked)
        rung = moves.rung(size, length)
        known = self._learn(task, play, rung, result.info)
        done = result.info["experiment"]["steps"] > 0
        counts = play.books.counts.at[rung].add(done * 1.0)
        several, cap = counts.sum() > 1, self.task.max_share
        best = moves.recommended(known, offer, mixture, several, cap, jnp)
        books = Books(
            game.episode.spent, play.books.budget, counts, mixture, size, length, best,
            play.books.best,
        )  # fmt: skip
        over = result.terminated | result.truncated
        regret = self.game.regret(task, best)
        reward = earned(play.regret, regret, play.books.spent, books.spent, books.budget, over)
        total = play.earned + reward
        return Play(play.task, game, known, books, regret, total, play.warp), reward, over

    def _learn(self, task: TaskArrays, play: Play, rung: Any, info: Any) -> Belief:
        """The belief after an outcome, if there was one."""
        done, (at, steps) = info["experiment"], self.task.target
        shown = done["steps"] > 0
        size = jnp.where(shown, done["scale"] / at, 1.0)
        length = jnp.where(shown, done["steps"] / steps, 1.0)
        value = self.game.objective(task, info["metrics"])
        value += task.spread * warp.warped(play.warp, done["mixture"], size, length)
        told = belief.learn(play.known, done["mixture"], size, length, rung, value, jnp)
        return jax.tree.map(lambda new, old: jnp.where(shown, new, old), told, play.known)


def earned(before: Any, after: Any, low: Any, high: Any, budget: Any, over: Any) -> Any:
    """The reward of an experiment that took the cost from `low` to `high` of the budget.

    Minus the regret `before` it over the logarithm of its cost; where the episode is `over`, minus
    the regret `after` it over what is left.
    """

    def between(low: Any, high: Any) -> Any:
        return jnp.log((high + START) / (low + START))

    paid = before * between(low, high)
    paid += jnp.where(over, after * between(high, jnp.maximum(budget, high)), 0.0)
    return -paid / between(0.0, budget)
