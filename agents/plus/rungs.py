"""The rounds of a race: where each is run, and how many runs it has."""

from __future__ import annotations

from typing import NamedTuple

from agents.grid import fraction_steps
from agents.plus.design import fidelity
from agents.plus.settings import Settings
from mixenv.problem import Problem


class Rung(NamedTuple):
    """Where a round is run, and how many go on to it at most."""

    scale: float
    steps: int
    most: int


def rungs(
    problem: Problem, settings: Settings, rounds: tuple[tuple[float, float, int], ...]
) -> list[Rung]:
    """The rounds, ascending in scale or price; shorter, then fewer runs, where the budget is small.

    A round listed twice runs its mixtures again, unless no scale is as cheap as it should be.
    """
    most = settings.race_share * problem.budget
    nominal = _cost([(price, price * part, count) for price, part, count in rounds])
    thrift = min(1.0, most / nominal)
    found: list[Rung] = []
    last = (0.0, 0.0)
    for price, part, count in rounds:
        scale, steps = fidelity(problem, price, part * thrift, settings)
        fresh = problem.price(scale, steps)
        again = (price, part) == last and fresh <= 2 * price * part
        if again or not found or scale > found[-1].scale or fresh > problem.price(*found[-1][:2]):
            found.append(Rung(scale, steps, count))
        last = price, part
    spent = _cost([(scale, problem.price(scale, steps), count) for scale, steps, count in found])
    keep = min(1.0, most / max(spent, 1e-300))
    return [rung._replace(most=max(1, round(keep * rung.most))) for rung in found]


def heat(problem: Problem, settings: Settings) -> list[Rung]:
    """The rounds after the race; none where the budget has no room for both at full length."""
    both = (settings.race_rounds, settings.race_heat)
    price = sum(_cost([(p, p * part, count) for p, part, count in rounds]) for rounds in both)
    room = settings.race_heat and price <= settings.race_share * problem.budget
    return rungs(problem, settings, settings.race_heat) if room else []


def meeting(problem: Problem, settings: Settings, found: list[Rung]) -> Rung:
    """Where two runs are compared: at the cheapest scale that is dear enough, above the first's.

    Shorter where even that is much dearer.
    """
    least, part = settings.race_check
    full = {scale: problem.price(scale, problem.target[1]) for scale in problem.scales}
    dear = [s for s in problem.scales if s > found[0].scale and full[s] >= least]
    scale = min(dear, key=full.__getitem__, default=problem.target[0])
    part *= min(1.0, 2 * least / full[scale]) * found[-1].steps / problem.target[1]
    return Rung(scale, fraction_steps(problem, part), 2)


def _cost(rounds: list[tuple[float, float, int]]) -> float:
    """What rounds (scale, price of a fresh run, runs) cost if those at one scale go on."""
    paid = dict[tuple[float, int], float]()  # by scale and place in the round
    total = 0.0
    for scale, price, count in rounds:
        for place in range(count):
            known = paid.get((scale, place), 0.0)
            total += price - known if price > known else price
            paid[scale, place] = price
    return total
